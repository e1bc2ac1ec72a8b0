"""One writer per upload and per content, among all processes that share the photos.

A process that dies lets go of its locks. On one machine, and on a folder that several share, a lock
is `flock` on a file; nodes that share a bucket lock in the database that they share.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

WAIT_S = 60
TRY = text("SELECT pg_try_advisory_lock(:key)")
AWAIT = text("SELECT pg_advisory_lock(:key)")
LET_GO = text("SELECT pg_advisory_unlock_all()")


class Taken(Exception):
    """Somebody else holds the lock."""


class Locks(Protocol):
    """Named locks."""

    def held(self, name: str, wait: bool = False) -> AbstractContextManager[None]:
        """Hold the lock `name` inside the block; Taken if it is not free and `wait` is not set."""


class FileLocks:
    """Locks whose files lie in `folder`; the file goes with the lock, so none pile up."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def held(self, name: str, wait: bool = False) -> Iterator[None]:
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


class DatabaseLocks:
    """PostgreSQL's advisory locks; each is held by a connection of its own, and goes with it.

    It is let go by word first: that a connection was closed the database notices a little later.
    """

    def __init__(self, engine: Engine) -> None:
        """`engine` must not keep connections (NullPool): closing one lets go of its locks."""
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def held(self, name: str, wait: bool = False) -> Iterator[None]:
        with self._engine.connect() as connection:
            _take(connection, name, wait)
            try:
                yield
            finally:
                # Whoever lost the connection has lost the lock with it.
                with suppress(DBAPIError):
                    connection.execute(LET_GO)


def _take(connection: Connection, name: str, wait: bool) -> None:
    """Wait no longer than WAIT_S: an OperationalError then, as of a database that is busy."""
    key = {"key": int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)}
    if wait:
        connection.execute(text(f"SET lock_timeout = '{WAIT_S}s'"))
        connection.execute(AWAIT, key)
    elif not connection.scalar(TRY, key):
        raise Taken(name)


def _is_still(path: Path, descriptor: int) -> bool:
    """Whether the locked file is the one at `path`; its holder may have removed it meanwhile."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(descriptor))
    except FileNotFoundError:
        return False
