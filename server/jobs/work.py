"""Which room does which kind of job (后台作业)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from server.dispatch.pushes import jobs as pushes
from server.dispatch.pushes.service import PUSH
from server.duty import jobs as duty
from server.duty.service.relief import POST_ENDED
from server.kernel.queue import Claimed
from server.photos.copies import jobs as photos
from server.photos.copies.service import JOIN, LOOK
from server.tasks import jobs as tasks


@dataclass(frozen=True, slots=True)
class Work:
    """`do` does the job and ends it in the transaction of its effect (`queue.ending`).

    What it raises is a failed try; `queue.TryFailed` says why in a word. After the last one
    `given_up` writes down what the job's room wants to keep of it.
    """

    do: Callable[[Claimed], None]
    given_up: Callable[[Session, Claimed, str], None]


WORK: Mapping[str, Work] = {
    LOOK: Work(photos.look, photos.look_given_up),
    JOIN: Work(photos.join, photos.join_given_up),
    tasks.RECOMPUTE: Work(tasks.recompute, tasks.recompute_given_up),
    tasks.RECOMPUTE_PART: Work(tasks.recompute_part, tasks.recompute_given_up),
    POST_ENDED: Work(duty.hand_on, duty.hand_on_given_up),
    PUSH: Work(pushes.drive, pushes.given_up),
}
