"""Copies of a SQLite database: made while it is written to, put back while nobody serves it."""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from server.cli.options import Refused
from server.cli.serve import LOCK
from server.cli.texts import t
from server.config import Settings
from server.jobs.alone import FILE as WORKER_LOCK
from server.kernel import clock, migration


class BadCopy(Exception):
    """A file that is no whole copy of a database of this program."""


def copy(database: Path, target: Path) -> None:
    """One consistent state of `database` into the new file `target`, on the disk when done."""
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(target)) as made:
        source.backup(made)
        made.execute("PRAGMA journal_mode=DELETE")
    _sync(target)
    _sync(target.absolute().parent)


def put_back(source: Path, database: Path) -> Path | None:
    """Put a copy of `source` in the place of `database`; where the old one was kept. BadCopy."""
    check(source)
    fresh = database.with_suffix(".restoring")
    fresh.unlink(missing_ok=True)
    copy(source, fresh)
    kept = _set_aside(database)
    os.replace(fresh, database)
    _sync(database.parent)
    return kept


def check(source: Path) -> None:
    """BadCopy unless the file is whole and its schema is the one of this program."""
    try:
        with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as connection:
            whole = connection.execute("PRAGMA integrity_check").fetchone()[0]
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        raise BadCopy(str(error)) from error
    if whole != "ok":
        raise BadCopy(whole)
    if row is None or row[0] not in migration.known():
        raise BadCopy(f"revision {row and row[0]}")


def _set_aside(database: Path) -> Path | None:
    """Keep the database that stands under another name, whole, without its journal files."""
    if not database.exists():
        return None
    with closing(sqlite3.connect(database)) as old:
        old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        old.execute("PRAGMA journal_mode=DELETE")
    kept = database.with_name(f"{database.name}.before-{clock.now():%Y%m%dT%H%M%S%f}")
    os.replace(database, kept)
    return kept


@contextmanager
def nobody_serves(settings: Settings) -> Iterator[None]:
    """Hold off the server and the worker of this data folder; Refused if one runs."""
    paths = [settings.data / name for name in (LOCK, WORKER_LOCK)]
    descriptors = [os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600) for path in paths]
    try:
        for descriptor in descriptors:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise Refused(t("restore.running")) from error
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
