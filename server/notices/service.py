"""Telling members (通知): once each, on their feeds, until it is swept."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from server.kernel import clock, feed
from server.kernel.ids import uuid7
from server.kernel.problems import Problem
from server.notices import queries, rules
from server.notices.models import Notice
from server.notices.schemas import NOTICE

KIND = "notice"
SWEPT_AT_A_TIME = 500


@dataclass(frozen=True)
class NewNotice:
    """What `member` is to be told: `kind` of `rules.TEXTS`, about which object of the feed.

    `args` as JSON can hold them; instants as the wire writes them.
    """

    member: str
    kind: str
    object_kind: str
    object: str
    args: dict[str, Any] = field(default_factory=dict)


def tell(session: Session, notices: Iterable[NewNotice]) -> None:
    """Write the notices and put them on the feeds; a member is told the same thing once a call."""
    told = {(n.member, n.kind, n.object): n for n in notices}
    now = clock.now()
    rows = [vars(notice) | {"id": uuid7(), "at": now} for notice in told.values()]
    if rows:
        session.execute(insert(Notice), rows)
        _publish(session, rows, rules.UNREAD)


def _publish(session: Session, rows: Iterable[dict[str, Any]], version: int) -> None:
    feed.publish(session, [feed.Change(row["member"], KIND, row["id"], version) for row in rows])


def renderer(timezone: str) -> feed.Renderer:
    """Who makes the bodies for the feed, telling the time of `timezone`."""

    def render(session: Session, member: str, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        rows = queries.own(session, member, ids)
        return {body["id"]: body for body in bodies(session, member, rows, timezone)}

    return render


def bodies(
    session: Session, member: str, rows: Iterable[Notice], timezone: str
) -> list[dict[str, Any]]:
    """The notices of the member in its language, as the wire writes them."""
    language, zone = queries.language(session, member), ZoneInfo(timezone)
    return [_body(row, language, zone) for row in rows]


def _body(row: Notice, language: str, zone: ZoneInfo) -> dict[str, Any]:
    facts = {
        "id": row.id,
        "kind": row.kind,
        "about": {"kind": row.object_kind, "id": row.object},
        "text": rules.said(row.kind, row.args, language, zone),
        "args": row.args,
        "at": row.at,
        "read_at": row.read_at,
        "version": rules.UNREAD if row.read_at is None else rules.READ,
    }
    body: dict[str, Any] = NOTICE.dump(facts)
    return body


def read(session: Session, member: str, notice: str) -> Notice:
    """The member has read its notice; the first time counts. `not_found` if it is not its own."""
    own = select(Notice).where(Notice.id == notice, Notice.member == member)
    row = session.scalar(own.with_for_update())
    if row is None:
        raise Problem("not_found")
    if row.read_at is None:
        row.read_at = clock.now()
        session.flush()
        _publish(session, [{"id": row.id, "member": member}], rules.READ)
    return row


def sweep(session: Session, before: datetime) -> int:
    """Remove notices of before `before`, some at a time, from the feeds too; how many."""
    old = select(Notice.id).where(Notice.at < before).order_by(Notice.at).limit(SWEPT_AT_A_TIME)
    gone = delete(Notice).where(Notice.id.in_(old)).returning(Notice.id, Notice.member)
    rows = session.execute(gone.execution_options(synchronize_session=False)).all()
    removals = [
        feed.Change(row.member, KIND, row.id, rules.READ + 1, "remove", "expired") for row in rows
    ]
    feed.publish(session, removals)
    return len(rows)
