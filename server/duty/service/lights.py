"""Who is told that a light turned (黄灯, 红灯), once each; red may ask for an explanation."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.duty import audience, queries
from server.duty.service.telling import about
from server.grid.scope import today
from server.notices import service as notices
from server.tasks import governing
from server.tasks import service as tasks
from server.tasks.models import Task
from server.tasks.standing import SERVER

AT_A_TIME = 500
_TURNED: dict[str, Any] = {
    audience.RED: (queries.turned_red, Task.due),
    audience.YELLOW: (queries.turned_yellow, Task.yellow_at),
}
_TOLD = (Task.id, Task.assignee, Task.area, Task.title, Task.due)


def find(session: Session, on: str, after: Any, now: datetime) -> Sequence[Any]:
    """Some tasks (id, of: area, at) after such a row, whose light turned `on` and was not told."""
    turned, by = _TURNED[on]
    return session.execute(queries.by_moment(turned(now), by, AT_A_TIME, after)).all()


def tell(session: Session, on: str, ids: Sequence[str], now: datetime, timezone: str) -> int:
    """Tell of those of the lights of which nobody was told meanwhile; how many.

    What is red is told as red alone.
    """
    rows = _claim(session, on, ids, now)
    _tell(session, on, rows, now, timezone)
    return len(rows)


def _claim(session: Session, on: str, ids: Sequence[str], now: datetime) -> Sequence[Any]:
    """Mark the tasks as told of; whoever comes at the same time passes them by."""
    turned, _ = _TURNED[on]
    some = select(Task.id).where(turned(now), Task.id.in_(ids)).with_for_update(skip_locked=True)
    red = {"told_red": Task.due} if on == audience.RED else {}
    marked = (
        update(Task)
        .where(Task.id.in_(some))
        .values(told_yellow=Task.yellow_at, **red)
        .returning(*_TOLD)
        .execution_options(synchronize_session=False)
    )
    return session.execute(marked).all()


def _tell(session: Session, on: str, rows: Sequence[Any], now: datetime, timezone: str) -> None:
    if not rows:
        return
    areas = {row.area for row in rows}
    governed = governing.in_areas(session, areas, now)
    ground = queries.ground(session, areas, now, today(timezone, now))
    told, asked = [], []
    for row in rows:
        pack = governed[row.area].pack
        who = audience.words(on, pack.notices if pack else ())
        heard = audience.members(who, row.assignee, ground, row.area)
        told += [about(f"task_{on}", member, row) for member in heard]
        if pack and pack.deadlines.red_asks_why and on == audience.RED:
            asked.append(row.id)
    notices.tell(session, told)
    tasks.ask_why(session, SERVER, asked)
