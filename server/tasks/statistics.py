"""Figures of tasks (办件统计): in time, late, open by light, how long it takes. SQL alone.

A task with a limit counts in the period in which it was done or in which its limit fell, whichever
came first, so that it counts once; rate = done in time / counted. Who holds the task has the
figure. The period is half open, [begin, end); lights are those of now.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Float,
    Select,
    and_,
    case,
    func,
    literal,
    select,
    true,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement

from server.grid.queries import below
from server.grid.scope import Scope
from server.tasks.clock import Light
from server.tasks.lights import STILL_OPEN, condition
from server.tasks.models import Task

AREA, PERSON = "area", "person"
_KEYS: dict[str | None, Any] = {AREA: Task.area, PERSON: Task.assignee, None: literal("")}

Figures = dict[str, Any]


class _Seconds(FunctionElement[float]):
    inherit_cache = True
    type = Float()


@compiles(_Seconds, "postgresql")
def _by_epoch(element: _Seconds, compiler: Any, **more: Any) -> str:
    start, end = (compiler.process(clause, **more) for clause in element.clauses)
    return f"EXTRACT(EPOCH FROM ({end} - {start}))::float8"


@compiles(_Seconds)
def _by_julian_day(element: _Seconds, compiler: Any, **more: Any) -> str:
    start, end = (compiler.process(clause, **more) for clause in element.clauses)
    return f"((julianday({end}) - julianday({start})) * 86400.0)"


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose tasks, of which areas and which period, told at `now`."""

    scope: Scope
    area: str | None
    begin: datetime
    end: datetime
    now: datetime

    @property
    def within(self) -> ColumnElement[bool]:
        narrowed = true() if self.area is None else Task.area.in_(below(self.area))
        return and_(self.scope.covers(Task.area), narrowed)

    def holds(self, moment: Any) -> ColumnElement[bool]:
        """A condition: the moment lies in the period."""
        return and_(moment >= self.begin, moment < self.end)


def figures(session: Session, asked: Asked, by: str | None) -> dict[str, Figures]:
    """By area or person (`""`: of all together), the figures of those who have any."""
    key = _KEYS[by].label("key")
    told: dict[str, Figures] = {}
    for found in (_done, _open, _accepting, _finishing):
        for row in session.execute(found(asked, key)):
            values = dict(row._mapping)
            told.setdefault(str(values.pop("key")), {}).update(values)
    return {name: _complete(told[name]) for name in sorted(told)}


def total(session: Session, asked: Asked) -> Figures:
    """The figures of all together."""
    return figures(session, asked, None).get("", _complete({}))


def _done(asked: Asked, key: Any) -> Select[Any]:
    in_time = and_(Task.due.is_not(None), Task.late.is_(False), Task.done_at < asked.end)
    late = and_(Task.late, asked.holds(Task.due))
    done = Task.done_at < asked.end
    counts = {"done": done, "on_time": in_time, "late": late}
    columns = [_count(which).label(name) for name, which in counts.items()]
    since = select(key, *columns).where(asked.within, Task.done_at >= asked.begin)
    return since.group_by(key) if not _is_whole(key) else since


def _open(asked: Asked, key: Any) -> Select[Any]:
    lights = {str(light): condition(light, asked.now) for light in Light}
    is_red = lights[Light.RED]
    overdue = and_(is_red, asked.holds(Task.due))
    columns = [_count(which).label(name) for name, which in lights.items()]
    still = select(
        key,
        *columns,
        _count(overdue).label("overdue"),
        func.min(case((is_red, Task.due))).label("oldest_red"),
    ).where(asked.within, STILL_OPEN)
    return still.group_by(key) if not _is_whole(key) else still


def _is_whole(key: Any) -> bool:
    return key.element is _KEYS[None]


def _count(which: ColumnElement[bool]) -> Any:
    return func.coalesce(func.sum(case((which, 1), else_=0)), 0)


def _accepting(asked: Asked, key: Any) -> Select[Any]:
    took = _Seconds(Task.clock_from, Task.accepted_at).label("took")
    accepted = select(key, took).where(asked.within, asked.holds(Task.accepted_at))
    # Two ways to them, each along its index.
    either = union_all(
        accepted.where(Task.done_at >= asked.begin), accepted.where(STILL_OPEN)
    ).subquery()
    return _median(either, "accept_s")


def _finishing(asked: Asked, key: Any) -> Select[Any]:
    took = _Seconds(Task.clock_from, Task.done_at).label("took")
    done = select(key, took).where(asked.within, asked.holds(Task.done_at))
    return _median(done.subquery(), "finish_s")


def _median(times: Any, name: str) -> Select[Any]:
    """The middle one, or the mean of the middle two, by key."""
    key, took = times.c.key, times.c.took
    place = func.row_number().over(partition_by=key, order_by=took).label("place")
    size = func.count().over(partition_by=key).label("size")
    ranked = select(key, took, place, size).where(took.is_not(None)).subquery()
    twice = 2 * ranked.c.place
    middle = and_(twice >= ranked.c.size, twice <= ranked.c.size + 2)
    median = func.avg(ranked.c.took).label(name)
    return select(ranked.c.key, median).where(middle).group_by(ranked.c.key)


def _complete(told: Figures) -> Figures:
    """With a nought where nothing was found, and no rate or median out of nothing."""
    names = ("done", "on_time", "late", "overdue", *map(str, Light))
    counts = {name: int(told.get(name) or 0) for name in names}
    lights = {str(light): counts.pop(light) for light in Light}
    due = counts["on_time"] + counts["late"] + counts["overdue"]
    rate = counts["on_time"] / due if due else None
    medians = {name: told.get(name) for name in ("accept_s", "finish_s")}
    return {
        **counts,
        "due": due,
        "on_time_rate": rate,
        "open": lights,
        "oldest_red": told.get("oldest_red"),
        **{name: None if took is None else round(took) for name, took in medians.items()},
    }
