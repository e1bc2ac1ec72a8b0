"""The audit trail (审计): append-only, one hash chain per actor (docs/adr/0005).

`hash = sha256(prev \\n no \\n at \\n actor \\n act \\n object \\n detail)`, so that a changed or
removed entry breaks every later hash of its chain. Database triggers refuse UPDATE and DELETE.
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.kernel import clock
from server.kernel.database import Instant, db, insert, last_act

_PENDING = "audit"


class AuditChain(db.Model):  # type: ignore[name-defined]
    """The head of an actor's chain."""

    __tablename__ = "audit_chain"
    actor: Mapped[str] = mapped_column(String(64), primary_key=True)
    no: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))


class AuditEntry(db.Model):  # type: ignore[name-defined]
    """Who did what to which object, when; never holds personal data."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_object", "object"),)
    actor: Mapped[str] = mapped_column(String(64), primary_key=True)
    no: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Instant)
    act: Mapped[str] = mapped_column(String(48))
    object: Mapped[str] = mapped_column(String(128))
    detail: Mapped[str] = mapped_column(Text)
    prev: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


@dataclass(frozen=True, slots=True)
class Act:
    """One act to be written down: `act` is `noun.verb`, `object` names the thing."""

    actor: str
    act: str
    object: str
    detail: dict[str, Any] = field(default_factory=dict)


def note(session: Session, actor: str, act: str, object_: str, **detail: Any) -> None:
    """Write the act down with this transaction; it stands if and only if the transaction does."""
    session.info.setdefault(_PENDING, []).append(Act(actor, act, object_, detail))


@last_act
def append(session: Session) -> None:
    """Append what was noted to the chains, locking their heads in sorted order."""
    acts: list[Act] = session.info.pop(_PENDING, [])
    rows: list[dict[str, Any]] = []
    for actor in sorted({act.actor for act in acts}):
        rows += _extend(session, actor, [act for act in acts if act.actor == actor])
    if rows:
        session.execute(insert(session, AuditEntry), rows)


def _extend(session: Session, actor: str, acts: list[Act]) -> list[dict[str, Any]]:
    head = insert(session, AuditChain).values(actor=actor, no=0, hash="")
    session.execute(head.on_conflict_do_nothing(index_elements=["actor"]))
    chain = session.scalars(
        select(AuditChain).where(AuditChain.actor == actor).with_for_update()
    ).one()
    rows = []
    for act in acts:
        chain.no, prev = chain.no + 1, chain.hash
        row = _entry(act, chain.no, clock.now(), prev)
        chain.hash = row["hash"]
        rows.append(row)
    session.flush()
    return rows


def _entry(act: Act, no: int, at: datetime, prev: str) -> dict[str, Any]:
    detail = json.dumps(act.detail, ensure_ascii=False, sort_keys=True)
    return {
        "actor": act.actor,
        "no": no,
        "at": at,
        "act": act.act,
        "object": act.object,
        "detail": detail,
        "prev": prev,
        "hash": entry_hash(prev, no, at, act.actor, act.act, act.object, detail),
    }


def entry_hash(
    prev: str, no: int, at: datetime, actor: str, act: str, object_: str, detail: str
) -> str:
    """Hex SHA-256 that chains an entry to the one before it."""
    micros = at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    text = "\n".join((prev, str(no), micros, actor, act, object_, detail))
    return hashlib.sha256(text.encode()).hexdigest()


def broken_links(session: Session) -> list[tuple[str, int]]:
    """(actor, no) of every entry that does not follow from the one before it."""
    broken: list[tuple[str, int]] = []
    last: dict[str, tuple[int, str]] = {}
    statement = select(AuditEntry).order_by(AuditEntry.actor, AuditEntry.no)
    for entry in session.scalars(statement.execution_options(yield_per=1000)):
        no, prev = last.get(entry.actor, (0, ""))
        expected = entry_hash(
            entry.prev, entry.no, entry.at, entry.actor, entry.act, entry.object, entry.detail
        )
        if entry.no != no + 1 or entry.prev != prev or entry.hash != expected:
            broken.append((entry.actor, entry.no))
        last[entry.actor] = (entry.no, entry.hash)
    heads = {chain.actor: (chain.no, chain.hash) for chain in session.scalars(select(AuditChain))}
    return broken + [
        (actor, heads.get(actor, last.get(actor, (0, "")))[0])
        for actor in sorted(heads.keys() | last.keys())
        if heads.get(actor) != last.get(actor)
    ]
