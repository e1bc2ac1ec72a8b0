"""Acts on what came in: replay a line that was set aside, tell a member of a later verdict."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from server.config import Settings
from server.grid.queries import lock_member
from server.grid.scope import today
from server.items import rules
from server.items.intake import Batch, HandlerFailed, IdTaken, take_in, touch_aside
from server.items.lines import read_line
from server.items.models import Item, Quarantine
from server.items.schemas import ITEM_VIEW
from server.items.verdicts import CONFLICT, QUARANTINED, Verdict
from server.items.whereabouts import Whereabouts
from server.kernel import audit, feed, marks
from server.kernel.prepared import Prepared
from server.kernel.problems import Problem
from server.media.models import ItemMedia
from server.regime.books import Refs

_ON_THE_FEED = (
    "id",
    "kind",
    "status",
    "code",
    "flags",
    "findings",
    "held",
    "duplicate_of",
    "version",
)

_NAMING = Prepared(
    select(Item.__table__.c.area)
    .join(ItemMedia.__table__, ItemMedia.__table__.c.item == Item.__table__.c.id)
    .where(ItemMedia.__table__.c.sha256 == bindparam("sha256"))
    .distinct()
)


def replay(session: Session, row: Quarantine, actor: str, settings: Settings) -> Verdict:
    """Judge the kept bytes afresh, as of the moment they came.

    What is accepted now is an item like any other, and its member is told; what is not stays.
    Problem `state_illegal` for a line that was replayed or that conflicts, `handler_failed` if its
    room still raises, `busy` if its phone hands it in at the same instant.
    """
    if row.state == "replayed" or row.status == CONFLICT:
        raise Problem("state_illegal")
    lock_member(session, row.member)
    line = read_line(1, row.raw, settings.item_bytes)
    try:
        (verdict,), _ = take_in(session, _batch(session, row, settings), [line])
    except HandlerFailed as error:
        raise Problem("handler_failed") from error
    except IdTaken as error:
        raise Problem("busy") from error
    if verdict.status not in (QUARANTINED, CONFLICT):
        row.state = "replayed"
        feed.publish(session, [later_verdict(row.member, str(verdict.id), 1)])
    else:
        row.code, row.detail = verdict.code or row.code, line.detail
    row.version += 1
    touch_aside(session, row.member)
    audit.note(session, actor, "quarantine.replay", row.id, status=verdict.status)
    return verdict


def _batch(session: Session, row: Quarantine, settings: Settings) -> Batch:
    clock = rules.ExchangeClock(
        row.received_at,
        row.envelope.get("mono"),
        row.envelope.get("boot"),
        row.envelope.get("offset_ms"),
    )
    day = today(settings.timezone, row.received_at)
    return Batch(
        install=row.install,
        member=row.member,
        clock=clock,
        late_after=timedelta(hours=settings.late_hours),
        seen=[],
        where=Whereabouts(session, row.member, day),
        packs=Refs(session, settings.timezone),
        envelope=row.envelope,
        afresh=True,
    )


def later_verdict(member: str, item: str, version: int) -> feed.Change:
    """The change that tells a member of a later verdict on its own item."""
    return feed.Change(member, "item", item, version)


def photo_came(session: Session, sha256: str, type_: str) -> None:
    """A file is there: the items that name it show it from now on."""
    marks.touch(session, "item", [row.area for row in _NAMING.all(session, sha256=sha256)])


def render(session: Session, member: str, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The bodies of `item` changes: the verdict as it stands now."""
    rows = session.scalars(select(Item).where(Item.id.in_(ids), Item.member == member))
    bodies = (ITEM_VIEW.dump(row) for row in rows)
    return {body["id"]: {name: body[name] for name in _ON_THE_FEED} for body in bodies}
