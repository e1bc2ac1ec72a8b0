"""Tasks by their light (灯): `clock.light` as conditions.

What still has a clock is walked along an index that knows no others, and that tells its light.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_

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
