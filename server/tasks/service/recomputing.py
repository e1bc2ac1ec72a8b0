"""Limits after the calendar or the hours changed: tasks not yet due end when they now must."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from server.kernel import clock
from server.packs.definition import Unit
from server.tasks import clock as limits
from server.tasks import governing
from server.tasks.journal import Journal, locked
from server.tasks.lights import STILL_OPEN
from server.tasks.models import Task
from server.tasks.standing import SERVER, Deed, Standing

AT_A_TIME = 500
_BY_CALENDAR = tuple(map(str, (Unit.WORK_HOUR, Unit.WORK_DAY, Unit.NATURAL_DAY)))


class Moved(NamedTuple):
    """The end of a task that moves, or would."""

    task: str
    old: datetime
    new: datetime


def would_move(session: Session, after: str | None = None) -> tuple[list[Moved], str | None]:
    """(what a batch of tasks would move, the last id looked at; None: there are no more).

    Writes nothing; begin without `after`.
    """
    rows = batch(session, after)
    moving = _moving(session, locked(session, [row.id for row in rows]))
    return [_moved(*pair) for pair in moving], last(rows)


def recompute(session: Session, ids: Sequence[str]) -> int:
    """Move the limits of these tasks, each with an event of which its owner is told; how many."""
    journal, now = Journal(locked(session, ids)), clock.now()
    moving = _moving(session, journal.tasks)
    for before, later in moving:
        detail = {"due": limits.move_of(before, later)}
        journal.enter(later, Deed(SERVER, "recompute", now, detail=detail))
    journal.write(session)
    return len(moving)


def batch(session: Session, after: str | None = None) -> Sequence[Any]:
    """Tasks (id, of: area) after an id, whose limits may move with the calendar."""
    rows = _may_move(clock.now())
    beyond = rows if after is None else rows.where(Task.id > after)
    return session.execute(beyond.order_by(Task.id).limit(AT_A_TIME)).all()


def still_moving(session: Session, ids: Sequence[str]) -> Sequence[str]:
    """Those of the tasks whose limits may move with the calendar."""
    return session.scalars(_may_move(clock.now()).where(Task.id.in_(ids))).all()


def _may_move(now: datetime) -> Any:
    """The tasks (id, of: area) that are open and not yet due, with a limit by the calendar."""
    runs = and_(Task.suspended_at.is_(None), Task.due > now)
    stands = and_(Task.suspended_at.is_not(None), Task.due > Task.suspended_at)
    by_limit = and_(Task.limit_number.is_not(None), Task.limit_unit.in_(_BY_CALENDAR))
    return select(Task.id, Task.area.label("of")).where(STILL_OPEN, by_limit, or_(runs, stands))


def last(rows: Sequence[Any]) -> str | None:
    """The id after which the next batch begins; None if there is none."""
    return rows[-1].id if len(rows) == AT_A_TIME else None


def _moving(session: Session, tasks: dict[str, Standing]) -> list[tuple[Standing, Standing]]:
    governed = governing.of_tasks(session, tasks.values(), clock.now())
    pairs = []
    for task in tasks.values():
        rules = governed[task.id]
        later = limits.recomputed(task, rules.deadline_of(task.terms), rules.worktime)
        if later is not task:
            pairs.append((task, later))
    return pairs


def _moved(before: Standing, later: Standing) -> Moved:
    assert before.due is not None and later.due is not None
    return Moved(before.id, before.due, later.due)
