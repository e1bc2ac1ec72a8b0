"""What the command line reads; everything, as the person at the machine may see everything."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, undefer

from server.grid.models import Area, Member, Post
from server.grid.queries import below
from server.grid.roles import ADMIN
from server.grid.rules import canonical_name
from server.grid.scope import Holding, Scope, in_force
from server.items.models import Item, Quarantine
from server.items.verdicts import QUARANTINED
from server.kernel.ids import canonical
from server.tasks import lights
from server.tasks.clock import Light
from server.tasks.models import Task

ACTOR = "cli"


def everything(day: date) -> Scope:
    """The reach of the person at the machine."""
    return Scope(ACTOR, day, (Holding(ADMIN, None),))


def members(session: Session, text: str) -> Sequence[Member]:
    """Active members whose id, user name or name is `text`."""
    same = (Member.username == canonical_name(text)) | (Member.name == text.strip())
    if (id_ := as_id(text)) is not None:
        same |= Member.id == id_
    return session.scalars(select(Member).where(Member.active, same).order_by(Member.id)).all()


def areas(session: Session, text: str) -> Sequence[Area]:
    """Areas whose id, code or name is `text`; a code or id comes before a name."""
    same = Area.code == text.strip()
    if (id_ := as_id(text)) is not None:
        same |= Area.id == id_
    exact = session.scalars(select(Area).where(same).order_by(Area.id)).all()
    named = select(Area).where(Area.name == text.strip()).order_by(Area.id)
    return exact or session.scalars(named).all()


def area_names(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """The names of these areas, by id."""
    rows = session.execute(select(Area.id, Area.name).where(Area.id.in_(set(ids))))
    return {id_: name for id_, name in rows}


def as_id(text: str) -> str | None:
    """`text` as a canonical UUID, or None."""
    try:
        return canonical(text)
    except ValueError:
        return None


def admins(session: Session, day: date) -> Sequence[str | None]:
    """User names of those who hold the admin's post on `day`."""
    held = select(Member.username).join(Post, Post.member == Member.id)
    return session.scalars(held.where(Member.active, Post.role == ADMIN, in_force(day))).all()


def items(
    session: Session, kind: str | None, member: str | None, since: datetime | None, limit: int
) -> Sequence[Any]:
    """(Item, name of its member), newest first."""
    statement = select(Item, Member.name).join(Member, Member.id == Item.member)
    if kind is not None:
        statement = statement.where(Item.kind == kind)
    if member is not None:
        statement = statement.where(Item.member == member)
    if since is not None:
        statement = statement.where(Item.received_at >= since)
    return session.execute(statement.order_by(Item.id.desc()).limit(limit)).all()


def set_aside(session: Session, every: bool, limit: int) -> Sequence[Any]:
    """(Quarantine, name of its member), newest first; the open ones unless `every`."""
    statement = select(Quarantine, Member.name).join(Member, Member.id == Quarantine.member)
    if not every:
        statement = statement.where(Quarantine.state == "open")
    return session.execute(statement.order_by(Quarantine.id.desc()).limit(limit)).all()


def set_aside_line(session: Session, id_: str) -> Quarantine | None:
    """One line of the quarantine with its bytes."""
    statement = select(Quarantine).where(Quarantine.id == id_).options(undefer(Quarantine.raw))
    return session.scalars(statement).first()


def replayable(session: Session) -> Sequence[str]:
    """Ids of the open lines that could be judged again, oldest first."""
    statement = select(Quarantine.id).where(
        Quarantine.state == "open", Quarantine.status == QUARANTINED
    )
    return session.scalars(statement.order_by(Quarantine.id)).all()


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Which tasks: whose, in `area` and below it, in which state and light, given since and until.

    None is any.
    """

    member: str | None = None
    area: str | None = None
    state: str | None = None
    light: Light | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self, now: datetime) -> list[ColumnElement[bool]]:
        """The same as conditions on Task."""
        narrowed: list[ColumnElement[bool]] = []
        if self.member is not None:
            narrowed.append(Task.assignee == self.member)
        if self.state is not None:
            narrowed.append(Task.state == self.state)
        if self.area is not None:
            narrowed.append(Task.area.in_(below(self.area)))
        if self.light is not None:
            narrowed.append(lights.condition(self.light, now))
        if self.since is not None:
            narrowed.append(Task.created_at >= self.since)
        if self.until is not None:
            narrowed.append(Task.created_at < self.until)
        return narrowed


def tasks(session: Session, narrowed: Narrowed, now: datetime, limit: int) -> Sequence[Any]:
    """(Task, name of its assignee), newest first."""
    statement = select(Task, Member.name).join(Member, Member.id == Task.assignee)
    statement = statement.where(*narrowed.conditions(now))
    return session.execute(statement.order_by(Task.id.desc()).limit(limit)).all()


def exported(session: Session, narrowed: Narrowed, now: datetime) -> Iterator[Any]:
    """(Task, name of its assignee, code and name of its area) of all of them, oldest first."""
    rows = (
        select(Task, Member.name, Area.code, Area.name)
        .join(Member, Member.id == Task.assignee)
        .join(Area, Area.id == Task.area)
        .where(*narrowed.conditions(now))
        .order_by(Task.id)
        .execution_options(yield_per=1000)
    )
    yield from session.execute(rows)


def names(session: Session, ids: Sequence[str]) -> dict[str, str]:
    """The names of these members, by id."""
    rows = session.execute(select(Member.id, Member.name).where(Member.id.in_(ids)))
    return {id_: name for id_, name in rows}
