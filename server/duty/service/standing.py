"""Who takes what is for somebody absent (替班, AB岗)."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from server.duty import queries, rules
from server.duty.queries import Pairs
from server.grid.scope import today
from server.tasks.stand_ins import Who


def absent(
    session: Session, pairs: Pairs, now: datetime, day: date
) -> dict[tuple[str, str], str | None]:
    """By (member, area) of who is absent, who takes a task there; None if nobody does."""
    away = queries.away(session, now)
    asked = [pair for pair in pairs if pair[0] in away]
    if not asked:
        return {}
    ground = queries.ground(session, {area for _, area in asked}, now, day)
    takers = {pair: rules.stand_in(*pair, ground) for pair in asked}
    return {pair: taker.member if taker else None for pair, taker in takers.items()}


def stand_ins(
    session: Session, pairs: Pairs, now: datetime, timezone: str
) -> dict[tuple[str, str], str]:
    """By (member, area), who takes a task there; who is there, or has nobody, is left out."""
    takers = absent(session, pairs, now, today(timezone, now))
    return {pair: taker for pair, taker in takers.items() if taker is not None}


def stand_in(session: Session, member: str, area: str, now: datetime, timezone: str) -> str:
    """Who takes a task for `member` in `area`: the member itself if it is there."""
    return stand_ins(session, {(member, area)}, now, timezone).get((member, area), member)


def for_tasks(timezone: str) -> Who:
    """What the tasks room asks."""

    def who(session: Session, pairs: Pairs, now: datetime) -> dict[tuple[str, str], str]:
        return stand_ins(session, pairs, now, timezone)

    return who
