"""What happened, told upwards: a lower room tells, whoever wants to hear has registered in app.py.

    received        (ids)           items that were accepted, once each
    media_complete  (ids)           items whose last named file is there now, once each
    named           (namings)       [(item, sha256), …] of items that stand
    stored          (sha256, type)  a whole file was handed in; again if it is handed in again
    posts_changed   (members)       their live posts, or what lies above those, are others now
    packs_changed   (area, day)     another pack holds in the area (None: everywhere) from that day
    calendar_changed  (day)         the first day that is worked and was not, or the other way round
    posts_ended     (posts)         [(post, member, area or None), …] that are live no more
    tasks_given     (tasks)         as they stand: new ones but for pushes, and what a person gave
                                    to another
    tasks_returned  (tasks)         as they stand: what was done is to be done again

A listener runs inside the transaction in which it happened: a job that it puts into a queue is
there exactly once, or nothing happened at all. It never commits, and what it raises undoes the
whole transaction, so it does little.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

RECEIVED, MEDIA_COMPLETE, NAMED, STORED = "received", "media_complete", "named", "stored"
POSTS_CHANGED, PACKS_CHANGED = "posts_changed", "packs_changed"
CALENDAR_CHANGED, POSTS_ENDED = "calendar_changed", "posts_ended"
TASKS_GIVEN, TASKS_RETURNED = "tasks_given", "tasks_returned"
EVENTS = frozenset(
    {RECEIVED, MEDIA_COMPLETE, NAMED, STORED}
    | {POSTS_CHANGED, POSTS_ENDED, PACKS_CHANGED, CALENDAR_CHANGED}
    | {TASKS_GIVEN, TASKS_RETURNED}
)

Listener = Callable[..., None]
"""(session, what is told)"""

_listeners: dict[str, list[Listener]] = {name: [] for name in EVENTS}


def listen(name: str, listener: Listener) -> None:
    """Say who hears of `name`, in order of registration; done again it changes nothing."""
    if listener not in _listeners[name]:
        _listeners[name].append(listener)


def is_heard(name: str) -> bool:
    """Whether anybody listens; what is told to nobody need not be found out."""
    return bool(_listeners[name])


def tell(session: Session, name: str, *told: Any) -> None:
    """Call who listens to `name`."""
    for listener in _listeners[name]:
        listener(session, *told)
