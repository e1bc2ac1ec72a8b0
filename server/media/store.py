"""Where photo bytes live (照片存储): partial uploads, then blobs named by their SHA-256.

    <root>/partials/<upload id>             what has arrived of an upload
    <root>/blobs/ab/cd/<sha256>             a whole, verified file

`BlobStore` is what the room needs of a store; `DiskStore` keeps it on one disk. Every step can be
the last before the power fails: bytes are synced before they are acknowledged, and a blob appears
by one rename. Names are only upload ids and hashes; a client's file name never reaches the disk.

    StoreError
    ├── BadName          neither an upload id nor a hash
    ├── NoSuchUpload     the partial is gone or never was
    ├── NoSuchBlob       no file with this hash
    ├── WrongOffset      the partial has another length; `.actual` says which
    ├── UploadBusy       another request is writing the same partial
    ├── DigestMismatch   the bytes are not those that were announced
    └── NoSpace          the disk is full, or would fall below its floor
"""

import errno
import fcntl
import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Protocol

# Free bytes that uploads leave to the database and the logs.
FLOOR_BYTES = 256 * 1024 * 1024

_UPLOAD_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{7,63}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_FILE_MODE = 0o600
_DIRECTORY_MODE = 0o700
_FULL = (errno.ENOSPC, errno.EDQUOT)


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
    """The disk is full, or would fall below its floor."""


@dataclass(frozen=True, slots=True)
class Partial:
    """An upload that is not finished: bytes so far, and when the last ones came (UTC)."""

    id: str
    size: int
    modified: datetime


class BlobStore(Protocol):
    """What the media room needs of a store; hashes are 64 lower-case hex digits."""

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

        `digest` is that of all its bytes, if the `append` that just ended knows it; else they are
        read and synced again.
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

    def open(self, sha256: str) -> BinaryIO:
        """The blob, to be read and closed. NoSuchBlob."""

    def exists(self, sha256: str) -> bool:
        """Whether the blob is there."""

    def delete(self, sha256: str) -> None:
        """Remove a blob, if it is there."""


class DiskStore:
    """A `BlobStore` in a folder of one file system; several processes may share it."""

    def __init__(self, root: str | Path, floor: int = FLOOR_BYTES) -> None:
        """`floor`: bytes that stay free on the disk."""
        self._root = Path(root)
        self._partials = self._root / "partials"
        self._blobs = self._root / "blobs"
        self._floor = floor
        self._synced: set[str] = set()
        for directory in (self._root, self._partials, self._blobs):
            directory.mkdir(_DIRECTORY_MODE, parents=True, exist_ok=True)
        _sync_directory(self._root)

    def create(self, upload_id: str) -> None:
        path = self._partial(upload_id)
        self._refuse_if_full()
        with _full_is_no_space():
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT, _FILE_MODE))
            _sync_directory(self._partials)

    def append(
        self, upload_id: str, offset: int, chunks: Iterable[bytes], sha256: str | None = None
    ) -> int:
        with self._locked(upload_id) as fd, _full_is_no_space():
            actual = os.fstat(fd).st_size
            if offset != actual:
                raise WrongOffset(actual)
            end, digest = offset, hashlib.sha256()
            try:
                for chunk in chunks:
                    self._refuse_if_full(len(chunk))
                    _write(fd, chunk)
                    end += len(chunk)
                    if sha256 is not None:
                        digest.update(chunk)
                if sha256 not in (None, digest.hexdigest()):
                    raise DigestMismatch
            except BaseException:
                os.ftruncate(fd, end if sha256 is None else offset)
                _sync(fd, durable=offset)
                raise
            _sync(fd, durable=offset)
            return end

    def size(self, upload_id: str) -> int:
        try:
            return self._partial(upload_id).stat().st_size
        except FileNotFoundError as error:
            raise NoSuchUpload(upload_id) from error

    def digest(self, upload_id: str) -> str:
        try:
            with self._partial(upload_id).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError as error:
            raise NoSuchUpload(upload_id) from error

    def finish(self, upload_id: str, sha256: str, digest: str | None = None) -> None:
        blob = self._blob(sha256)
        try:
            with self._locked(upload_id) as fd, _full_is_no_space():
                if (digest or self.digest(upload_id)) != sha256:
                    os.ftruncate(fd, 0)
                    os.fsync(fd)
                    raise DigestMismatch
                if digest is None:
                    os.fsync(fd)
                _make(blob.parent)
                self._partial(upload_id).replace(blob)
        except NoSuchUpload:
            if not blob.exists():
                raise
        # Also when the rename was done by a process that was killed before it came here.
        _sync_directory(blob.parent)
        self._sync_above(blob.parent)

    def put(self, sha256: str, content: bytes) -> None:
        blob, partial = self._blob(sha256), self._partial(sha256)
        if not blob.exists():
            self._refuse_if_full(len(content))
            with _full_is_no_space():
                _write_synced(partial, content)
                _make(blob.parent)
                partial.replace(blob)
        _sync_directory(blob.parent)
        self._sync_above(blob.parent)

    def discard(self, upload_id: str) -> None:
        self._partial(upload_id).unlink(missing_ok=True)

    def list_partials(self) -> list[Partial]:
        found = []
        for path in sorted(self._partials.iterdir()):
            try:
                status = path.stat()
            except FileNotFoundError:
                continue
            modified = datetime.fromtimestamp(status.st_mtime, UTC)
            found.append(Partial(path.name, status.st_size, modified))
        return found

    def open(self, sha256: str) -> BinaryIO:
        try:
            return self._blob(sha256).open("rb")
        except FileNotFoundError as error:
            raise NoSuchBlob(sha256) from error

    def exists(self, sha256: str) -> bool:
        return self._blob(sha256).exists()

    def delete(self, sha256: str) -> None:
        self._blob(sha256).unlink(missing_ok=True)

    def _sync_above(self, directory: Path) -> None:
        """Have the folder itself on the disk: once in a process, as folders of blobs stay."""
        if directory == self._blobs or str(directory) in self._synced:
            return
        _sync_directory(directory.parent)
        self._sync_above(directory.parent)
        self._synced.add(str(directory))

    def _partial(self, upload_id: str) -> Path:
        if not _UPLOAD_ID.fullmatch(upload_id):
            raise BadName("not an upload id")
        return self._partials / upload_id

    def _blob(self, sha256: str) -> Path:
        if not _SHA256.fullmatch(sha256):
            raise BadName("not a SHA-256")
        return self._blobs / sha256[:2] / sha256[2:4] / sha256

    def _refuse_if_full(self, coming: int = 0) -> None:
        status = os.statvfs(self._root)
        if status.f_bavail * status.f_frsize - coming < self._floor:
            raise NoSpace

    @contextmanager
    def _locked(self, upload_id: str) -> Iterator[int]:
        """A descriptor that appends to the partial, alone among all processes."""
        path = self._partial(upload_id)
        try:
            fd = os.open(path, os.O_WRONLY | os.O_APPEND)
        except FileNotFoundError as error:
            raise NoSuchUpload(upload_id) from error
        try:
            _lock(fd, upload_id)
            # Another process may have finished or discarded it before the lock was ours.
            if not _is_at(path, fd):
                raise NoSuchUpload(upload_id)
            yield fd
        finally:
            os.close(fd)


@contextmanager
def _full_is_no_space() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise NoSpace from error
        raise


def _lock(fd: int, upload_id: str) -> None:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise UploadBusy(upload_id) from error


def _is_at(path: Path, fd: int) -> bool:
    """Whether the open file still has this name."""
    try:
        return os.path.samestat(os.fstat(fd), path.stat())
    except FileNotFoundError:
        return False


def _write(fd: int, chunk: bytes) -> None:
    rest = memoryview(chunk)
    while rest:
        rest = rest[os.write(fd, rest) :]


def _write_synced(path: Path, content: bytes) -> None:
    """A file with this content alone, on the disk; not there at all if the disk did not take it."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _FILE_MODE)
    try:
        _write(fd, content)
        os.fsync(fd)
    except OSError:
        path.unlink()
        raise
    finally:
        os.close(fd)


def _make(directory: Path) -> None:
    for folder in (directory.parent, directory):
        folder.mkdir(_DIRECTORY_MODE, exist_ok=True)


def _sync(fd: int, durable: int) -> None:
    """Bring the bytes to the disk; what a failing disk did not take is cut off again."""
    try:
        os.fsync(fd)
    except OSError:
        os.ftruncate(fd, durable)
        raise


def _sync_directory(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
