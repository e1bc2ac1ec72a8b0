"""A connection of a web process, and how it ends without losing the last answer."""

import select
import socket
import time
from collections.abc import Callable
from typing import Any

from gunicorn.workers.gthread import TConn

from server.gate import head

LINGER_S = 5.0
"""How long an answered request may still come in before its connection is cut."""
_PIECE = 64 * 1024
_GONE = getattr(select, "POLLRDHUP", 0) | select.POLLHUP | select.POLLERR


class Connection(TConn):
    """`came`: when its request was let in; `head`: what the first bytes of that said.

    When it ends: `unread` bytes are still to come, None until the other side's end; then it is
    closed, or kept for the next request.
    """

    def __init__(
        self,
        cfg: Any,
        sock: socket.socket,
        client: Any,
        server: Any,
        linger: "Callable[[Connection], None]",
    ) -> None:
        super().__init__(cfg, sock, client, server)
        self._linger = linger
        self.head = head.UNKNOWN
        self.came = 0.0
        self.unread: int | None = 0
        self.keep = False

    def leave(self, unread: int | None, keep: bool) -> None:
        """Begin the end."""
        self.unread, self.keep = unread, keep
        self.timeout = time.monotonic() + LINGER_S

    def has_parted(self) -> bool:
        """Take what came in meanwhile; whether that was all, or the connection is broken."""
        try:
            while self.unread != 0:
                piece = self.sock.recv(_PIECE if self.unread is None else min(_PIECE, self.unread))
                if not piece:
                    return True
                self.unread = None if self.unread is None else self.unread - len(piece)
        except BlockingIOError:
            return False
        except OSError:
            self.unread = None
        return True

    def has_left(self) -> bool:
        """Whether the other side has hung up."""
        poll = select.poll()
        poll.register(self.sock, _GONE)
        return bool(poll.poll(0))

    def close(self, graceful: bool = False) -> None:
        """Close; `graceful`: say so, and let the other side close first (RFC 9112, section 9.6)."""
        if not graceful:
            return super().close()
        try:
            self.sock.shutdown(socket.SHUT_WR)
        except OSError:
            return super().close()
        return self._linger(self)
