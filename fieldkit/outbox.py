"""The outbox (待传): what was captured and is not yet proven to be with the server.

A line is written once, in one transaction with its number, and these bytes are what is
sent every time. It leaves the outbox only when the server names its sha256 with a final
status (docs/protocol.md, section 4).
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fieldkit import ids, wire
from fieldkit.blobs import Blobs, Photo
from fieldkit.clock import Clock, iso
from fieldkit.errors import Locked
from fieldkit.inbox import Inbox
from fieldkit.store import Store

_RANKS = {"task_action": 0, "shift_start": 1, "shift_end": 1, "track": 3}
_DEFAULT_RANK = 2


def rank(kind: str) -> int:
    """The place in the queue: actions, check-ins, reports and forms, tracks (section 11)."""
    return _RANKS.get(kind, _DEFAULT_RANK)


@dataclass(frozen=True)
class Captured:
    """A line that is safe on disk."""

    id: str
    seq: int
    sha256: str


@dataclass(frozen=True)
class Queued:
    """A line to be sent."""

    id: str
    sha256: str
    line: bytes


@dataclass(frozen=True)
class Settled:
    """What an answer settled: how many lines went to the sent list and to the tray."""

    sent: int
    tray: int


class Outbox:
    """Captured items of one store."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def capture(
        self,
        kind: str,
        body: Mapping[str, Any],
        *,
        at: datetime | None = None,
        loc: Mapping[str, Any] | None = None,
        task: str | None = None,
        media: Sequence[Photo] = (),
        schema: int = 1,
    ) -> Captured:
        """Write one item to disk and queue it.

        `loc` has the fields of docs/protocol.md, section 6; `at` (with its offset) is now
        unless given.
        Raises NotEnrolled, Locked, or InputError when the body is no JSON; then nothing
        was captured.
        """
        with self._store.write() as db:
            member = self._store.member
            if Inbox(self._store).ordered("lock"):
                raise Locked
            item = ids.uuid7()
            seq = int(self._store.get("seq", 0)) + 1
            now = self._clock.now()
            at = at or now
            mono = self._mono_at(at, now)
            line = wire.item_line(
                id=item,
                seq=seq,
                kind=kind,
                schema=schema,
                at=iso(at),
                mono=mono,
                boot=None if mono is None else self._clock.boot(),
                body=body,
                loc=loc,
                task=task,
                media=[photo.entry() for photo in media],
                prev=self._store.get("prev"),
            )
            digest = wire.sha256(line)
            db.execute(
                "INSERT INTO items (id, seq, kind, task, member, line, sha256, rank, captured) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (item, seq, kind, task, member, line, digest, rank(kind), iso(now)),
            )
            Blobs(self._store).queue(item, media)
            self._store.set("seq", seq)
            self._store.set("prev", digest)
        return Captured(item, seq, digest)

    def batch(
        self, max_items: int, max_bytes: int, skip: Collection[str] = frozenset()
    ) -> list[Queued]:
        """The next lines to send, in the order of section 11, without the hashes in `skip`.

        Only lines that the enrolled member captured: another member's work waits for him.
        At least one line is given, however small `max_bytes` (newlines included) is.
        """
        chosen: list[Queued] = []
        left = max_bytes
        for row in self._store.db.execute(
            "SELECT id, sha256, line FROM items WHERE state = 'queued' AND member = ? "
            "ORDER BY rank, n",
            (self._store.member,),
        ):
            if row["sha256"] in skip:
                continue
            left -= len(row["line"]) + 1
            if chosen and (left < 0 or len(chosen) == max_items):
                break
            chosen.append(Queued(row["id"], row["sha256"], row["line"]))
        return chosen

    def settle(
        self,
        results: Iterable[Mapping[str, Any]],
        *,
        offered: Collection[str],
        receipt: int | None,
    ) -> Settled:
        """Apply an answer's results in one transaction.

        A line among the `offered` hashes leaves the queue only by a result that names its
        sha256 with a status of section 4; all others stay, one attempt older.
        """
        moved = {"sent": 0, "tray": 0}
        named: set[str] = set()
        with self._store.write() as db:
            for result in results:
                digest, state = result.get("sha256"), wire.FINAL.get(str(result.get("status")))
                if digest not in offered or state is None:
                    continue
                named.add(str(digest))
                moved[state] += self._close(db, state, result, receipt)
            db.executemany(
                "UPDATE items SET attempts = attempts + 1 WHERE sha256 = ?",
                [(digest,) for digest in offered if digest not in named],
            )
        return Settled(moved["sent"], moved["tray"])

    def set_aside(self, digest: str, code: str, message: str) -> None:
        """Put a line that the server will not even read into the tray; it counts as unsent."""
        with self._store.write() as db:
            db.execute(
                "UPDATE items SET state = 'tray', status = 'unsent', code = ?, message = ?, "
                "settled = ? WHERE sha256 = ? AND state = 'queued'",
                (code, message, self._settled_now(), digest),
            )

    def retry_unsent(self) -> int:
        """Queue the lines that were set aside once more; the number of lines."""
        with self._store.write() as db:
            return db.execute(
                "UPDATE items SET state = 'queued', status = NULL, code = NULL, message = NULL, "
                "settled = NULL WHERE status = 'unsent'"
            ).rowcount

    def requeue(self, item_ids: Iterable[str]) -> int:
        """Queue items again that the server lost, with the bytes first written."""
        with self._store.write() as db:
            return db.executemany(
                "UPDATE items SET state = 'queued', status = NULL, code = NULL, message = NULL, "
                "flags = '[]', receipt = NULL, settled = NULL WHERE id = ? AND state != 'queued'",
                [(item,) for item in item_ids],
            ).rowcount

    def held(self) -> list[str]:
        """Ids of the member's items that the server once answered and that are still here."""
        rows = self._store.rows(
            "SELECT id FROM items WHERE member = ? AND settled IS NOT NULL "
            "AND status != 'unsent' ORDER BY n",
            (self._store.member,),
        )
        return [row["id"] for row in rows]

    def counters(self) -> dict[str, Any]:
        """The envelope's `outbox`: items and photos still on the device, and the oldest."""
        row = self._store.row(
            "SELECT COUNT(*) AS items, MIN(captured) AS oldest FROM items "
            "WHERE state = 'queued' OR status = 'unsent'"
        )
        assert row is not None
        return {
            "items": row["items"],
            "media": self._store.unsent() - row["items"],
            "oldest": row["oldest"],
        }

    def still_queued(self, digests: Iterable[str]) -> list[str]:
        """Those of the hashes whose lines are still in the queue."""
        return [
            digest
            for digest in digests
            if self._store.row(
                "SELECT 1 FROM items WHERE sha256 = ? AND state = 'queued'", (digest,)
            )
        ]

    def of_others(self) -> int:
        """Queued items of members who are not enrolled here now."""
        return self._store.count(
            "SELECT COUNT(*) FROM items WHERE state = 'queued' AND member != ?",
            (self._store.member,),
        )

    def newest(self) -> int:
        """A number that grows with every captured item."""
        return self._store.count("SELECT MAX(n) FROM items")

    def waiting(self) -> list[sqlite3.Row]:
        """Queued items in the order in which they will be sent."""
        return self._store.rows("SELECT * FROM items WHERE state = 'queued' ORDER BY rank, n")

    def sent(self) -> list[sqlite3.Row]:
        """Acknowledged items, newest first."""
        return self._store.rows("SELECT * FROM items WHERE state = 'sent' ORDER BY n DESC")

    def tray(self) -> list[sqlite3.Row]:
        """Items that need attention, oldest first."""
        return self._store.rows("SELECT * FROM items WHERE state = 'tray' ORDER BY n")

    def _mono_at(self, at: datetime, now: datetime) -> int | None:
        """What time since boot was at `at`; None before this boot, when nobody counted."""
        mono = self._clock.mono() - round((now - at).total_seconds() * 1000)
        return mono if mono >= 0 else None

    def _settled_now(self) -> str:
        """In UTC, so that `purge` can compare it."""
        return iso(self._clock.now().astimezone(UTC))

    def _close(
        self,
        db: sqlite3.Connection,
        state: str,
        result: Mapping[str, Any],
        receipt: int | None,
    ) -> int:
        """Move one queued line to its final state; 0 if another process already did."""
        return db.execute(
            "UPDATE items SET state = ?, status = ?, flags = ?, code = ?, message = ?, "
            "receipt = ?, settled = ? WHERE sha256 = ? AND state = 'queued'",
            (
                state,
                result["status"],
                json.dumps(result.get("flags") or []),
                result.get("code"),
                result.get("message"),
                receipt,
                self._settled_now(),
                result["sha256"],
            ),
        ).rowcount
