"""Tasks by their light (灯): `clock.light` as conditions, and pages of one light.

Only what still has a clock is looked at, along (area, due) or (due): an index that knows no others.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select, union
from sqlalchemy.orm import Session

from server.grid.listing import Asked
from server.grid.queries import below
from server.grid.scope import Scope
from server.kernel import clock
from server.tasks.clock import Light
from server.tasks.models import Task

# As the indexes say it, or SQLite does not know them for its own.
STILL_OPEN = and_(Task.done_at.is_(None), Task.closed_at.is_(None))


def condition(light: Light, now: datetime) -> ColumnElement[bool]:
    """A condition: the task has this light at `now`."""
    if light is Light.NONE:
        without = and_(Task.due.is_(None), Task.suspended_at.is_(None))
        return or_(Task.done_at.is_not(None), Task.closed_at.is_not(None), without)
    if light is Light.SUSPENDED:
        return and_(STILL_OPEN, Task.suspended_at.is_not(None))
    runs = and_(STILL_OPEN, Task.suspended_at.is_(None))
    is_early = or_(Task.yellow_at.is_(None), Task.yellow_at > now)
    return {
        Light.RED: and_(runs, Task.due <= now),
        Light.YELLOW: and_(runs, Task.due > now, Task.yellow_at <= now),
        Light.GREEN: and_(runs, Task.due > now, is_early),
    }[light]


def page(session: Session, scope: Scope, asked: Asked, light: Light) -> Sequence[Task]:
    """Up to `limit` + 1 tasks of this light that the scope shows, by id."""
    return session.scalars(statement(scope, asked, clock.now(), light)).all()


def statement(scope: Scope, asked: Asked, now: datetime, light: Light) -> Select[Any]:
    """What `page` asks the database.

    The ids are gathered first: asked for in order, SQLite would walk all tasks for them.
    """
    shown = and_(condition(light, now), *asked.narrowed, *_narrowed(asked))
    within = select(Task.id).where(scope.covers(Task.area), shown)
    own = select(Task.id).where(Task.assignee == scope.member, shown)
    ids = within if scope.everything else union(within, own)
    return select(Task).where(Task.id.in_(ids)).order_by(Task.id).limit(asked.most)


def _narrowed(asked: Asked) -> list[ColumnElement[bool]]:
    narrowed = []
    if asked.after is not None:
        narrowed.append(Task.id > asked.after)
    if asked.area is not None:
        narrowed.append(Task.area.in_(below(asked.area)))
    if asked.member is not None:
        narrowed.append(Task.assignee == asked.member)
    return narrowed
