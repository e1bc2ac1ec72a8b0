"""Rows that the server wrote for one batch, as it would have written them for another.

Ids and hashes are new, numbers go on, times are shifted. Everything else is what it was: whose it
is, where, what it says, the bytes of the line, the signature of the receipt.
"""

import hashlib
import json
import os
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import Table

from bench.floor import Row, Rows
from server.cases.models import Report
from server.items.models import Item
from server.kernel import clock
from server.kernel.audit import AuditEntry, entry_hash
from server.kernel.database import Instant
from server.kernel.feed import Inbox
from server.patrol.models import Shift
from server.sync import rules
from server.sync.models import Receipt
from server.tasks.models import Task, TaskEvent

# The bits of a UUID that say what kind it is, below the 48 of its time.
_KIND = 0xF << 76 | 0x3 << 62


@dataclass
class Numbers:
    """The last ones given: to a phone's items and receipts, and on its member's feed."""

    seq: int
    receipt: int
    receipt_hash: str
    feed: int


@dataclass
class Chain:
    """The head of an actor's audit chain."""

    actor: str
    no: int
    hash: str


@dataclass(frozen=True)
class Written:
    """What the server wrote for a batch, as its driver keeps it, and the numbers given before."""

    install: str
    rows: Rows
    before: Numbers
    after: Numbers


@dataclass
class Copy:
    """What was written once more: `later` than it was (or earlier), its numbers so much higher."""

    name: str
    later: timedelta
    seqs: int = 0
    feeds: int = 0
    _ids: dict[str, str] = field(default_factory=dict)

    def id(self, old: Any) -> str:
        """Another id of the same kind, the same one each time; a UUIDv7 moves with the time."""
        text = str(old)
        if text not in self._ids:
            self._ids[text] = self._uuid7(text) if text[14] == "7" else str(uuid.uuid4())
        return self._ids[text]

    def _uuid7(self, old: str) -> str:
        value = uuid.UUID(old).int
        ms = (value >> 80) + self.later // timedelta(milliseconds=1)
        fresh = int.from_bytes(os.urandom(10)) & ~_KIND
        return str(uuid.UUID(int=ms << 80 | value & _KIND | fresh))

    def hash(self, old: str) -> str:
        """Another hash, the same one each time."""
        return hashlib.sha256(f"{self.name} {old}".encode()).hexdigest()

    def seq(self, old: int) -> int:
        """The number of an item on its phone."""
        return old + self.seqs

    def feed(self, old: int) -> int:
        """The number of a change on its feed."""
        return old + self.feeds

    def instant(self, old: Any) -> Any:
        """An instant as the driver keeps it, SQLite's as text."""
        if isinstance(old, str):
            return (datetime.fromisoformat(old) + self.later).isoformat(" ", "microseconds")
        return old + self.later

    def written(self, old: str) -> str:
        """An instant as a device wrote it."""
        return (datetime.fromisoformat(old) + self.later).isoformat()


_MOMENTS = tuple(one.name for one in Task.__table__.c if isinstance(one.type, Instant))
Renewal = dict[str, Callable[[Copy, Any], Any]]
_RENEWALS: dict[Table, Renewal] = {
    Item.__table__: {
        "id": Copy.id,
        "task": Copy.id,
        "seq": Copy.seq,
        "sha256": Copy.hash,
        "content": Copy.hash,
        "at": Copy.written,
        "estimated": Copy.instant,
        "received_at": Copy.instant,
    },
    Report.__table__: {"id": Copy.id, "at": Copy.instant},
    Shift.__table__: {
        "id": Copy.id,
        "start_item": Copy.id,
        "end_item": Copy.id,
        "started_at": Copy.instant,
        "ended_at": Copy.instant,
    },
    Task.__table__: {"id": Copy.id} | dict.fromkeys(_MOMENTS, Copy.instant),
    TaskEvent.__table__: {"task": Copy.id, "item": Copy.id, "at": Copy.instant},
    Inbox.__table__: {"object": Copy.id, "seq": Copy.feed, "at": Copy.instant},
}


def renewed(table: Table, rows: Iterable[Row], copy: Copy) -> list[Row]:
    """The rows of a table for which it is enough to look at each column alone."""
    renewal = _RENEWALS[table]
    return [
        {
            name: renewal[name](copy, value) if name in renewal and value is not None else value
            for name, value in row.items()
        }
        for row in rows
    ]


def once_more(written: Written, copy: Copy, numbers: Numbers, chain: Chain) -> Rows:
    """The rows of one more batch of the phone that got `numbers`; these and the chain move on."""
    copy.seqs, copy.feeds = numbers.seq - written.before.seq, numbers.feed - written.before.feed
    numbers.seq, numbers.feed = written.after.seq + copy.seqs, written.after.feed + copy.feeds
    return [(table, _once_more(table, rows, copy, numbers, chain)) for table, rows in written.rows]


def _once_more(
    table: Table, rows: list[Row], copy: Copy, numbers: Numbers, chain: Chain
) -> list[Row]:
    if table is Receipt.__table__:
        return [_receipt(row, copy, numbers) for row in rows]
    if table is AuditEntry.__table__:
        return [_entry(row, copy, chain) for row in rows]
    return renewed(table, rows, copy)


def _receipt(row: Row, copy: Copy, numbers: Numbers) -> Row:
    kept = row["lines"]
    given = kept.obj if isinstance(kept, Jsonb) else json.loads(kept)
    lines = [[copy.hash(sha256), status] for sha256, status in given]
    at = clock.iso(datetime.fromisoformat(row["at"]) + copy.later)
    no, prev, root = numbers.receipt + 1, numbers.receipt_hash, rules.root_of(lines)
    known = (row["epoch"], str(row["install"]), no, at, len(lines), root, prev)
    numbers.receipt, numbers.receipt_hash = no, rules.text_hash(rules.signed_text(*known))
    stored = Jsonb(lines) if isinstance(kept, Jsonb) else json.dumps(lines)
    return row | {"no": no, "at": at, "root": root, "prev": prev, "lines": stored}


def _entry(row: Row, copy: Copy, chain: Chain) -> Row:
    at, about = copy.instant(row["at"]), copy.id(row["object"])
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC) if isinstance(at, str) else at
    known = (moment.astimezone(UTC), chain.actor, row["act"], about, row["detail"])
    no, prev = chain.no + 1, chain.hash
    chain.no, chain.hash = no, entry_hash(prev, no, *known)
    return row | {"no": no, "at": at, "object": about, "prev": prev, "hash": chain.hash}
