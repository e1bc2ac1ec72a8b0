"""One worker at a time: a lock that its process holds as long as it lives.

PostgreSQL: an advisory lock on a connection of its own. SQLite: a file lock in the data folder.
Both are freed by the death of the process, however it dies.
"""

import fcntl
import os
from typing import Protocol

from sqlalchemy import Connection, Engine, NullPool, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from server.config import Settings

ADVISORY_KEY = 0x67657775  # "gewu"
FILE = "worker.lock"


class Alone(Protocol):
    """The lock of the one worker."""

    def take(self) -> bool:
        """Try once to take the lock."""

    def held(self) -> bool:
        """Whether it is still ours; a lost database connection loses it."""

    def release(self) -> None:
        """Let the next worker in."""


def lock_for(settings: Settings) -> Alone:
    """The lock that all workers of this deployment share."""
    if settings.is_sqlite:
        return FileLock(str(settings.data / FILE))
    return AdvisoryLock(create_engine(settings.database_url, poolclass=NullPool))


class FileLock:
    """A lock on a file; also how `gewu restore` sees that a worker runs."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._descriptor: int | None = None

    def take(self) -> bool:
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def held(self) -> bool:
        return self._descriptor is not None

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class AdvisoryLock:
    """`pg_try_advisory_lock` on a connection that does nothing else."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._connection: Connection | None = None

    def take(self) -> bool:
        connection = self._engine.connect()
        if not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": ADVISORY_KEY}):
            connection.close()
            return False
        self._connection = connection
        return True

    def held(self) -> bool:
        if self._connection is None:
            return False
        try:
            return self._connection.scalar(text("SELECT 1")) == 1
        except SQLAlchemyError:
            return False

    def release(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
