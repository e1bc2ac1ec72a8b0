"""Packs are installed: a version once, and from a day on for an area or for all."""

import hashlib
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.grid.models import Area
from server.kernel import audit, clock, events
from server.kernel.ids import uuid7
from server.kernel.problems import invalid
from server.packs import reading
from server.packs.definition import Pack
from server.regime.models import PackTerm, PackText
from server.regime.service import stamp, telling


@dataclass(frozen=True, slots=True)
class Installation:
    """Where a pack is to hold from when; a day that is over only if `past` is allowed."""

    text: str
    from_day: date
    area: str | None = None
    past: bool = False


def install(session: Session, actor: str, today: date, wanted: Installation) -> PackTerm:
    """The pack holds from its day on; done again it changes nothing.

    PackMistakes if the text is no pack. Problems: `pack_changed` if the version is here with other
    bytes, `pack_past`, `reference_unknown` for the area.
    """
    pack = reading.read(wanted.text)
    if wanted.from_day < today and not wanted.past:
        raise invalid("from", "pack_past")
    # Before the stamp: who gives a post locks its area first, too.
    _lock_area(session, wanted.area)
    stamp.renew(session)
    _keep(session, actor, pack, wanted.text)
    return _standing(session, pack, wanted) or _begin(session, actor, today, pack, wanted)


def _lock_area(session: Session, area: str | None) -> None:
    if area is None:
        return
    found = select(Area.id).where(Area.id == area).with_for_update(read=True, key_share=True)
    if session.scalar(found) is None:
        raise invalid("area", "reference_unknown")


def _begin(session: Session, actor: str, today: date, pack: Pack, wanted: Installation) -> PackTerm:
    term = PackTerm(area=wanted.area, from_day=wanted.from_day, pack=pack.id, version=pack.version)
    term.id, term.created_by, term.created_at = uuid7(), actor, clock.now()
    session.add(term)
    session.flush()
    telling.settle(session, today)
    events.tell(session, events.PACKS_CHANGED, wanted.area, wanted.from_day)
    facts = {"area": wanted.area, "from": wanted.from_day.isoformat()}
    audit.note(session, actor, "pack.install", pack.ref, **facts)
    return term


def _keep(session: Session, actor: str, pack: Pack, text: str) -> None:
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    known = session.get(PackText, (pack.id, pack.version))
    if known is None:
        made = PackText(id=pack.id, version=pack.version, name=pack.name, text=text, sha256=sha256)
        made.object, made.installed_by, made.installed_at = uuid7(), actor, clock.now()
        session.add(made)
        session.flush()
    elif known.sha256 != sha256:
        raise invalid("text", "pack_changed", f"{pack.ref}: {known.sha256}")


def _standing(session: Session, pack: Pack, wanted: Installation) -> PackTerm | None:
    """The newest term that begins in the same place on the same day, if it is the same."""
    same = (PackTerm.area == wanted.area, PackTerm.from_day == wanted.from_day)
    newest = select(PackTerm).where(*same).order_by(PackTerm.id.desc()).limit(1)
    term = session.scalar(newest)
    is_same = term is not None and (term.pack, term.version) == (pack.id, pack.version)
    return term if is_same else None
