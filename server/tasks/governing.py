"""Under which rules (规则包) a task stands: the pack in force, the level, how time is counted."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.grid.models import Area
from server.packs.definition import CalendarRules, Deadline, Pack, Span
from server.packs.worktime import WorkTime
from server.tasks import clock
from server.tasks.demands import demanded
from server.tasks.standing import NewTask, Standing

_MORNING, _AFTERNOON = Span(time(8, 30), time(12)), Span(time(14), time(17, 30))
PLAIN = WorkTime(
    CalendarRules((_MORNING, _AFTERNOON)),
    lambda day: day.isoweekday() < 6,
    ZoneInfo("Asia/Shanghai"),
)


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
    wanted = set(areas)
    levels = select(Area.id, Area.level).where(Area.id.in_(wanted))
    return {row.id: Governed(None, PLAIN, row.level) for row in session.execute(levels)}


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
