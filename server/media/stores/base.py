"""What the media room needs of a store: partial uploads, then blobs named by their SHA-256.

Every step can be the last before the power fails: bytes are durable before they are acknowledged,
and a blob appears whole or not at all. Names are only upload ids and hashes; a client's file name
never reaches a store.

    StoreError
    ├── BadName          neither an upload id nor a hash
    ├── NoSuchUpload     the partial is gone or never was
    ├── NoSuchBlob       no file with this hash
    ├── WrongOffset      the partial has another length; `.actual` says which
    ├── UploadBusy       another request is writing the same partial
    ├── DigestMismatch   the bytes are not those that were announced
    ├── NoSpace          the store is full, or would fall below its floor
    └── StoreAway        the store cannot be reached or used; nothing that it has is lost
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BufferedReader
from typing import Protocol, runtime_checkable

_UPLOAD_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{7,63}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class StoreError(Exception):
    """Any refusal of a store."""


class BadName(StoreError):
    """Neither an upload id nor a hash."""


class NoSuchUpload(StoreError):
    """The partial is gone or never was."""


class NoSuchBlob(StoreError):
    """No file with this hash."""


class WrongOffset(StoreError):
    """The partial has `actual` bytes."""

    def __init__(self, actual: int) -> None:
        super().__init__(f"the upload has {actual} bytes")
        self.actual = actual


class UploadBusy(StoreError):
    """Another request is writing the same partial."""


class DigestMismatch(StoreError):
    """The bytes are not those that were announced."""


class NoSpace(StoreError):
    """The store is full, or would fall below its floor."""


class StoreAway(StoreError):
    """The store cannot be reached or used; the argument is a code that says why."""


@dataclass(frozen=True, slots=True)
class Partial:
    """An upload that is not finished: bytes so far, and when the last ones came (UTC)."""

    id: str
    size: int
    modified: datetime


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """A blob that lies in the store, and its size in bytes."""

    sha256: str
    size: int


class BlobStore(Protocol):
    """What a store promises; hashes are 64 lower-case hex digits. Anything may raise StoreAway."""

    def create(self, upload_id: str) -> None:
        """An empty partial; one that exists is left as it is. NoSpace."""

    def append(
        self, upload_id: str, offset: int, chunks: Iterable[bytes], sha256: str | None = None
    ) -> int:
        """Add bytes at `offset` and return the new offset, once they are durable.

        If `chunks` raises, the whole chunks before are kept, so that an upload over a bad network
        goes on; `size` tells from where. With the `sha256` of these bytes it is all or nothing.
        NoSuchUpload, UploadBusy, WrongOffset, DigestMismatch, NoSpace.
        """

    def size(self, upload_id: str) -> int:
        """Bytes that have arrived. NoSuchUpload."""

    def digest(self, upload_id: str) -> str:
        """SHA-256 of what has arrived. NoSuchUpload."""

    def finish(self, upload_id: str, sha256: str, digest: str | None = None) -> None:
        """Make the partial the blob `sha256`; once more is the same as once.

        `digest` is that of all its bytes, if the `append` that just ended knows it; a store that
        need not read them for another reason then does not read them again.
        DigestMismatch empties the partial. NoSuchUpload, UploadBusy.
        """

    def put(self, sha256: str, content: bytes) -> None:
        """Make bytes that have this hash a blob, durable on return. NoSpace.

        One at a time for each hash.
        """

    def discard(self, upload_id: str) -> None:
        """Remove a partial, if it is there."""

    def list_partials(self) -> list[Partial]:
        """Every partial, by id."""

    def open(self, sha256: str) -> BufferedReader:
        """The blob, to be read, sought in and closed; only a file on a disk has a name. NoSuchBlob.

        What is read costs what it needs: a range of a large blob is not the whole of it.
        """

    def exists(self, sha256: str) -> bool:
        """Whether the blob is there."""

    def delete(self, sha256: str) -> None:
        """Remove a blob, if it is there."""

    def list_blobs(self) -> Iterator[StoredBlob]:
        """Every blob, by hash, read as it is asked for."""

    def check(self) -> None:
        """Write something and take it away again. StoreAway says why it cannot."""


@runtime_checkable
class SignsUrls(Protocol):
    """A store that lets others read a blob without asking the server."""

    def signed_url(self, sha256: str, seconds: int, type_: str) -> str:
        """An address that shows the blob in place, as `type_`, for `seconds` (1..3600).

        It opens to whoever has it, and no proxy may keep what it gives. ValueError for another
        time. It is made without looking whether the blob is there.
        """


def upload_name(upload_id: str) -> str:
    """`upload_id` as the name of a partial. BadName."""
    if not _UPLOAD_ID.fullmatch(upload_id):
        raise BadName("not an upload id")
    return upload_id


def blob_name(sha256: str) -> str:
    """`sha256` as the name of a blob. BadName."""
    if not _SHA256.fullmatch(sha256):
        raise BadName("not a SHA-256")
    return sha256


def is_blob_name(name: str) -> bool:
    """Whether `name` is a hash."""
    return _SHA256.fullmatch(name) is not None
