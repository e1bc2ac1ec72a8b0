"""What installing a pack would do to the limits of open tasks: it is installed, and undone."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from server.cli.queries import ACTOR
from server.grid.models import Area
from server.kernel.database import writing
from server.regime import service
from server.regime.service import Installation
from server.tasks.clock import deadline_of
from server.tasks.models import Task

SHOWN = 20


class Move(NamedTuple):
    """An open task whose limit would be another."""

    task: str
    title: str
    was: datetime | None
    becomes: datetime | None


class _Undone(Exception):
    """Ends the transaction of a trial."""


def limits_moved(timezone: str, today: date, wanted: Installation) -> list[Move]:
    """The open tasks whose limit would be another; the transaction is undone.

    A task lives by the pack of its area on the day its clock began. Those whose limit does not
    follow from a pack (set by a person, extended, resumed) keep it.
    """
    moves: list[Move] = []
    try:
        with writing() as session:
            term = service.install(session, ACTOR, today, wanted)
            session.flush()
            moves += _moves(session, ZoneInfo(timezone), f"{term.pack}@{term.version}")
            raise _Undone
    except _Undone:
        return moves


def _moves(session: Session, zone: ZoneInfo, ref: str) -> Iterator[Move]:
    follows = or_(Task.limit_number.is_not(None), Task.due.is_(None))
    still_open = (Task.done_at.is_(None), Task.closed_at.is_(None), Task.clock_from.is_not(None))
    rows = session.execute(
        select(
            *(Task.id, Task.title, Task.area, Task.due, Task.clock_from),
            *(Task.kind, Task.category, Task.template, Area.level),
        )
        .join(Area, Area.id == Task.area)
        .where(*still_open, follows)
        .order_by(Task.id)
    )
    for row in rows:
        pack = service.in_force(session, row.area, row.clock_from.astimezone(zone).date())
        if pack is None or pack.ref != ref:
            continue
        deadline = deadline_of(pack, row, row.level)
        work = service.worktime(session, pack)
        due = work.add(row.clock_from, deadline.limit) if deadline else None
        if due != row.due:
            yield Move(row.id, row.title, row.due, due)
