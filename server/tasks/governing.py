"""Under which rules (规则包) a task stands: the pack in force, the level, how time is counted."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.grid.models import Area
from server.grid.scope import today
from server.packs.definition import Deadline, Pack
from server.regime.service import holding
from server.tasks import clock
from server.tasks.demands import demanded
from server.tasks.standing import NewTask, Standing


@dataclass(frozen=True, slots=True)
class Governed:
    """What holds in an area; `level` is that of the area in its tree."""

    pack: Pack | None
    worktime: WorkTime
    level: str | None

    def deadline_of(self, task: Any) -> Deadline | None:
        """The limit that the pack has for a task (`NewTask` or `Terms`)."""
        return clock.deadline_of(self.pack, task, self.level)

    def started(self, new: NewTask, now: datetime) -> NewTask:
        """The task with its clock running from `now`, and what is demanded of it."""
        begun = clock.started(new, self.pack, self.worktime, self.level, now)
        return replace(begun, demands=demanded(self.pack, new))

    def handed_on(self, task: Standing, now: datetime) -> Standing:
        """The task just given to somebody else, whose acceptance is waited for anew."""
        return clock.handed_on(task, self.pack, self.worktime, self.level, now)


def in_areas(session: Session, areas: Iterable[str], at: datetime) -> dict[str, Governed]:
    """By area, what holds there at `at`. The one place where tasks ask for rules."""
    day = today(holding.TIMEZONE, at)
    levels = session.execute(select(Area.id, Area.level).where(Area.id.in_(set(areas))))
    packs = {row: holding.in_force(session, row.id, day) for row in levels}
    return {
        row.id: Governed(pack, holding.worktime(session, pack), row.level)
        for row, pack in packs.items()
    }


def of_tasks(session: Session, tasks: Iterable[Standing], now: datetime) -> dict[str, Governed]:
    """By task, what holds for it: the rules of its area on the day its clock began to run."""
    days: dict[datetime, list[Standing]] = {}
    for task in tasks:
        days.setdefault(task.clock_from or now, []).append(task)
    governed: dict[str, Governed] = {}
    for at, together in days.items():
        in_force = in_areas(session, [task.terms.area for task in together], at)
        governed |= {task.id: in_force[task.terms.area] for task in together}
    return governed


def of(session: Session, task: Standing, now: datetime) -> Governed:
    """What holds for one task."""
    return of_tasks(session, [task], now)[task.id]
