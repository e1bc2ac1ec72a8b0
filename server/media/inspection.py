"""Whether the store has what the rows say, byte for byte; what the sweep would take."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from server.kernel.database import reading
from server.media import lifecycle, queries
from server.media.locks import Locks
from server.media.stores.base import BlobStore, NoSuchBlob, Partial

AT_A_TIME = 500


@dataclass(frozen=True, slots=True)
class Fault:
    """A blob that is not as it should be: `missing`, `wrong_size`, `wrong_hash` or `no_row`."""

    sha256: str
    what: str
    found: str = ""


def total() -> int:
    """How many blobs `verify` looks at."""
    with reading() as session:
        return queries.count_blobs(session)


def verify(store: BlobStore, locks: Locks, looked_at: Callable[[], None]) -> Iterator[Fault]:
    """Hash every blob that a row promises, then look for blobs without a row.

    `looked_at` is called after each row. Safe while the server runs.
    """
    for sha256, size in _rows():
        fault = _judged(store, sha256, size)
        if fault is not None and _has_row(sha256):
            yield fault
        looked_at()
    yield from _without_row(store, locks)


def _rows() -> Iterator[tuple[str, int]]:
    """Every row, a page at a time, so that no transaction lasts as long as the hashing."""
    after = ""
    while True:
        with reading() as session:
            page = queries.blobs_after(session, after, AT_A_TIME)
        yield from page
        if len(page) < AT_A_TIME:
            return
        after = page[-1][0]


def _judged(store: BlobStore, sha256: str, size: int) -> Fault | None:
    try:
        with store.open(sha256) as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            found = file.tell()
    except NoSuchBlob:
        return Fault(sha256, "missing")
    if digest != sha256:
        return Fault(sha256, "wrong_hash", digest)
    return Fault(sha256, "wrong_size", f"{size} ≠ {found}") if found != size else None


def _without_row(store: BlobStore, locks: Locks) -> Iterator[Fault]:
    listed = (blob.sha256 for blob in store.list_blobs())
    while blobs := list(islice(listed, AT_A_TIME)):
        with reading() as session:
            known = queries.known_blobs(session, blobs)
        for sha256 in blobs:
            if sha256 not in known and _stays_without_row(locks, sha256):
                yield Fault(sha256, "no_row")


def _stays_without_row(locks: Locks, sha256: str) -> bool:
    """Whoever hands it in right now writes its row under the same lock."""
    with locks.held(sha256, wait=True):
        return not _has_row(sha256)


def _has_row(sha256: str) -> bool:
    with reading() as session:
        return bool(queries.known_blobs(session, [sha256]))


def due_partials(store: BlobStore, now: datetime, days: int) -> list[Partial]:
    """The partials that a sweep at `now` would remove."""
    with reading() as session:
        due = set(queries.expired(session, now))
    due |= lifecycle.strays(store, now - timedelta(days=days))
    return [partial for partial in store.list_partials() if partial.id in due]
