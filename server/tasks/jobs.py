"""What the worker does with tasks, piece by piece."""

from typing import Any

from sqlalchemy.orm import Session

from server.kernel import clock, lots, queue
from server.kernel.database import reading
from server.kernel.queue import Claimed
from server.tasks.service import recomputing

RECOMPUTE, RECOMPUTE_PART = "task_recompute", "task_recompute_part"
_FIRST = "first"


def calendar_changed(session: Session, *told: Any) -> None:
    """Limits may end otherwise now. A listener of `calendar_changed` and `packs_changed`."""
    queue.put(session, RECOMPUTE, _FIRST)


def recompute(job: Claimed) -> None:
    """Recompute one batch of limits, and have the next one done.

    What is recomputed twice moves once. A part that broke is a job of its own, a while later.
    """
    with reading() as session:
        rows = recomputing.batch(session, None if job.key == _FIRST else job.key)
    done = lots.do_lot(RECOMPUTE, rows, recomputing.recompute)
    parts = {part[0].id: [row.id for row in part] for part in done.broken}
    with queue.ending(job) as session:
        queue.put_all(session, RECOMPUTE_PART, parts, clock.now() + queue.pause(1))
        last = recomputing.last(rows)
        if last is not None:
            queue.put(session, RECOMPUTE, last)


def recompute_part(job: Claimed) -> None:
    """Recompute the limits of a part that broke, where they may still move."""
    with queue.ending(job) as session:
        recomputing.recompute(session, recomputing.still_moving(session, job.payload))


def recompute_given_up(session: Session, job: Claimed, error: str) -> None:
    """The limits stay as they were; the job that failed tells of it."""
