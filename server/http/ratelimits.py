"""A counter store for rate limits that all web processes of a node share: one small SQLite file.

`limits` knows memory (one process), redis and memcached; a node of two processes needs neither.
Losing the file loses a minute of counting, so it is not synced to disk.
"""

import math
import sqlite3
import threading
import time
from urllib.parse import urlsplit

from flask import Flask, current_app
from limits import RateLimitItemPerMinute
from limits.storage import MovingWindowSupport, Storage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from server.kernel.problems import Problem
from server.kernel.writelock import WriteLock

OPEN_WAIT_S = 5
SWEEP_EVERY = 256

SCHEMA = """
CREATE TABLE IF NOT EXISTS hit (key TEXT NOT NULL, at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS hit_key_at ON hit (key, at);
CREATE TABLE IF NOT EXISTS counter (key TEXT PRIMARY KEY, count INTEGER, ends REAL);
"""


HIT = """
INSERT INTO hit
WITH RECURSIVE one(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM one WHERE n < ?)
SELECT ?, ? FROM one WHERE (SELECT count(*) FROM hit WHERE key = ? AND at > ?) <= ?
"""
"""One statement asks and counts, so that nobody comes between."""


class FileStorage(Storage, MovingWindowSupport):
    """`gewu-file:///path/limits.db`: shared by the processes of one node."""

    STORAGE_SCHEME = ["gewu-file"]

    def __init__(self, uri: str, wrap_exceptions: bool = False, **options: str) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **options)
        self._path = urlsplit(uri).path
        self._local = threading.local()
        self._opening = WriteLock(f"{self._path}.lock")

    @property
    def base_exceptions(self) -> type[Exception]:
        return sqlite3.Error

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            # The change to WAL does not wait for others who open the new file.
            with self._opening.turn(OPEN_WAIT_S):
                connection = self._open()
            self._local.connection = connection
        return connection

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=5, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=OFF")
        connection.executescript(SCHEMA)
        return connection

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        now = time.time()
        row = self._connection().execute(
            "INSERT INTO counter VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET"
            " count = CASE WHEN ends <= ? THEN 0 ELSE count END + excluded.count,"
            " ends = CASE WHEN ends <= ? THEN excluded.ends ELSE ends END RETURNING count",
            (key, amount, now + expiry, now, now),
        )
        return int(row.fetchone()[0])

    def get(self, key: str) -> int:
        row = self._connection().execute(
            "SELECT count FROM counter WHERE key = ? AND ends > ?", (key, time.time())
        )
        return int((row.fetchone() or (0,))[0])

    def get_expiry(self, key: str) -> float:
        row = self._connection().execute("SELECT ends FROM counter WHERE key = ?", (key,))
        return float((row.fetchone() or (time.time(),))[0])

    def check(self) -> bool:
        return self._connection().execute("SELECT 1").fetchone() == (1,)

    def reset(self) -> int | None:
        return self._connection().execute("DELETE FROM hit").rowcount

    def clear(self, key: str) -> None:
        self._connection().execute("DELETE FROM counter WHERE key = ?", (key,))
        self._connection().execute("DELETE FROM hit WHERE key = ?", (key,))

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        if amount > limit:
            return False
        connection, now = self._connection(), time.time()
        began = now - expiry
        done = connection.execute(HIT, (amount, key, now, key, began, limit - amount))
        if done.rowcount and done.lastrowid and done.lastrowid % SWEEP_EVERY == 0:
            # Every window here is a minute long (`hit`).
            connection.execute("DELETE FROM hit WHERE at <= ?", (began,))
        return done.rowcount > 0

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        now = time.time()
        first, used = (
            self._connection()
            .execute(
                "SELECT min(at), count(*) FROM hit WHERE key = ? AND at > ?", (key, now - expiry)
            )
            .fetchone()
        )
        return (first or now, used)


def init_app(app: Flask, url: str) -> None:
    """Counters in the store at `url`."""
    app.extensions["gewu_limits"] = MovingWindowRateLimiter(storage_from_string(url))


def hit(name: str, who: str, per_minute: int) -> None:
    """Count one act of `who`; Problem 429 with Retry-After above `per_minute` in a minute."""
    limiter: MovingWindowRateLimiter = current_app.extensions["gewu_limits"]
    window = RateLimitItemPerMinute(per_minute)
    if limiter.hit(window, name, who):
        return
    reset_at, _ = limiter.get_window_stats(window, name, who)
    raise Problem("too_many_requests", retry_after=max(1, math.ceil(reset_at - time.time())))
