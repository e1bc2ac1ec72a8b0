"""Blobs and partials in a folder of one file system.

    <root>/partials/<upload id>             what has arrived of an upload
    <root>/blobs/ab/cd/<sha256>             a whole, verified file

Bytes are synced before they are acknowledged, and a blob appears by one rename.
"""

import errno
import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from io import BufferedReader
from pathlib import Path

from server.media.stores.base import (
    DigestMismatch,
    NoSpace,
    NoSuchBlob,
    NoSuchUpload,
    Partial,
    StoreAway,
    StoredBlob,
    UploadBusy,
    WrongOffset,
    blob_name,
    is_blob_name,
    upload_name,
)

# Free bytes that uploads leave to the database and the logs.
FLOOR_BYTES = 256 * 1024 * 1024

_FILE_MODE = 0o600
_DIRECTORY_MODE = 0o700
_FULL = (errno.ENOSPC, errno.EDQUOT)


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

    def open(self, sha256: str) -> BufferedReader:
        try:
            return self._blob(sha256).open("rb")
        except FileNotFoundError as error:
            raise NoSuchBlob(sha256) from error

    def exists(self, sha256: str) -> bool:
        return self._blob(sha256).exists()

    def delete(self, sha256: str) -> None:
        self._blob(sha256).unlink(missing_ok=True)

    def list_blobs(self) -> Iterator[StoredBlob]:
        for outer in _sorted(self._blobs):
            for inner in _sorted(outer):
                for path in filter(_is_in_its_place, _sorted(inner)):
                    with suppress(FileNotFoundError):
                        yield StoredBlob(path.name, path.stat().st_size)

    def check(self) -> None:
        for folder in (self._partials, self._blobs):
            check_folder(folder)

    def _sync_above(self, directory: Path) -> None:
        """Have the folder itself on the disk: once in a process, as folders of blobs stay."""
        if directory == self._blobs or str(directory) in self._synced:
            return
        _sync_directory(directory.parent)
        self._sync_above(directory.parent)
        self._synced.add(str(directory))

    def _partial(self, upload_id: str) -> Path:
        return self._partials / upload_name(upload_id)

    def _blob(self, sha256: str) -> Path:
        name = blob_name(sha256)
        return self._blobs / name[:2] / name[2:4] / name

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


def check_folder(folder: Path) -> None:
    """StoreAway unless a file can be made in the folder."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise StoreAway(errno.errorcode.get(error.errno or 0, "EIO")) from error


def _sorted(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _is_in_its_place(path: Path) -> bool:
    """Whether this is where `open` would look for a blob of this name."""
    name = path.name
    return is_blob_name(name) and path.parts[-3:-1] == (name[:2], name[2:4])


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
