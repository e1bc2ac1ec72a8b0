"""Uploads as files: how far one has come, taking its bytes in, and making it a blob."""

import errno
import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from server.kernel.problems import Problem
from server.media import rules
from server.media.models import Upload
from server.media.stores.base import (
    BlobStore,
    DigestMismatch,
    NoSpace,
    NoSuchUpload,
    UploadBusy,
    WrongOffset,
)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an upload has come, in bytes; `finished` once its blob is written down.

    `digest` is the SHA-256 of all its bytes, where it is known without reading them again.
    """

    id: str
    sha256: str
    member: str
    type: str
    size: int
    offset: int
    expires_at: datetime
    finished: bool
    item: str | None = None
    digest: str | None = None

    @property
    def is_due(self) -> bool:
        """All bytes are here, but the blob is not written down yet."""
        return not self.finished and self.offset == self.size


@dataclass(frozen=True, slots=True)
class Sealed:
    """A blob as it lies in the store: its true size and type, and what is odd about the type."""

    size: int
    type: str
    problems: list[str]


def progress_of(store: BlobStore, upload: Upload | Row[Any]) -> Progress:
    """How far `upload` has come: the file is the truth, whatever a crash left in the row."""
    return Progress(
        id=upload.id,
        sha256=upload.sha256,
        member=upload.member,
        type=upload.type,
        size=upload.size,
        offset=offset_of(store, upload),
        expires_at=upload.expires_at,
        finished=upload.finished_at is not None,
        item=upload.item,
    )


def offset_of(store: BlobStore, upload: Upload | Row[Any]) -> int:
    """Bytes that have arrived; the partial of a live upload is only gone once it is a blob."""
    if upload.finished_at is not None:
        return int(upload.size)
    arrived = _arrived(store, upload.id)
    if arrived is None:
        return upload.size if store.exists(upload.sha256) else 0
    return arrived


def _arrived(store: BlobStore, upload_id: str) -> int | None:
    try:
        return store.size(upload_id)
    except NoSuchUpload:
        return None


def lacks_partial(store: BlobStore, upload: Upload, lapsed: bool) -> bool:
    """Whether the upload must begin with an empty partial; `lapsed`: its row stood for nothing."""
    if _arrived(store, upload.id) is not None:
        return False
    return lapsed or upload.finished_at is not None or not store.exists(upload.sha256)


def receive(
    store: BlobStore,
    progress: Progress,
    offset: int,
    chunks: Iterable[bytes],
    checksum: bytes | None,
) -> Progress:
    """Add bytes and give the new progress, once they are durable.

    If `chunks` raises, what came before is kept, unless there is a `checksum` (SHA-256 of these
    bytes). Problems: locked, upload_offset, checksum_mismatch, disk_full, not_found.
    """
    announced = checksum.hex() if checksum else None
    hashing = _Hashing(chunks) if offset == 0 and announced is None else None
    with refusals():
        arrived = store.append(progress.id, offset, hashing or chunks, announced)
    if offset > 0 or arrived < progress.size:
        return replace(progress, offset=arrived)
    return replace(progress, offset=arrived, digest=hashing.hex() if hashing else announced)


class _Hashing:
    """Chunks on their way to the store, hashed as they pass."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks, self._hash = chunks, hashlib.sha256()

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self._hash.update(chunk)
            yield chunk

    def hex(self) -> str:
        return self._hash.hexdigest()


def seal(store: BlobStore, progress: Progress) -> Sealed:
    """Make the whole upload a blob, or find that it is one, and look at its first bytes.

    Problems: checksum_mismatch (the upload is empty again), locked, disk_full, not_found.
    """
    with refusals():
        store.finish(progress.id, progress.sha256, progress.digest)
    with store.open(progress.sha256) as file:
        head = file.read(rules.SNIFF_BYTES)
        return judged(progress.type, head, file.seek(0, 2))


def keep(store: BlobStore, sha256: str, said: str, content: bytes) -> Sealed:
    """Make bytes in hand, whose hash was checked, a blob. Problems: disk_full."""
    with refusals():
        store.put(sha256, content)
    return judged(said, content[: rules.SNIFF_BYTES], len(content))


def judged(said: str, head: bytes, size: int) -> Sealed:
    """What the blob is; `said` is the type that the client gave."""
    type_, problems = rules.judge_type(said, head)
    return Sealed(size, type_, problems)


@contextmanager
def refusals() -> Iterator[None]:
    """What the store refuses, as what the client is told."""
    try:
        yield
    except UploadBusy as error:
        raise Problem("locked", retry_after=1) from error
    except WrongOffset as error:
        raise Problem("upload_offset", extra={"offset": error.actual}) from error
    except DigestMismatch as error:
        raise Problem("checksum_mismatch") from error
    except NoSpace as error:
        raise Problem("disk_full") from error
    except NoSuchUpload as error:
        raise Problem("not_found") from error
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise Problem("disk_full") from error
