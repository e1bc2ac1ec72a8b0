"""HTTP over a plain socket, so that every byte is seen: the one client of the bench."""

import socket
import time
from collections.abc import Mapping

import click

PATIENCE_S = 60.0
Headers = Mapping[str, str]
Answer = tuple[int, dict[str, str], bytes]
"""(status, headers by lower-case name, body as it came)."""


class Wire:
    """A kept connection to a port of this machine; counts bytes with headers both ways, and time.

    `seconds` are those of each request, the connection included where one was opened for it.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self._socket: socket.socket | None = None
        self.forget()

    def forget(self) -> None:
        """Count from nothing."""
        self.sent, self.received = 0, 0
        self.seconds: list[float] = []

    def close(self) -> None:
        """The next request opens another connection."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None

    def ask(self, method: str, path: str, headers: Headers, body: bytes = b"") -> Answer:
        """One request."""
        sized = {"Host": f"127.0.0.1:{self.port}", **headers, "Content-Length": str(len(body))}
        fields = "".join(f"{name}: {value}\r\n" for name, value in sized.items())
        request = f"{method} {path} HTTP/1.1\r\n{fields}\r\n".encode() + body
        began = time.perf_counter()
        head, content = self._answered(request)
        self.seconds.append(time.perf_counter() - began)
        self.sent += len(request)
        self.received += len(head) + len(content)
        status, told = parsed(head)
        if told.get("connection") == "close":
            self.close()
        return status, told, content

    def _answered(self, request: bytes) -> tuple[bytes, bytes]:
        """A kept connection that the server closed meanwhile is replaced once, as phones do it."""
        kept = self._socket is not None
        try:
            return _exchanged(self._connected(), request)
        except ConnectionError:
            self.close()
            if not kept:
                raise
            click.echo(
                f"port {self.port}: a kept connection was closed, another is opened", err=True
            )
        return _exchanged(self._connected(), request)

    def _connected(self) -> socket.socket:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self.port), PATIENCE_S)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._socket


def _exchanged(connection: socket.socket, request: bytes) -> tuple[bytes, bytes]:
    """(head, body) of the answer."""
    connection.sendall(request)
    got = b""
    while b"\r\n\r\n" not in got:
        got += _more(connection)
    head, _, content = got.partition(b"\r\n\r\n")
    parts = [content]
    missing = int(parsed(head)[1].get("content-length", 0)) - len(content)
    while missing > 0:
        parts.append(_more(connection))
        missing -= len(parts[-1])
    return head + b"\r\n\r\n", b"".join(parts)


def parsed(head: bytes) -> tuple[int, dict[str, str]]:
    """(status, headers by lower-case name) of the head of an answer."""
    first, *lines = head.decode("latin-1").strip().split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return int(first.split()[1]), {name.lower(): value.strip() for name, _, value in pairs}


def _more(connection: socket.socket) -> bytes:
    part = connection.recv(65536)
    if not part:
        raise ConnectionError("the server closed before its answer was whole")
    return part
