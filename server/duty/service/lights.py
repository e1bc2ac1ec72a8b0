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
_TOLD = (Task.id, Task.assignee, Task.area, Task.title, Task.due)


def sweep(session: Session, now: datetime, timezone: str) -> int:
    """Tell of some lights that turned until `now`; how many. What is red is told as red alone."""
    red = _claim(session, queries.turned_red(now), Task.due, told_red=Task.due)
    yellow = _claim(session, queries.turned_yellow(now), Task.yellow_at)
    _tell(session, audience.RED, red, now, timezone)
    _tell(session, audience.YELLOW, yellow, now, timezone)
    return len(red) + len(yellow)


def _claim(session: Session, turned: Any, by: Any, **marks: Any) -> Sequence[Any]:
    """Mark some tasks as told of; whoever comes at the same time passes them by."""
    some = select(Task.id).where(turned).order_by(by).limit(AT_A_TIME)
    marked = (
        update(Task)
        .where(Task.id.in_(some.with_for_update(skip_locked=True)))
        .values(told_yellow=Task.yellow_at, **marks)
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
