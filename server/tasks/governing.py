"""Under which rules (规则包) a task stands: the pack in force, the level, how time is counted."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.grid.models import Area
from server.grid.scope import today
from server.packs.definition import Deadline, Pack
from server.packs.worktime import WorkTime
from server.regime import rules as regime_rules
from server.regime.books import Books, books
from server.regime.service.holding import TIMEZONE, the_pack
from server.tasks import clock
from server.tasks.demands import demanded
from server.tasks.standing import NewTask, Standing

Where = tuple[str, date]
"""(area, local day)"""


@dataclass(frozen=True, slots=True)
class Governed:
    """What holds in an area; `level` is that of the area in its tree, where a pack asks for it."""

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


_timezone = TIMEZONE


def count_days_in(timezone: str) -> None:
    """Say in which zone the days of the deployment are; called once, in server/rooms.py."""
    global _timezone
    _timezone = timezone


def day_of(at: datetime) -> date:
    """The day of `at` in the deployment's zone."""
    return today(_timezone, at)


def in_areas(session: Session, areas: Iterable[str], at: datetime) -> dict[str, Governed]:
    """By area, what holds there on the day of `at`."""
    day = day_of(at)
    found = _governed(session, {(area, day) for area in areas})
    return {area: governed for (area, _), governed in found.items()}


def of_tasks(session: Session, tasks: Iterable[Standing], now: datetime) -> dict[str, Governed]:
    """By task, what holds for it: the rules of its area on the day its clock began to run."""
    where = {task.id: (task.terms.area, day_of(task.clock_from or now)) for task in tasks}
    found = _governed(session, set(where.values()))
    return {task: found[place] for task, place in where.items()}


def of(session: Session, task: Standing, now: datetime) -> Governed:
    """What holds for one task."""
    return of_tasks(session, [task], now)[task.id]


def _governed(session: Session, where: Collection[Where]) -> dict[Where, Governed]:
    """The one place where tasks ask for rules; only packs make it ask for levels."""
    if not where:
        return {}
    held = books(session)
    refs = {place: held.ref(*place) for place in where}
    levels = _levels(session, {area for (area, _), ref in refs.items() if ref})
    return {place: _by(session, held, refs[place], levels.get(place[0])) for place in where}


def _levels(session: Session, areas: Collection[str]) -> dict[str, str]:
    if not areas:
        return {}
    rows = session.execute(select(Area.id, Area.level).where(Area.id.in_(areas)))
    return {row.id: row.level for row in rows}


def _by(session: Session, held: Books, ref: str | None, level: str | None) -> Governed:
    if ref is None:
        return Governed(None, held.worktime(regime_rules.OFFICE, _timezone), None)
    pack = the_pack(session, held, ref)
    return Governed(pack, held.worktime(pack.calendar, pack.timezone), level)
