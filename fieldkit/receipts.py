"""Receipts (回执): the server's signed proof of what was handed in (docs/protocol.md, 10)."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from fieldkit import wire
from fieldkit.errors import BadAnswer
from fieldkit.store import Store


@dataclass(frozen=True)
class Receipt:
    """One receipt; `lines` are the (sha256, status) pairs whose root was signed."""

    install: str
    epoch: str
    no: int
    items: int
    root: str
    prev: str
    at: str
    sig: str
    lines: tuple[tuple[str, str], ...]

    @classmethod
    def read(
        cls,
        wire_form: Mapping[str, Any],
        *,
        epoch: str,
        install: str,
        lines: Iterable[Iterable[str]],
    ) -> Self:
        """From the wire. Raises BadAnswer when a field is missing or has another type."""
        try:
            return cls(
                install=install,
                epoch=epoch,
                no=int(wire_form["no"]),
                items=int(wire_form["items"]),
                root=str(wire_form["root"]),
                prev=str(wire_form["prev"] or ""),
                at=str(wire_form["at"]),
                sig=str(wire_form["sig"]),
                lines=tuple((digest, status) for digest, status in lines),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise BadAnswer(f"receipt: {error}") from error

    def signed_text(self) -> bytes:
        """The bytes that the server signed."""
        fields = (
            "gewu-receipt-1",
            self.epoch,
            self.install,
            str(self.no),
            self.at,
            str(self.items),
            self.root,
            self.prev,
        )
        return "\n".join(fields).encode()

    def digest(self) -> str:
        """What the next receipt of this install carries as `prev`."""
        return wire.sha256(self.signed_text())


def root_of(lines: Iterable[tuple[str, str]]) -> str:
    """The root of the lines `<sha256> <status>`."""
    return wire.sha256("\n".join(f"{digest} {status}" for digest, status in lines).encode())


class Receipts:
    """The receipts of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(self, receipt: Receipt) -> None:
        """Keep a receipt for ever; the same one again changes nothing."""
        with self._store.write() as db:
            db.execute(
                "INSERT OR IGNORE INTO receipts "
                "(install, epoch, no, items, root, prev, at, sig, lines) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    receipt.install,
                    receipt.epoch,
                    receipt.no,
                    receipt.items,
                    receipt.root,
                    receipt.prev,
                    receipt.at,
                    receipt.sig,
                    json.dumps(receipt.lines),
                ),
            )

    def last(self, install: str) -> int:
        """The highest number held for an install; 0 for none."""
        return self._store.count("SELECT MAX(no) FROM receipts WHERE install = ?", (install,))

    def installs(self) -> list[str]:
        """Every install of which a receipt is held."""
        rows = self._store.rows("SELECT DISTINCT install FROM receipts ORDER BY install")
        return [row["install"] for row in rows]

    def first_missing(self, install: str) -> int | None:
        """The lowest number below the highest that is not held (its answer was lost)."""
        row = self._store.row(
            "SELECT MIN(expected) AS no FROM ("
            "SELECT 1 AS expected UNION SELECT no + 1 FROM receipts WHERE install = :install"
            ") WHERE expected NOT IN (SELECT no FROM receipts WHERE install = :install) "
            "AND expected < (SELECT MAX(no) FROM receipts WHERE install = :install)",
            {"install": install},
        )
        return None if row is None else row["no"]

    def all(self) -> list[Receipt]:
        """Every receipt held, by install and number."""
        rows = self._store.rows("SELECT * FROM receipts ORDER BY install, no, epoch")
        return [_receipt(row) for row in rows]


def _receipt(row: sqlite3.Row) -> Receipt:
    lines = tuple((digest, status) for digest, status in json.loads(row["lines"]))
    return Receipt(**{**dict(row), "lines": lines})
