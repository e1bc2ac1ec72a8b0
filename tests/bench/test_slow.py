"""The slow line carries every byte, in order, and no faster than it says."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from bench.slow import ROUND_TRIP_S, alone_s, slow_line

SAID = bytes(range(256)) * 2


@pytest.fixture
def echo() -> Iterator[int]:
    """A port where one connection hears what it said, once that was all."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(_all(connection))

        thread = threading.Thread(target=answer)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


def _all(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65536), b""))


def test_what_went_comes_back_as_slowly_as_it_must(echo: int) -> None:
    began = time.monotonic()
    with slow_line(echo) as line, socket.create_connection(("127.0.0.1", line.port)) as phone:
        phone.sendall(SAID)
        phone.shutdown(socket.SHUT_WR)
        heard = _all(phone)
    assert heard == SAID
    assert (line.up.carried, line.down.carried) == (len(SAID), len(SAID))
    # The handshake, then there and back.
    assert time.monotonic() - began > 2 * ROUND_TRIP_S + 2 * alone_s(len(SAID))
