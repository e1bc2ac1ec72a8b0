"""What the worker does with tasks, piece by piece."""

from typing import Any

from sqlalchemy.orm import Session

from server.kernel import lots, queue
from server.kernel.database import reading
from server.kernel.queue import Claimed
from server.tasks.service import recomputing

RECOMPUTE = "task_recompute"
_FIRST = "first"


def calendar_changed(session: Session, *told: Any) -> None:
    """Limits may end otherwise now. A listener of `calendar_changed` and `packs_changed`."""
    queue.put(session, RECOMPUTE, _FIRST)


def recompute(job: Claimed) -> None:
    """Recompute one batch of limits, and have the next one done.

    What is recomputed twice moves once.
    """
    with reading() as session:
        rows = recomputing.batch(session, None if job.key == _FIRST else job.key)
    lots.do_lot(RECOMPUTE, rows, recomputing.recompute)
    with queue.ending(job) as session:
        last = recomputing.last(rows)
        if last is not None:
            queue.put(session, RECOMPUTE, last)


def recompute_given_up(session: Session, job: Claimed, error: str) -> None:
    """The limits stay as they were; the job that failed tells of it."""
