"""What takes several steps of files and rows: finishing an upload, ending one, sweeping.

Each step can be the last before a crash; what is done again does no harm. Rows go before files:
a file without a row is swept, a row without its file would be a promise that nobody keeps.
"""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select

from server.kernel.database import reading, writing
from server.kernel.problems import Problem
from server.media import service
from server.media.files import Progress, keep, refusals, seal
from server.media.joining import join_arrived
from server.media.locks import Locks, Taken
from server.media.models import Blob, Upload
from server.media.rules import Wish
from server.media.stores.base import BlobStore


def complete(store: BlobStore, locks: Locks, progress: Progress) -> Progress:
    """Make a whole upload a blob and write it down; done again it changes nothing.

    Problems: checksum_mismatch (the upload is empty again), locked, disk_full, not_found.
    """
    if not progress.is_due:
        return progress
    with refusals(), locks.held(progress.sha256, wait=True):
        sealed = seal(store, progress)
        with writing() as session:
            service.record(session, progress, sealed)
    return replace(progress, finished=True)


def take_whole(
    store: BlobStore, locks: Locks, install: str, member: str, wish: Wish, content: bytes, days: int
) -> Progress:
    """A file that came with its creation, all bytes in hand: a blob at once, and written down.

    Problems: checksum_mismatch, disk_full; then nothing is kept and nothing was begun.
    """
    if hashlib.sha256(content).hexdigest() != wish.sha256:
        raise Problem("checksum_mismatch")
    with refusals(), locks.held(wish.sha256, wait=True):
        sealed = keep(store, wish.sha256, wish.type, content)
        with writing() as session:
            progress = service.take_whole(session, install, member, wish, sealed, days)
    # What an earlier try left of it.
    store.discard(progress.id)
    return progress


def terminate(store: BlobStore, upload_id: str, member: str) -> None:
    """End the member's upload; a blob that it has become stays. Problems: not_found."""
    with writing() as session:
        service.forget(session, upload_id, member)
    store.discard(upload_id)


def sweep_partials(store: BlobStore, now: datetime, days: int) -> list[str]:
    """Remove uploads that lapsed, and partials without a row that are older; their ids."""
    with writing() as session:
        gone = set(service.forget_expired(session, now))
        join_arrived(session)
    gone |= strays(store, now - timedelta(days=days))
    for upload_id in gone:
        store.discard(upload_id)
    return sorted(gone)


def strays(store: BlobStore, before: datetime) -> set[str]:
    """Partials that nothing was added to since `before` and that no upload knows."""
    old = {partial.id for partial in store.list_partials() if partial.modified < before}
    with reading() as session:
        known = set(session.scalars(select(Upload.id).where(Upload.finished_at.is_(None))))
    return old - known


def sweep_orphans(store: BlobStore, locks: Locks, now: datetime, days: int) -> list[str]:
    """Remove blobs that no item has named for `days` since they came; their hashes."""
    with writing() as session:
        gone = service.forget_orphans(session, now - timedelta(days=days))
    return [sha256 for sha256 in gone if _removed(store, locks, sha256)]


def _removed(store: BlobStore, locks: Locks, sha256: str) -> bool:
    """Whether the file went; it stays if somebody is handing it in again right now."""
    try:
        with locks.held(sha256):
            with reading() as session:
                back = session.get(Blob, sha256) is not None
            if not back:
                store.delete(sha256)
            return not back
    except Taken:
        return False
