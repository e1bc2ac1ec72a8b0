"""A proxy on a real socket that cuts connections in the middle of what a client sends."""

import random
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

PIECE = 16_384
HEAD_ENDS = b"\r\n\r\n"
RESET = struct.pack("ii", 1, 0)
PATIENCE_S = 60


class Cutter:
    """Counts the body bytes that it let through, and its cuts.

    Each connection carries one request and is cut after up to `most` bytes of its body. The server
    sees an end in the middle, and the client hears of it when the server is done with what came;
    `harsh` resets both sides at once, which throws away what the server had not read yet.
    """

    def __init__(self, server: str, rng: random.Random, most: int, harsh: bool) -> None:
        place = urlsplit(server)
        self._server = (place.hostname, place.port)
        self._rng, self._most, self._harsh = rng, most, harsh
        self.passed, self.cuts = 0, 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                with client, socket.create_connection(self._server, PATIENCE_S) as server:
                    client.settimeout(PATIENCE_S)
                    self._carry(client, server)

    def _carry(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            if self._forward(client, server):
                _copy(server, client)
                return
        self.cuts += 1
        if self._harsh:
            for side in (client, server):
                side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            return
        with suppress(OSError):
            server.shutdown(socket.SHUT_WR)
            while server.recv(PIECE):
                pass

    def _forward(self, client: socket.socket, server: socket.socket) -> bool:
        """Whether the whole request went through."""
        head, body = _head(client)
        server.sendall(head)
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        ends = min(self._rng.randint(1, self._most), length)
        came = 0
        while came < ends and (body := body or client.recv(PIECE)):
            piece = body[: ends - came]
            server.sendall(piece)
            came += len(piece)
            self.passed += len(piece)
            body = b""
        return came == length


def _head(client: socket.socket) -> tuple[bytes, bytes]:
    """(the head of the request, what came of its body with it)."""
    came = b""
    while HEAD_ENDS not in came and (piece := client.recv(PIECE)):
        came += piece
    head, _, body = came.partition(HEAD_ENDS)
    return head + b"\r\nConnection: close" + HEAD_ENDS, body


def _copy(source: socket.socket, target: socket.socket) -> None:
    while piece := source.recv(PIECE):
        target.sendall(piece)


@contextmanager
def cutting(server: str, rng: random.Random, most: int, harsh: bool = False) -> Iterator[Cutter]:
    """A cutter in front of `server`, until the block ends."""
    cutter = Cutter(server, rng, most, harsh)
    try:
        yield cutter
    finally:
        cutter.close()
