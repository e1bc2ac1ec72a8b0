"""The feed: an inbox per member (docs/protocol.md, section 5).

Rooms call `publish`; the numbers are allocated by the last act of the transaction, counters in
sorted order, so that for one recipient the order of numbers is the order of commits. Only the
newest row per (member, object) is kept; bodies are rendered when they are read.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, String, bindparam, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.kernel import clock
from server.kernel.database import Id, Instant, db, last_act
from server.kernel.prepared import Prepared
from server.kernel.statements import Insertion

_PENDING = "feed"


class InboxCounter(db.Model):  # type: ignore[name-defined]
    """`last` is the newest number given to the member, `swept` the newest tombstone removed."""

    __tablename__ = "inbox_counter"
    member: Mapped[str] = mapped_column(Id, primary_key=True)
    last: Mapped[int] = mapped_column(BigInteger)
    swept: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")


class Inbox(db.Model):  # type: ignore[name-defined]
    """The newest change of each object that the member was told of."""

    __tablename__ = "inbox"
    __table_args__ = (Index("ix_inbox_member_seq", "member", "seq", unique=True),)
    member: Mapped[str] = mapped_column(Id, primary_key=True)
    object: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    seq: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(Integer)
    op: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str | None] = mapped_column(String(32))
    at: Mapped[Any] = mapped_column(Instant)


@dataclass(frozen=True, slots=True)
class Change:
    """What a member is to learn: `put` the object at `version`, or `remove` it for `reason`."""

    member: str
    kind: str
    object: str
    version: int
    op: str = "put"
    reason: str | None = None


_counter, _inbox = InboxCounter.__table__.c, Inbox.__table__.c
_RENEWED = ("kind", "seq", "version", "op", "reason", "at")
_TAKE = Insertion(
    InboxCounter,
    lambda insert: insert.on_conflict_do_update(
        index_elements=["member"], set_={"last": _counter.last + insert.excluded.last}
    ).returning(_counter.member, _counter.last),
)
_PUT = Insertion(
    Inbox,
    lambda insert: insert.on_conflict_do_update(
        index_elements=["member", "object"],
        set_={name: insert.excluded[name] for name in _RENEWED},
    ),
)
_COUNTER = Prepared(
    select(_counter.last, _counter.swept).where(_counter.member == bindparam("member"))
)
_PAGE = Prepared(
    select(_inbox.seq, _inbox.kind, _inbox.object, _inbox.op, _inbox.version, _inbox.reason)
    .where(_inbox.member == bindparam("member"), _inbox.seq > bindparam("after"))
    .order_by(_inbox.seq)
    .limit(bindparam("most"))
)
_BETWEEN = Prepared(
    select(_inbox.kind, _inbox.object, _inbox.op).where(
        _inbox.member == bindparam("member"),
        _inbox.seq > bindparam("after"),
        _inbox.seq <= bindparam("upto"),
    )
)


def publish(session: Session, changes: Iterable[Change]) -> None:
    """Note the changes; of several on one object for one member the last stands."""
    pending: dict[tuple[str, str], Change] = session.info.setdefault(_PENDING, {})
    for change in changes:
        pending.pop((change.member, change.object), None)
        pending[change.member, change.object] = change


@last_act
def allocate(session: Session) -> None:
    """Give numbers to what was published in this transaction and write the inbox rows."""
    pending: dict[tuple[str, str], Change] = session.info.pop(_PENDING, {})
    if not pending:
        return
    counts: dict[str, int] = {}
    for member, _ in pending:
        counts[member] = counts.get(member, 0) + 1
    numbers = _take_numbers(session, counts)
    _PUT.write(session, [_row(change, numbers) for change in pending.values()])


def _take_numbers(session: Session, counts: dict[str, int]) -> dict[str, int]:
    """The first new number of each member; counter rows are locked in sorted order."""
    rows = [{"member": member, "last": counts[member], "swept": 0} for member in sorted(counts)]
    taken = ((str(member), last) for member, last in _TAKE.written(session, rows))
    return {member: last - counts[member] + 1 for member, last in taken}


def _row(change: Change, numbers: dict[str, int]) -> dict[str, Any]:
    seq = numbers[change.member]
    numbers[change.member] = seq + 1
    return {
        "member": change.member,
        "object": change.object,
        "kind": change.kind,
        "seq": seq,
        "version": change.version,
        "op": change.op,
        "reason": change.reason,
        "at": clock.now(),
    }


Renderer = Callable[[Session, str, Sequence[str]], dict[str, dict[str, Any]]]
"""(session, member, object ids) → body by id; an id left out is shown as removed."""

AckListener = Callable[[Session, str, str, Sequence[str]], None]
"""(session, member, install, object ids) after the device acknowledged them."""

_renderers: dict[str, Renderer] = {}
_ack_listeners: dict[tuple[str, str], AckListener] = {}


def render_with(kind: str, renderer: Renderer) -> None:
    """Say who renders the bodies of `kind`; called once, in server/app.py."""
    _renderers[kind] = renderer


def on_acknowledged(kind: str, listener: AckListener, op: str = "put") -> None:
    """Say who hears that a `put` (or a `remove`) of `kind` reached a device; called once."""
    _ack_listeners[kind, op] = listener


def counter(session: Session, member: str) -> tuple[int, int]:
    """(newest number, newest swept tombstone) of the member; (0, 0) if nothing was ever sent."""
    row = _COUNTER.first(session, member=member)
    return (row.last, row.swept) if row else (0, 0)


def page(session: Session, member: str, after: int, limit: int) -> list[dict[str, Any]]:
    """Up to `limit` changes with a number above `after`, in order, bodies rendered now."""
    rows = _PAGE.all(session, member=member, after=after, most=limit)
    bodies = _bodies(session, member, rows)
    return [_change(row, bodies.get((row.kind, row.object))) for row in rows]


def _bodies(session: Session, member: str, rows: Sequence[Any]) -> dict[tuple[str, str], Any]:
    wanted: dict[str, list[str]] = {}
    for row in rows:
        if row.op == "put":
            wanted.setdefault(row.kind, []).append(row.object)
    return {
        (kind, id_): body
        for kind, ids in wanted.items()
        for id_, body in _renderers[kind](session, member, ids).items()
    }


def _change(row: Any, body: dict[str, Any] | None) -> dict[str, Any]:
    change = {"seq": row.seq, "kind": row.kind, "id": row.object, "op": row.op}
    if row.op == "put" and body is not None:
        return change | {"version": body.get("version", row.version), "body": body}
    reason = row.reason or "gone"
    return change | {"op": "remove", "version": row.version, "reason": reason}


def between(session: Session, member: str, after: int, upto: int) -> list[Any]:
    """The member's changes (kind, object, op) with numbers in (`after`, `upto`]."""
    return _BETWEEN.all(session, member=member, after=after, upto=upto) if upto > after else []


def acknowledged(session: Session, member: str, install: str, changes: Sequence[Any]) -> None:
    """Tell the rooms which of their objects reached the device: those of `changes` (`between`)."""
    for (kind, op), listener in _ack_listeners.items():
        ids = [row.object for row in changes if (row.kind, row.op) == (kind, op)]
        if ids:
            listener(session, member, install, ids)


def sweep_tombstones(session: Session, member: str, passed: int, before: Any) -> int:
    """Remove the member's tombstones up to `passed` that are older than `before`; how many."""
    # The counter before the rows, as whoever publishes takes them.
    row = session.get(InboxCounter, member, with_for_update=True)
    if row is None:
        return 0
    old = select(Inbox.seq).where(
        Inbox.member == member, Inbox.op == "remove", Inbox.seq <= passed, Inbox.at < before
    )
    seqs = list(session.scalars(old))
    if not seqs:
        return 0
    session.execute(delete(Inbox).where(Inbox.member == member, Inbox.seq.in_(seqs)))
    row.swept = max(row.swept, *seqs)
    return len(seqs)
