"""Which pack holds, and how time is counted by it."""

from collections.abc import Callable
from datetime import date
from functools import lru_cache

from sqlalchemy.orm import Session

from server.packs import reading
from server.packs.definition import Pack
from server.packs.worktime import WorkTime
from server.regime import queries, rules
from server.regime.books import Books, books

TIMEZONE = "Asia/Shanghai"
MOST_READ = 64
_read = lru_cache(MOST_READ)(reading.read)


def in_force(session: Session, area: str | None, day: date) -> Pack | None:
    """The pack that holds in `area` on `day`, or None.

    That of the nearest area above it which has one by then, else that of the whole deployment.
    """
    held = books(session)
    ref = held.ref(area, day)
    return None if ref is None else the_pack(session, held, ref)


def the_pack(session: Session, held: Books, ref: str) -> Pack:
    """An installed pack by its ref."""
    if ref not in held.packs:
        id_, _, version = ref.rpartition("@")
        held.packs[ref] = _read(queries.pack_text(session, id_, int(version)).text)
    return held.packs[ref]


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
