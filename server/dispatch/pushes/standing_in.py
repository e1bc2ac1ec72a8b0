"""Who acts for those who are away (离岗): the duty room says so, if it is asked at all."""

from collections.abc import Callable, Collection, Mapping
from datetime import date

from sqlalchemy.orm import Session

StandIns = Mapping[tuple[str, str], str | None]
"""By (member, area) of those who are away: who acts for them there, None if nobody does."""

Resolver = Callable[[Session, Collection[tuple[str, str]], date], StandIns]
"""(session, pairs (member, area), day) → those of the pairs who are away on that day."""

_resolvers: list[Resolver] = []


def resolve_with(resolver: Resolver) -> None:
    """Say who knows of absences; called once, in server/rooms.py; done again changes nothing."""
    if resolver not in _resolvers:
        _resolvers.append(resolver)


def stand_ins(session: Session, pairs: Collection[tuple[str, str]], day: date) -> StandIns:
    """What is known of absences; nobody is away where nobody knows."""
    known: dict[tuple[str, str], str | None] = {}
    for resolver in _resolvers:
        known |= resolver(session, pairs, day)
    return known
