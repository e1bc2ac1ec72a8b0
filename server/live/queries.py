"""What the room reads: where the marks stand, and what moved since."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.grid.auth import Caller
from server.grid.models import AreaClosure
from server.grid.roles import STAFF
from server.kernel import feed, marks
from server.kernel.feed import InboxCounter
from server.kernel.prepared import Prepared
from server.kernel.state import epoch
from server.kernel.statements import among
from server.live import rules
from server.live.rules import INBOX, Hint, Position, Reach, Touched

MOST_MISSED = 1_000
"""Who missed more marks loads everything anew."""
_NO_END = (1 << 31) - 1
_closure, _counter = AreaClosure.__table__.c, InboxCounter.__table__.c
_ABOVE = Prepared(
    select(_closure.descendant, _closure.ancestor).where(among(_closure.descendant, "areas"))
)
_INBOXES = Prepared(select(_counter.member, _counter.last).where(among(_counter.member, "members")))


class Read(NamedTuple):
    """One look at the marks: they are known below `upto`; `touched` stand from where was asked."""

    upto: int
    touched: list[Touched]
    above: dict[str, set[str]]


def reach_of(caller: Caller) -> Reach:
    """What the caller's posts of staff reach."""
    scope = caller.scope.limited_to(STAFF)
    return Reach(None if scope.everything else frozenset(scope.roots))


def position(session: Session, caller: Caller) -> Position:
    """Where the caller stands if it loads everything now."""
    scope = rules.digest(epoch(session), caller.member, reach_of(caller))
    last, _ = feed.counter(session, caller.member)
    return Position(scope, marks.horizon(session), last)


def missed(session: Session, caller: Caller, seen: Position, now: Position) -> list[Hint] | None:
    """What the caller missed since `seen`; None if that cannot be told any more."""
    if seen.scope != now.scope or not marks.is_known(session, seen.since, now.since):
        return None
    look = _look(session, seen.since, now.since, MOST_MISSED + 1)
    if len(look.touched) > MOST_MISSED:
        return None
    told = rules.hints(look.touched, reach_of(caller), look.above)
    return [*told, Hint(INBOX)] if seen.inbox != now.inbox else told


def read(session: Session, since: int) -> Read:
    """What was touched from `since` on."""
    return _look(session, since, marks.horizon(session), _NO_END)


def _look(session: Session, since: int, upto: int, most: int) -> Read:
    touched = [Touched(*mark) for mark in marks.since(session, since, most)]
    return Read(upto, touched, _above(session, {mark.area for mark in touched}))


def _above(session: Session, areas: Collection[str]) -> dict[str, set[str]]:
    """Each area's ancestors, itself among them."""
    found: dict[str, set[str]] = {}
    for row in _ABOVE.all(session, areas=areas) if areas else ():
        found.setdefault(row.descendant, set()).add(row.ancestor)
    return found


def inboxes(session: Session, members: Iterable[str]) -> dict[str, int]:
    """The newest number of each member's inbox; who was never told anything is left out."""
    return {row.member: row.last for row in _INBOXES.all(session, members=set(members))}
