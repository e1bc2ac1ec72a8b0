"""A page's connection: framed as the answer began, never waited for."""

import socket
from collections.abc import Iterator

import pytest

from server.gate.connection import Connection
from server.gate.outlet import BUFFER, Outlet

Ends = tuple[Connection, socket.socket]


@pytest.fixture
def ends() -> Iterator[Ends]:
    """The server's connection and the page's."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        page = socket.create_connection(listener.getsockname())
        accepted, _ = listener.accept()
    with page, accepted:
        yield Connection(None, accepted, None, None, lambda conn: None), page


@pytest.fixture
def dismissed() -> list[bool]:
    return []


def outlet(ends: Ends, dismissed: list[bool], is_chunked: bool = True) -> Outlet:
    return Outlet(ends[0], is_chunked, lambda conn, gently: dismissed.append(gently))


def test_chunks_and_their_end(ends: Ends, dismissed: list[bool]) -> None:
    out = outlet(ends, dismissed)
    assert out.say("a: 网\n\n")
    out.end()
    ends[0].sock.close()
    assert ends[1].makefile("rb").read() == b"8\r\na: \xe7\xbd\x91\n\n\r\n0\r\n\r\n"
    assert dismissed == [True]


def test_without_chunks_the_end_is_the_end(ends: Ends, dismissed: list[bool]) -> None:
    out = outlet(ends, dismissed, is_chunked=False)
    assert out.say("a\n")
    out.end()
    ends[0].sock.close()
    assert ends[1].makefile("rb").read() == b"a\n"
    assert dismissed == [True]


def test_who_does_not_read_is_told_no_more(ends: Ends, dismissed: list[bool]) -> None:
    out = outlet(ends, dismissed)
    ends[1].setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    said = 0
    while out.say("x" * 1000):
        said += 1
        assert said < 100_000
    out.cut()
    assert dismissed == [False]


def test_who_left_is_seen_to_have_left(ends: Ends, dismissed: list[bool]) -> None:
    out = outlet(ends, dismissed)
    assert not out.has_left()
    ends[1].close()
    assert out.has_left()
    out.end()
    assert len(dismissed) == 1
