"""One writer per upload and per content, among all web processes of a node: `flock` on a file.

A process that dies lets go of its locks. The file of a lock goes with the lock, so none pile up.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Taken(Exception):
    """Somebody else holds the lock."""


class Locks:
    """Named locks whose files lie in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def held(self, name: str, wait: bool = False) -> Iterator[None]:
        """Hold the lock `name` inside the block; Taken if it is not free and `wait` is not set."""
        path = self._folder / name
        descriptor = self._take(path, wait)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
            os.close(descriptor)

    def _take(self, path: Path, wait: bool) -> int:
        self._folder.mkdir(parents=True, exist_ok=True)
        while True:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError as error:
                os.close(descriptor)
                raise Taken(path.name) from error
            if _is_still(path, descriptor):
                return descriptor
            os.close(descriptor)


def _is_still(path: Path, descriptor: int) -> bool:
    """Whether the locked file is the one at `path`; its holder may have removed it meanwhile."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(descriptor))
    except FileNotFoundError:
        return False
