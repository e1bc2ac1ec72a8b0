"""A counter store for rate limits that all web processes of a node share: one small SQLite file.

`limits` knows memory (one process), redis and memcached; a node of two processes needs neither.
Losing the file loses a minute of counting, so it is not synced to disk.
"""

import math
import sqlite3
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any
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
CREATE TABLE IF NOT EXISTS act (
    key TEXT, second INTEGER, count INTEGER, PRIMARY KEY (key, second)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counter (key TEXT PRIMARY KEY, count INTEGER, ends REAL);
"""
HIT = """
INSERT INTO act SELECT :key, :second, :amount
WHERE (SELECT coalesce(sum(count), 0) FROM act WHERE key = :key AND second > :began) <= :room
ON CONFLICT DO UPDATE SET count = count + excluded.count RETURNING count
"""
"""One statement asks and counts, so that nobody comes between. An act counts from the end of its
second on: a little too long, never too short.
"""
Rows = list[tuple[Any, ...]]


class FileStorage(Storage, MovingWindowSupport):
    """`gewu-file:///path/limits.db`: shared by the processes of one node.

    The threads of a process take turns on one connection: each one's own would read again what
    the others have written.
    """

    STORAGE_SCHEME = ["gewu-file"]

    def __init__(self, uri: str, wrap_exceptions: bool = False, **options: str) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **options)
        self._path = urlsplit(uri).path
        self._turn = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._acts = 0

    @property
    def base_exceptions(self) -> type[Exception]:
        return sqlite3.Error

    def _ask(self, text: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> Rows:
        with self._turn:
            if self._connection is None:
                # The change to WAL does not wait for others who open the new file.
                with WriteLock(f"{self._path}.lock").turn(OPEN_WAIT_S):
                    self._connection = self._open()
            return self._connection.execute(text, values).fetchall()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=5, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=OFF")
        connection.executescript(SCHEMA)
        return connection

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        now = time.time()
        rows = self._ask(
            "INSERT INTO counter VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET"
            " count = CASE WHEN ends <= ? THEN 0 ELSE count END + excluded.count,"
            " ends = CASE WHEN ends <= ? THEN excluded.ends ELSE ends END RETURNING count",
            (key, amount, now + expiry, now, now),
        )
        return int(rows[0][0])

    def get(self, key: str) -> int:
        text = "SELECT count FROM counter WHERE key = ? AND ends > ?"
        rows = self._ask(text, (key, time.time()))
        return int(rows[0][0]) if rows else 0

    def get_expiry(self, key: str) -> float:
        rows = self._ask("SELECT ends FROM counter WHERE key = ?", (key,))
        return float(rows[0][0]) if rows else time.time()

    def check(self) -> bool:
        return self._ask("SELECT 1") == [(1,)]

    def reset(self) -> int | None:
        return sum(count for (count,) in self._ask("DELETE FROM act RETURNING count"))

    def clear(self, key: str) -> None:
        self._ask("DELETE FROM counter WHERE key = ?", (key,))
        self._ask("DELETE FROM act WHERE key = ?", (key,))

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        if amount > limit:
            return False
        now = time.time()
        known = {"key": key, "second": math.ceil(now), "amount": amount}
        counted = self._ask(HIT, known | {"began": now - expiry, "room": limit - amount})
        self._acts += 1
        if self._acts % SWEEP_EVERY == 0:
            # Every window here is a minute long (`hit`).
            self._ask("DELETE FROM act WHERE second <= ?", (now - expiry,))
        return bool(counted)

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        now = time.time()
        text = "SELECT min(second), sum(count) FROM act WHERE key = ? AND second > ?"
        ((first, used),) = self._ask(text, (key, now - expiry))
        return (first or now, used or 0)


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
