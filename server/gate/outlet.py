"""The connection of a page that is told of changes: written to by the hub, closed by the loop."""

import socket
from collections.abc import Callable

from server.gate.connection import Connection

BUFFER = 32 * 1024
"""Bytes that are kept for a page that does not read; more than that, and it is cut."""

Dismiss = Callable[[Connection, bool], None]
"""(connection, whether to wait for the other side to close it)"""


class Outlet:
    """See server/live/streams.py; `is_chunked`: the answer is framed so (RFC 9112, section 7.1)."""

    def __init__(self, conn: Connection, is_chunked: bool, dismiss: Dismiss) -> None:
        conn.sock.setblocking(False)
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
        self._conn, self._is_chunked, self._dismiss = conn, is_chunked, dismiss

    def say(self, text: str) -> bool:
        return self._send(text.encode())

    def has_left(self) -> bool:
        return self._conn.has_left()

    def end(self) -> None:
        said = not self._is_chunked or self._send(b"")
        self._dismiss(self._conn, said)

    def cut(self) -> None:
        self._dismiss(self._conn, False)

    def _send(self, data: bytes) -> bool:
        framed = b"%x\r\n%b\r\n" % (len(data), data) if self._is_chunked else data
        try:
            return self._conn.sock.send(framed) == len(framed)
        except OSError:
            return False
