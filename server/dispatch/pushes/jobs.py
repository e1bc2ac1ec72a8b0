"""A push worked off by the worker: a job does one batch and puts the next one.

So no job outlives its lease, and the end of a job, its tasks and the next job are one transaction.
"""

from datetime import timedelta

from sqlalchemy.orm import Session

from server.dispatch.pushes import driving, queries
from server.dispatch.pushes.service import PUSH
from server.kernel import clock, queue
from server.kernel.queue import Claimed

LOOK_AGAIN = timedelta(seconds=5)
"""Until it is looked whether those who drive the rest are still there."""


def drive(job: Claimed) -> None:
    """Give the next tasks of the push `job.key`."""
    with queue.ending(job) as session:
        given = driving.advance(session, job.key)
        if _is_unfinished(session, job.key):
            queue.put(session, PUSH, job.key, at=None if given else clock.now() + LOOK_AGAIN)


def _is_unfinished(session: Session, id_: str) -> bool:
    push = queries.push_of(session, id_)
    if push is None:
        return False
    session.refresh(push)
    return push.done_at is None


def given_up(session: Session, job: Claimed, reason: str) -> None:
    """The push stands as far as it came; `gewu tasks push --resume` or `gewu jobs retry`."""
