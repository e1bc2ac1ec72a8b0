"""A street full of tasks whose clocks run: open ones of every light, and those done in a season.

Phones do some tasks; what the server wrote for these is written again and again by the driver.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from bench import street
from bench.cases.copies import Copy, renewed
from bench.cases.filling import write
from bench.cases.stage import Stage
from bench.floor import Row, Rows, rows_where
from bench.load import WrongAnswer
from bench.phones import Phone
from server.kernel import clock
from server.kernel.database import db, reading
from server.tasks.models import Task, TaskEvent

LIMIT = timedelta(days=10)


@dataclass(frozen=True)
class _Kind:
    """What a phone does with `each` tasks of five, and how long ago the oldest were given."""

    each: int
    steps: tuple[str, ...]
    oldest: timedelta


# With the giving of it, each has four events. A third of the open ones is past its limit.
KINDS = (
    _Kind(2, ("accept", "start", "progress"), timedelta(days=15)),
    _Kind(3, ("accept", "start", "complete"), timedelta(days=90)),
)


@dataclass(frozen=True)
class _Written:
    """What the server wrote for the tasks of one kind."""

    tasks: list[Row]
    events: list[Row]
    oldest: timedelta


def fill_clocked(stage: Stage, upto: int) -> None:
    """Until so many tasks with a limit are stored, with their events; needs the app's context."""
    have = _count()
    if have >= upto:
        return
    originals = [_written(stage, kind) for kind in KINDS]
    steps = range(_count(), upto, sum(len(one.tasks) for one in originals))
    write(stage, _copies(originals, steps), "tasks with a limit", steps)


def _count() -> int:
    with reading() as session:
        limited = select(func.count()).select_from(Task).where(Task.due.is_not(None))
        return session.scalar(limited) or 0


def _written(stage: Stage, kind: _Kind) -> _Written:
    ids = [task for phone in stage.phones for task in _acted(phone, kind)]
    with db.engine.connect() as connection:
        tasks = rows_where(connection, Task.__table__, Task.id.in_(ids))
        events = rows_where(connection, TaskEvent.__table__, TaskEvent.task.in_(ids))
    return _Written([_told(row) for row in tasks], events, kind.oldest)


def _acted(phone: Phone, kind: _Kind) -> list[str]:
    """The ids of new tasks with which the phone did the steps."""
    ids = street.assign(phone.worker, kind.each, due=clock.now() + LIMIT)
    lines = phone.notebook.begin()
    for task in ids:
        for step in kind.steps:
            phone.notebook.action(task, step)
    told = phone.hand_in([lines])
    if told != {"accepted": len(lines)}:
        raise WrongAnswer(f"{len(lines)} × accepted expected, {dict(told)} told")
    return ids


def _told(row: Row) -> Row:
    """The same when its lights were told of, as those of a running deployment are."""
    return row | {"told_yellow": row["yellow_at"], "told_red": row["due"]}


def _copies(originals: list[_Written], steps: range) -> Iterator[Rows]:
    """The oldest ones first, in even steps."""
    for number, at in enumerate(steps):
        share = 1 - number / len(steps)
        tasks, events = Task.__table__, TaskEvent.__table__
        rows: Rows = []
        for one in originals:
            copy = Copy(f"limited {at}", -share * one.oldest)
            rows += [(tasks, renewed(tasks, one.tasks, copy))]
            rows += [(events, renewed(events, one.events, copy))]
        yield rows
