"""What is read of packs, terms and days."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from server.grid.models import Area, AreaClosure, Post
from server.grid.scope import in_force
from server.kernel.problems import Problem
from server.regime.models import CalendarDay, PackTerm, PackText
from server.regime.rules import Day, Term


def terms(session: Session) -> list[Term]:
    """All terms of packs."""
    columns = (PackTerm.id, PackTerm.area, PackTerm.from_day, PackTerm.pack, PackTerm.version)
    rows = session.execute(select(*columns))
    return [Term(id_, area, day, f"{pack}@{version}") for id_, area, day, pack, version in rows]


def areas_above(session: Session) -> dict[str, list[str]]:
    """For every area below one that has terms of its own, or with them: those, nearest first."""
    rows = session.execute(
        select(AreaClosure.descendant, AreaClosure.ancestor)
        .where(AreaClosure.ancestor.in_(select(PackTerm.area)))
        .order_by(AreaClosure.descendant, AreaClosure.depth)
    )
    above: dict[str, list[str]] = {}
    for descendant, ancestor in rows:
        above.setdefault(descendant, []).append(ancestor)
    return above


def ancestors(session: Session, areas: Collection[str]) -> dict[str | None, list[str]]:
    """By area, all that it lies in, itself included."""
    links = select(AreaClosure.descendant, AreaClosure.ancestor)
    found: dict[str | None, list[str]] = {}
    for area, above in session.execute(links.where(AreaClosure.descendant.in_(areas))):
        found.setdefault(area, []).append(above)
    return found


def coded_posts(session: Session, day: date) -> Sequence[Row]:
    """(code, area, area_code, area_name) of the posts in force with a code, by code and area."""
    return session.execute(
        select(Post.code, Post.area, Area.code.label("area_code"), Area.name.label("area_name"))
        .outerjoin(Area, Area.id == Post.area)
        .where(Post.code.is_not(None), in_force(day))
        .order_by(Post.code, Area.code, Post.id)
    ).all()


def days(session: Session) -> dict[date, Day]:
    """All days that are written down."""
    columns = (CalendarDay.day, CalendarDay.working, CalendarDay.source, CalendarDay.note)
    return {row[0]: Day(*row[1:]) for row in session.execute(select(*columns))}


def pack_text(session: Session, id_: str, version: int) -> PackText:
    """An installed pack; `not_found`."""
    found = session.get(PackText, (id_, version))
    if found is None:
        raise Problem("not_found")
    return found


def installed(session: Session) -> Sequence[Row]:
    """Where which pack holds from when: by area, the newest term first."""
    return session.execute(
        select(
            *(PackTerm.id, PackTerm.area, PackTerm.from_day, PackTerm.pack, PackTerm.version),
            *(PackTerm.created_by, PackTerm.created_at, PackText.name, PackText.sha256),
            Area.code.label("area_code"),
            Area.name.label("area_name"),
        )
        .join(PackText, (PackText.id == PackTerm.pack) & (PackText.version == PackTerm.version))
        .outerjoin(Area, Area.id == PackTerm.area)
        .order_by(Area.code.nulls_first(), PackTerm.from_day.desc(), PackTerm.id.desc())
    ).all()


def areas_coded(session: Session, code: str) -> list[str]:
    """The areas with this code, in whatever tree."""
    return list(session.scalars(select(Area.id).where(Area.code == code).order_by(Area.id)))
