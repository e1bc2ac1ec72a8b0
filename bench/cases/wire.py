"""A phone that counts: bytes with headers both ways, exchanges, and how long each took."""

import gzip
import json
import random
import socket
import time
from collections.abc import Mapping
from typing import Any

from bench.phones import Lines, Phone
from bench.street import Worker

PATIENCE_S = 60.0


class CountedPhone(Phone):
    """Speaks HTTP over a plain socket, so that every byte is seen."""

    def __init__(self, worker: Worker, port: int, rng: random.Random) -> None:
        super().__init__(worker, port, rng)
        self.rng = rng
        self._port = port
        self._socket: socket.socket | None = None
        self.forget()

    def forget(self) -> None:
        super().forget()
        self.sent, self.received = 0, 0

    def reconnect(self) -> None:
        """The next request opens another connection."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None

    def exchange(self, lines: Lines) -> dict[str, Any]:
        """One exchange; RuntimeError unless it is answered 200."""
        body = self._body(lines)
        status, headers, content = self.ask("POST", "/api/v1/sync", self._headers(), body)
        if status != 200:
            raise RuntimeError(f"{status} {content!r}")
        plain = gzip.decompress(content) if headers.get("content-encoding") == "gzip" else content
        answer: dict[str, Any] = json.loads(plain)
        self._cursor = answer["cursor"]
        return answer

    def ask(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        """(status, headers by lower-case name, body as it came)."""
        sized = {"Host": f"127.0.0.1:{self._port}", **headers, "Content-Length": str(len(body))}
        fields = "".join(f"{name}: {value}\r\n" for name, value in sized.items())
        request = f"{method} {path} HTTP/1.1\r\n{fields}\r\n".encode() + body
        began = time.perf_counter()
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), PATIENCE_S)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)
        head, content = self._answer(self._socket)
        self.seconds.append(time.perf_counter() - began)
        self.sent += len(request)
        self.received += len(head) + len(content)
        status, told = parsed(head)
        if told.get("connection") == "close":
            self.reconnect()
        return status, told, content

    def _answer(self, connection: socket.socket) -> tuple[bytes, bytes]:
        got = b""
        while b"\r\n\r\n" not in got:
            got += _more(connection)
        head, _, content = got.partition(b"\r\n\r\n")
        size = int(parsed(head)[1].get("content-length", 0))
        parts = [content]
        missing = size - len(content)
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
