"""Uploads as files: how far one has come, taking its bytes in, and making it a blob."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from server.kernel.problems import Problem
from server.media import exif, rules
from server.media.exif import PhotoFacts
from server.media.models import Upload
from server.media.stores.base import (
    BlobStore,
    DigestMismatch,
    NoSpace,
    NoSuchUpload,
    UploadBusy,
    WrongOffset,
)

KEPT_FACTS = (
    "width",
    "height",
    "format",
    "lat",
    "lon",
    "orientation",
    "make",
    "model",
    "software",
)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an upload has come, in bytes; `finished` once its blob is written down."""

    id: str
    sha256: str
    member: str
    type: str
    size: int
    offset: int
    expires_at: datetime
    finished: bool

    @property
    def is_due(self) -> bool:
        """All bytes are here, but the blob is not written down yet."""
        return not self.finished and self.offset == self.size


@dataclass(frozen=True, slots=True)
class Sealed:
    """A blob as it lies on disk: its true size and type, what its EXIF says, what is odd."""

    size: int
    type: str
    facts: PhotoFacts = field(default_factory=PhotoFacts)
    problems: tuple[str, ...] = ()

    def columns(self) -> dict[str, Any]:
        """The columns of `Blob` but its hash and its time."""
        facts = asdict(self.facts)
        taken_at = self.facts.taken_at
        return {name: facts[name] for name in KEPT_FACTS} | {
            "size": self.size,
            "type": self.type,
            "taken_at": taken_at.isoformat() if taken_at else None,
            "problems": [*self.problems, *self.facts.problems],
        }


def progress_of(store: BlobStore, upload: Upload) -> Progress:
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
    )


def offset_of(store: BlobStore, upload: Upload | Row[Any]) -> int:
    """Bytes that have arrived; the partial of a live upload is only gone once it is a blob."""
    if upload.finished_at is not None:
        return upload.size
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
    store: BlobStore, upload_id: str, offset: int, chunks: Iterable[bytes], checksum: bytes | None
) -> int:
    """Add bytes and give the new offset, once they are durable.

    If `chunks` raises, what came before is kept, unless there is a `checksum` (SHA-256 of these
    bytes). Problems: locked, upload_offset, checksum_mismatch, disk_full, not_found.
    """
    with refusals():
        return store.append(upload_id, offset, chunks, checksum.hex() if checksum else None)


def seal(store: BlobStore, progress: Progress) -> Sealed:
    """Make the whole upload a blob, or find that it is one, and look at it.

    Problems: checksum_mismatch (the upload is empty again), locked, disk_full, not_found.
    """
    with refusals():
        store.finish(progress.id, progress.sha256)
    return look_at(store, progress.sha256, progress.type)


def look_at(store: BlobStore, sha256: str, said: str) -> Sealed:
    """What the blob is; `said` is the type that the client gave."""
    with store.open(sha256) as file:
        head = file.read(rules.SNIFF_BYTES)
        size = file.seek(0, 2)
        type_, problems = rules.judge_type(said, head)
        if type_ not in rules.IMAGES:
            return Sealed(size, type_, problems=tuple(problems))
        return Sealed(size, type_, exif.read(file), tuple(problems))


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
