"""What is swept away once nobody can need it; each sweep returns how many rows went."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from server.config import Settings
from server.grid.models import Device
from server.http.idempotency import IdempotencyKey
from server.kernel import feed, marks, queue
from server.kernel.database import writing
from server.kernel.feed import Inbox
from server.notices import service as notices

KEYS_KEPT = timedelta(days=7)
JOBS_KEPT = timedelta(days=7)
MEMBERS_AT_A_TIME = 500


def idempotency_keys(settings: Settings, now: datetime) -> int:
    """First answers kept for over a week."""
    old = delete(IdempotencyKey).where(IdempotencyKey.at < now - KEYS_KEPT)
    with writing() as session:
        result: Any = session.execute(old)
        return int(result.rowcount)


def done_jobs(settings: Settings, now: datetime) -> int:
    """Jobs done over a week ago."""
    with writing() as session:
        return queue.sweep(session, now - JOBS_KEPT)


def old_marks(settings: Settings, now: datetime) -> int:
    """All but the newest marks."""
    with writing() as session:
        return marks.sweep(session)


def old_notices(settings: Settings, now: datetime) -> int:
    """Notices of over NOTICE_DAYS ago."""
    swept = 0
    while True:
        with writing() as session:
            gone = notices.sweep(session, now - timedelta(days=settings.notice_days))
        if not gone:
            return swept
        swept += gone


def tombstones(settings: Settings, now: datetime) -> int:
    """Removals past TOMBSTONE_DAYS that every live device passed (docs/protocol.md, section 5).

    A device silent for longer than that does not hold them back: it is reset when it comes.
    """
    with writing() as session:
        return _sweep_tombstones(session, now - timedelta(days=settings.tombstone_days))


def _sweep_tombstones(session: Session, before: datetime) -> int:
    old = select(Inbox.member).where(Inbox.op == "remove", Inbox.at < before).distinct()
    members = session.scalars(old.order_by(Inbox.member).limit(MEMBERS_AT_A_TIME)).all()
    passed = _lowest_cursors(session, members, before)
    swept = 0
    for member in members:
        upto = passed[member] if member in passed else feed.counter(session, member)[0]
        swept += feed.sweep_tombstones(session, member, upto, before)
    return swept


def _lowest_cursors(session: Session, members: Sequence[str], before: datetime) -> dict[str, int]:
    """The lowest cursor among each member's live devices; members without one are left out."""
    seen = func.coalesce(Device.seen_at, Device.enrolled_at)
    rows = session.execute(
        select(Device.member, func.min(Device.cursor))
        .where(Device.member.in_(members), Device.state == "active", seen >= before)
        .group_by(Device.member)
    )
    return {member: cursor for member, cursor in rows}
