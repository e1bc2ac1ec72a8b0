"""The inbox: tasks, forms, areas and commands that came down the feed (section 5)."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from fieldkit.store import Store
from fieldkit.wire import FINAL


class Inbox:
    """Objects of one store; a removed one stays as a row with `op` = "remove"."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def apply(self, changes: Sequence[Mapping[str, Any]], cursor: int, more: bool) -> int:
        """Keep a page and its cursor in one transaction; the number of changes taken.

        A change at or below the kept cursor is old news (another process was faster),
        except number 0, which a draining server uses outside the feed.
        """
        taken = 0
        with self._store.write() as db:
            reached = int(self._store.get("cursor", 0))
            for change in changes:
                if change["seq"] and change["seq"] <= reached:
                    continue
                self._keep(db, change)
                taken += 1
            self._store.set("cursor", max(reached, cursor))
            if self._store.get("refilling") and not more:
                db.execute("DELETE FROM objects WHERE stale = 1")
                self._store.set("refilling", None)
        return taken

    def restart(self) -> None:
        """Begin the feed at 0; what is known stays readable until the feed has come round."""
        with self._store.write() as db:
            db.execute("UPDATE objects SET stale = 1")
            self._store.set("refilling", True)
            self._store.set("cursor", 0)

    def clear(self) -> None:
        """Forget all objects: they were another member's."""
        with self._store.write() as db:
            db.execute("DELETE FROM objects")
            self._store.set("refilling", None)
            self._store.set("cursor", 0)

    def objects(self, kind: str) -> list[dict[str, Any]]:
        """The live objects of a kind: their bodies with `id` and `version`."""
        rows = self._store.rows(
            "SELECT id, version, body FROM objects WHERE kind = ? AND op = 'put' ORDER BY seq",
            (kind,),
        )
        return [_body(row) for row in rows]

    def get(self, kind: str, object_id: str) -> dict[str, Any] | None:
        """One live object, or None."""
        row = self._store.row(
            "SELECT id, version, body FROM objects WHERE kind = ? AND id = ? AND op = 'put'",
            (kind, object_id),
        )
        return None if row is None else _body(row)

    def findings(self, item: str) -> list[dict[str, Any]]:
        """What the server found on the photos of an own item: flag, number or None, sha256."""
        found = (self.get("item", item) or {}).get("findings")
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []

    def ordered(self, command: str) -> bool:
        """Whether the server's command (`lock`, `wipe`) stands."""
        return any(body.get("command") == command for body in self.objects("command"))

    def _keep(self, db: sqlite3.Connection, change: Mapping[str, Any]) -> None:
        body = change.get("body")
        db.execute(
            "INSERT INTO objects (kind, id, version, op, body, reason, seq, stale) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT (kind, id) DO UPDATE SET "
            "version = excluded.version, op = excluded.op, body = excluded.body, "
            "reason = excluded.reason, seq = excluded.seq, stale = 0",
            (
                change["kind"],
                change["id"],
                change.get("version") or 0,
                change["op"],
                None if body is None else json.dumps(body, ensure_ascii=False),
                change.get("reason"),
                change["seq"],
            ),
        )
        if change["kind"] == "item" and isinstance(body, dict):
            _apply_verdict(db, change["id"], body)


def _body(row: sqlite3.Row) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(row["body"] or "{}")
    return body | {"id": row["id"], "version": row["version"]}


def _apply_verdict(db: sqlite3.Connection, item: str, verdict: Mapping[str, Any]) -> None:
    """A later verdict on an own item. It never empties the queue: only results do that."""
    state = FINAL.get(str(verdict.get("status")))
    if state is None:
        return
    db.execute(
        "UPDATE items SET state = ?, status = ?, flags = ?, code = ?, message = ? "
        "WHERE id = ? AND state != 'queued' AND status != 'unsent'",
        (
            state,
            verdict["status"],
            json.dumps(verdict.get("flags") or []),
            verdict.get("code"),
            verdict.get("message"),
            item,
        ),
    )
