"""What is read of notices."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.grid.models import Member
from server.notices.models import Notice


def listed(session: Session, member: str, args: dict[str, Any]) -> Sequence[Notice]:
    """Up to `limit` + 1 notices of the member, the newest first; `after` goes on to older ones.

    `unread` leaves out what was read.
    """
    statement = select(Notice).where(Notice.member == member)
    if args["unread"]:
        statement = statement.where(Notice.read_at.is_(None))
    if args["after"] is not None:
        statement = statement.where(Notice.id < args["after"])
    return session.scalars(statement.order_by(Notice.id.desc()).limit(args["limit"] + 1)).all()


def own(session: Session, member: str, ids: Sequence[str]) -> Sequence[Notice]:
    """Those of the notices that are the member's."""
    statement = select(Notice).where(Notice.id.in_(ids), Notice.member == member)
    return session.scalars(statement).all()


def language(session: Session, member: str) -> str:
    """The language of the member, `zh` or `en`."""
    return session.scalar(select(Member.language).where(Member.id == member)) or "zh"
