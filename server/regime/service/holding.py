"""Which pack holds, and how time is counted by it."""

from collections.abc import Callable
from datetime import date
from functools import lru_cache

import structlog
from sqlalchemy.orm import Session

from server.packs import reading
from server.packs.definition import Pack
from server.packs.reading import PackMistakes
from server.packs.worktime import WorkTime
from server.regime import queries, rules
from server.regime.books import Books, books
from server.regime.models import PackText

TIMEZONE = "Asia/Shanghai"
MOST_READ = 64
log = structlog.get_logger()
_read = lru_cache(MOST_READ)(reading.read)


def in_force(session: Session, area: str | None, day: date) -> Pack | None:
    """The pack that holds in `area` on `day`, or None.

    That of the nearest area above it which has one by then, else that of the whole deployment.
    """
    held = books(session)
    ref = held.ref(area, day)
    return None if ref is None else the_pack(session, held, ref)


def the_pack(session: Session, held: Books, ref: str) -> Pack:
    """An installed pack by its ref; it is there even if it cannot be read as a whole any more."""
    if ref not in held.packs:
        id_, _, version = ref.rpartition("@")
        held.packs[ref] = _held(queries.pack_text(session, id_, int(version)))
    return held.packs[ref]


def _held(row: PackText) -> Pack:
    """The pack; of one that an earlier reader took and this one refuses, what can be read."""
    try:
        return _read(row.text)
    except PackMistakes as mistakes:
        pack = rules.as_named(reading.salvage(row.text), row.id, row.version, row.name)
        left_out = sorted(pack.left_out)
        log.error("pack_refused", pack=pack.ref, reason=str(mistakes), left_out=left_out)
        return pack


def worktime(session: Session, pack: Pack | None, timezone: str = TIMEZONE) -> WorkTime:
    """Working time by the pack; without one the hours of an office (08:30-12:00, 14:00-17:30).

    `timezone` counts where there is no pack.
    """
    if pack is None:
        return books(session).worktime(rules.OFFICE, timezone)
    return books(session).worktime(pack.calendar, pack.timezone)


def workdays(session: Session) -> Callable[[date], bool]:
    """Tells of a day whether it is worked, as far as is known now."""
    return books(session).is_workday
