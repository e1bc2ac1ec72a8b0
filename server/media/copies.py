"""Copies of photos (副本) as blobs of their own, and the rows that say whose they are.

Made by photos/copies. A copy lives as long as the photo that it is of.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.kernel import clock
from server.kernel.database import insert, reading
from server.media import queries
from server.media.locks import Locks
from server.media.models import Blob, Copy, Stamp
from server.media.stores.base import BlobStore

THUMB, SCREEN, STAMPED = "thumb", "screen", "stamped"
OF_PHOTO = (THUMB, SCREEN)


@dataclass(frozen=True)
class NewCopy:
    """A copy that was just made: what it is for, its type, pixels and bytes."""

    kind: str
    type: str
    width: int
    height: int
    content: bytes

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    def columns(self) -> dict[str, Any]:
        """What a row says of it."""
        return {
            "copy": self.sha256,
            "width": self.width,
            "height": self.height,
            "bytes": len(self.content),
            "problem": None,
        }


@contextmanager
def kept(store: BlobStore, locks: Locks, copies: Sequence[NewCopy]) -> Iterator[None]:
    """The bytes are durable and safe from the sweep inside the block, which writes their rows.

    What has no row after it is removed again.
    """
    by_hash = {copy.sha256: copy.content for copy in copies}
    with ExitStack() as held:
        for sha256 in sorted(by_hash):
            held.enter_context(locks.held(sha256, wait=True))
            store.put(sha256, by_hash[sha256])
        yield
        with reading() as session:
            known = set(session.scalars(select(Blob.sha256).where(Blob.sha256.in_(by_hash))))
        for sha256 in by_hash.keys() - known:
            store.delete(sha256)


def write(session: Session, sha256: str, copies: Sequence[NewCopy]) -> None:
    """Say that these are the photo's copies for showing."""
    for copy in copies:
        _write_blob(session, copy)
        _write_copy(session, {"sha256": sha256, "kind": copy.kind} | copy.columns())


def write_problem(session: Session, sha256: str, problem: str) -> None:
    """Say why the photo has no copies."""
    nothing = dict.fromkeys(("copy", "width", "height", "bytes"))
    for kind in OF_PHOTO:
        _write_copy(session, {"sha256": sha256, "kind": kind, "problem": problem} | nothing)


def write_stamp(
    session: Session, item: str, sha256: str, code: str, copy: NewCopy | None, problem: str | None
) -> None:
    """Say which the stamped copy of the photo for this item is, or why there is none."""
    if copy is not None:
        _write_blob(session, copy)
    made: dict[str, Any] = copy.columns() if copy else {"copy": None, "problem": problem}
    row = {"item": item, "sha256": sha256, "code": code, "made_at": clock.now()} | made
    _upsert(session, Stamp, row, ["item", "sha256"])


def _write_copy(session: Session, row: dict[str, Any]) -> None:
    _upsert(session, Copy, row | {"made_at": clock.now()}, ["sha256", "kind"])


def _write_blob(session: Session, copy: NewCopy) -> None:
    row = {
        "sha256": copy.sha256,
        "size": len(copy.content),
        "type": copy.type,
        "stored_at": clock.now(),
        "width": copy.width,
        "height": copy.height,
        "problems": [],
    }
    statement = insert(session, Blob).values(row)
    # Not DO NOTHING: the row must be locked against the sweep of orphans.
    again = {"stored_at": row["stored_at"]}
    session.execute(statement.on_conflict_do_update(index_elements=["sha256"], set_=again))


def _upsert(session: Session, model: Any, row: dict[str, Any], key: list[str]) -> None:
    statement = insert(session, model).values(row)
    changed = {name: statement.excluded[name] for name in row if name not in key}
    session.execute(statement.on_conflict_do_update(index_elements=key, set_=changed))


def of_photos(session: Session, hashes: Sequence[str]) -> list[str]:
    """The hashes of the copies of these photos."""
    copies = select(Copy.copy).where(Copy.sha256.in_(hashes), Copy.copy.is_not(None))
    return sorted({str(copy) for copy in session.scalars(copies)})


def forget(session: Session, hashes: Sequence[str]) -> list[str]:
    """Delete those blobs that are no copies any more and that no item names; their hashes."""
    gone = delete(Blob).where(Blob.sha256.in_(hashes), queries.ORPHANED)
    return sorted(session.scalars(gone.returning(Blob.sha256)))
