"""The device's memory: one SQLite file and one folder of photos under a home directory.

Every write is one `BEGIN IMMEDIATE` transaction synced to disk, so that the command line
and a `sync --watch` beside it can share the file. A Store belongs to one thread; further
threads and processes open their own on the same home.
"""

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from fieldkit.errors import InputError, NotEnrolled, StoreTrouble
from fieldkit.schema import MIGRATIONS

FILE = "fieldkit.db"
MEDIA_FOLDER = "media"

Values = Sequence[object] | Mapping[str, object]

_WIPE = (
    "DELETE FROM settings",
    "DELETE FROM item_media",
    "DELETE FROM items",
    "DELETE FROM media",
    "DELETE FROM objects",
    "DELETE FROM receipts",
)


class Store:
    """The store in the directory `home`, which is made (0700) if it is missing.

    Raises StoreTrouble when the disk refuses or the file is no store, InputError when a
    later fieldkit wrote it.
    """

    def __init__(self, home: Path | str) -> None:
        self.home = Path(home)
        self.media_folder = self.home / MEDIA_FOLDER
        try:
            self.db = self._open()
        except (OSError, sqlite3.DatabaseError) as error:
            raise StoreTrouble(str(error)) from error
        self._migrate()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; the store must not be used afterwards."""
        self.db.close()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction; a `write()` inside another joins it.

        Raises StoreTrouble when the disk refuses (full, read-only, locked for 30 s).
        """
        if self.db.in_transaction:
            yield self.db
            return
        try:
            self.db.execute("BEGIN IMMEDIATE")
            yield self.db
            self.db.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise StoreTrouble(str(error)) from error
        finally:
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")

    def rows(self, sql: str, values: Values = ()) -> list[sqlite3.Row]:
        """All rows of a query."""
        return self.db.execute(sql, values).fetchall()

    def row(self, sql: str, values: Values = ()) -> sqlite3.Row | None:
        """The first row of a query, or None."""
        row: sqlite3.Row | None = self.db.execute(sql, values).fetchone()
        return row

    def count(self, sql: str, values: Values = ()) -> int:
        """The number that a `SELECT COUNT(*)` or `SELECT MAX(…)` gives; none is 0."""
        return int(self.db.execute(sql, values).fetchone()[0] or 0)

    def get(self, key: str, default: Any = None) -> Any:
        """A setting, or `default`."""
        row = self.row("SELECT value FROM settings WHERE key = ?", (key,))
        return default if row is None else json.loads(row["value"])

    def set(self, key: str, value: Any) -> None:
        """Keep a setting (anything that JSON can hold); None forgets it."""
        with self.write() as db:
            if value is None:
                db.execute("DELETE FROM settings WHERE key = ?", (key,))
                return
            db.execute(
                "INSERT INTO settings (key, value) VALUES (?, ?) "
                "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (key, json.dumps(value, ensure_ascii=False)),
            )

    def need(self, key: str) -> Any:
        """A setting that enrolment writes. Raises NotEnrolled without it."""
        value = self.get(key)
        if value is None:
            raise NotEnrolled
        return value

    @property
    def member(self) -> str:
        """The id of the member this device is enrolled for. Raises NotEnrolled."""
        return str(self.need("member")["id"])

    def media_path(self, sha256: str) -> Path:
        """Where the bytes of a photo lie."""
        return self.media_folder / sha256

    def unsent(self) -> int:
        """How many items and photos the server has not taken yet, whoever captured them."""
        return self.count(
            "SELECT (SELECT COUNT(*) FROM items WHERE state = 'queued' OR status = 'unsent')"
            " + (SELECT COUNT(*) FROM media WHERE state IN ('queued', 'failed'))"
        )

    def wipe(self) -> bool:
        """Forget everything, the enrolment too; refused (False) while anything is unsent."""
        with self.write() as db:
            if self.unsent():
                return False
            for statement in _WIPE:
                db.execute(statement)
            for path in self.media_folder.iterdir():
                path.unlink(missing_ok=True)
        self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return True

    def _open(self) -> sqlite3.Connection:
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.media_folder.mkdir(mode=0o700, exist_ok=True)
        path = self.home / FILE
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        db = sqlite3.connect(path, timeout=30, isolation_level=None)
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA secure_delete = ON")
        return db

    def _migrate(self) -> None:
        """Bring the tables to this version. A file of a later fieldkit is refused."""
        with self.write() as db:
            version = self.count("PRAGMA user_version")
            if version > len(MIGRATIONS):
                raise InputError("store_too_new", home=self.home)
            for statements in MIGRATIONS[version:]:
                for statement in statements:
                    db.execute(statement)
