"""Working a push off: some hundred tasks a transaction, each of them exactly once.

A task is given, and its row of the push marked, in one transaction: whoever is killed has given the
tasks of a batch and said so, or neither. Drivers beside each other lock different rows.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import case, update
from sqlalchemy.orm import Session

from server.dispatch.pushes import queries
from server.dispatch.pushes.models import Push, PushTarget
from server.dispatch.pushes.rules import lies_in
from server.duty.service import news
from server.kernel import clock, marks
from server.kernel.problems import Problem
from server.tasks import service as tasks
from server.tasks.service import NewTask

BATCH = 500
_push, _target = Push.__table__.c, PushTarget.__table__.c


def advance(session: Session, id_: str, most: int = BATCH) -> int:
    """Give the next tasks of the push; how many. 0 if none is left, or others are at the rest."""
    push = queries.push_of(session, id_)
    if push is None:
        raise Problem("not_found")
    rows = queries.to_do(session, id_, most)
    if rows:
        tasks.assign_many(session, push.created_by, [_task(push, row) for row in rows])
        marks.touch(session, "push", lies_in(push, rows))
        if _mark(session, id_, [row.no for row in rows]):
            news.pushed(session, push.id, push.title)
    return len(rows)


def _task(push: Push, row: PushTarget) -> NewTask:
    who = {"assignee": row.assignee, "area": row.area, "subject": row.subject}
    task: dict[str, Any] = push.kinds[row.kind] | who | {"id": row.task, "push": push.id}
    return msgspec.convert(task, NewTask)


def _mark(session: Session, push: str, numbers: Sequence[int]) -> bool:
    """Note that these tasks are given; whether they were the last. The others are seen then."""
    marked = update(PushTarget).where(_target.push == push, _target.no.in_(numbers))
    session.execute(marked.values(done=True), execution_options=_QUIETLY)
    done = _push.done + len(numbers)
    done_at = case((done >= _push.total, clock.now()), else_=None)
    counted = update(Push).where(_push.id == push).values(done=done, done_at=done_at)
    ended = session.execute(counted.returning(_push.done_at), execution_options=_QUIETLY)
    return ended.scalar() is not None


_QUIETLY = {"synchronize_session": False}
