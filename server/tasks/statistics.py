"""Figures of tasks (办件统计): in time, late, open by light, how long it takes.

The database counts, and gathers how long things took; the middle of these is found here, once for
each and once for all together.

A task with a limit counts in the period in which it was done or in which its limit fell, whichever
came first, so that it counts once; rate = done in time / counted. Who holds the task has the
figure. The period is half open, [begin, end); lights are those of now.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from sqlalchemy import JSON, ColumnElement, Float, Select, and_, case, func, select, true, union_all
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement

from server.grid.queries import below
from server.grid.scope import Scope
from server.tasks.clock import Light
from server.tasks.lights import STILL_OPEN, condition
from server.tasks.models import Task

AREA, PERSON = "area", "person"
_KEYS: dict[str, Any] = {AREA: Task.area, PERSON: Task.assignee}

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


class _Gathered(FunctionElement[list[float]]):
    """All values of a group; as JSON it is read many times faster than row by row."""

    inherit_cache = True
    type = JSON()


@compiles(_Gathered, "postgresql")
def _by_json_agg(element: _Gathered, compiler: Any, **more: Any) -> str:
    return f"json_agg({compiler.process(element.clauses, **more)})"


@compiles(_Gathered)
def _by_json_group_array(element: _Gathered, compiler: Any, **more: Any) -> str:
    return f"json_group_array({compiler.process(element.clauses, **more)})"


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


def figures(session: Session, asked: Asked, by: str | None) -> tuple[Figures, dict[str, Figures]]:
    """Those of all together; and by area or person those of who has any, by nobody for None."""
    key = _KEYS[by or AREA].label("key")
    found: dict[str, Figures] = {}
    for statement in (_done, _open, _accepting, _finishing):
        for row in session.execute(statement(asked, key)):
            values = dict(row._mapping)
            found.setdefault(str(values.pop("key")), {}).update(values)
    each = {name: _complete(found[name]) for name in sorted(found)} if by else {}
    return _complete(_together(found.values())), each


def _done(asked: Asked, key: Any) -> Select[Any]:
    in_time = and_(Task.due.is_not(None), Task.late.is_(False), Task.done_at < asked.end)
    late = and_(Task.late, asked.holds(Task.due))
    done = Task.done_at < asked.end
    counts = {"done": done, "on_time": in_time, "late": late}
    columns = [_count(which).label(name) for name, which in counts.items()]
    return select(key, *columns).where(asked.within, Task.done_at >= asked.begin).group_by(key)


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
    )
    return still.where(asked.within, STILL_OPEN).group_by(key)


def _count(which: ColumnElement[bool]) -> Any:
    return func.coalesce(func.sum(case((which, 1), else_=0)), 0)


def _accepting(asked: Asked, key: Any) -> Select[Any]:
    accepted = _took(asked, key, Task.accepted_at)
    # Two ways to them, each along its index.
    either = union_all(accepted.where(Task.done_at >= asked.begin), accepted.where(STILL_OPEN))
    return _gathered(either.subquery(), "accept_s")


def _finishing(asked: Asked, key: Any) -> Select[Any]:
    return _gathered(_took(asked, key, Task.done_at).subquery(), "finish_s")


def _took(asked: Asked, key: Any, moment: Any) -> Select[Any]:
    took = _Seconds(Task.clock_from, moment).label("took")
    return select(key, took).where(asked.within, asked.holds(moment), Task.clock_from.is_not(None))


def _gathered(times: Any, name: str) -> Select[Any]:
    gathered = _Gathered(times.c.took).label(name)
    return select(times.c.key, gathered).group_by(times.c.key)


def _together(found: Iterable[Mapping[str, Any]]) -> Figures:
    """The counts summed, the times of all, the oldest of the oldest."""
    every: dict[str, list[Any]] = {}
    for one in found:
        for name, value in one.items():
            if value is not None:
                every.setdefault(name, []).append(value)
    oldest = min(every.pop("oldest_red", []), default=None)
    times = {name: [took for part in every.pop(name, []) for took in part] for name in _TIMES}
    return {name: sum(values) for name, values in every.items()} | times | {"oldest_red": oldest}


_TIMES = ("accept_s", "finish_s")


def _complete(told: Mapping[str, Any]) -> Figures:
    """With a nought where nothing was found, and no rate or median out of nothing."""
    names = ("done", "on_time", "late", "overdue", *map(str, Light))
    counts = {name: int(told.get(name) or 0) for name in names}
    lights = {str(light): counts.pop(light) for light in Light}
    due = counts["on_time"] + counts["late"] + counts["overdue"]
    rate = counts["on_time"] / due if due else None
    return {
        **counts,
        "due": due,
        "on_time_rate": rate,
        "open": lights,
        "oldest_red": told.get("oldest_red"),
        **{name: round(median(told[name])) if told.get(name) else None for name in _TIMES},
    }
