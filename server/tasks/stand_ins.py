"""Who takes a task in the place of somebody absent (替班); a higher room says so.

Without one that does, everybody is there.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from server.tasks.standing import NewTask

Pairs = Collection[tuple[str, str]]
"""(assignee, area)"""
Who = Callable[[Session, Pairs, datetime], dict[tuple[str, str], str]]
"""(session, pairs, now) → by pair the stand-in; who is there is left out."""

_who: Who | None = None


def ask(who: Who) -> None:
    """Say whom to ask; called once, in server/rooms.py."""
    global _who
    _who = who


def applied(session: Session, tasks: Sequence[NewTask], now: datetime) -> list[NewTask]:
    """The tasks, those for who is absent now in the hands of the stand-ins."""
    pairs = {(new.assignee, str(new.area)) for new in tasks}
    found = _who(session, pairs, now) if _who else {}
    return [_for(new, found.get((new.assignee, str(new.area)))) for new in tasks]


def _for(new: NewTask, stand_in: str | None) -> NewTask:
    return new if stand_in is None else replace(new, assignee=stand_in)


def of(session: Session, assignee: str, area: str, now: datetime) -> str:
    """Who takes what is for `assignee`: that member itself if it is there."""
    found = _who(session, {(assignee, area)}, now) if _who else {}
    return found.get((assignee, area), assignee)
