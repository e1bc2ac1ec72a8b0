"""A fair queue before SQLite's one writer.

SQLite's own busy handler polls, so a waiting writer is overtaken again and again (measured: p99 of
one second under load). Threads of a process wait here in order of arrival; the processes of a node
wait for each other on a file lock, which the kernel hands on without polling.
"""

import fcntl
import os
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class WriteQueueFull(Exception):
    """The turn did not come within the time allowed."""


class WriteLock:
    """First come, first served among the threads of this process; a file lock among processes."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._guard = threading.Lock()
        self._held = False
        self._waiting: deque[threading.Event] = deque()

    @contextmanager
    def turn(self, timeout: float) -> Iterator[None]:
        """Hold the lock inside the block; WriteQueueFull after `timeout` seconds of waiting.

        The seconds count the wait for threads of this process; another process is waited for until
        it is done, and a process that ends gives its lock back.
        """
        self._enter(timeout)
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                yield
            finally:
                os.close(descriptor)
        finally:
            self._leave()

    def _enter(self, timeout: float) -> None:
        ticket = threading.Event()
        with self._guard:
            if not self._held:
                self._held = True
                return
            self._waiting.append(ticket)
        if ticket.wait(timeout):
            return
        with self._guard:
            if ticket.is_set():
                return
            self._waiting.remove(ticket)
        raise WriteQueueFull

    def _leave(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._held = False
