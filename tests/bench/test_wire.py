"""The wire counts what goes over it, and replaces a kept connection that was closed."""

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from bench.wire import Wire, parsed

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
Serve = Callable[[list[list[bytes]]], Wire]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """A server that gives these answers, connection by connection, and closes each after them."""
    threads: list[threading.Thread] = []
    server = socket.create_server(("127.0.0.1", 0))

    def answer(connections: list[list[bytes]]) -> None:
        for answers in connections:
            connection, _ = server.accept()
            with connection:
                for parts in answers:
                    connection.recv(65536)
                    connection.sendall(parts)

    def start(connections: list[list[bytes]]) -> Wire:
        threads.append(threading.Thread(target=answer, args=(connections,)))
        threads[-1].start()
        return Wire(server.getsockname()[1])

    with server:
        yield start
        for thread in threads:
            thread.join()


def test_bytes_with_headers_and_requests_are_counted(serve: Serve) -> None:
    wire = serve([[HEAD + b"ok", HEAD + b"no"]])
    assert wire.ask("GET", "/", {}) == (200, {"content-length": "2"}, b"ok")
    assert wire.ask("POST", "/", {}, b"body")[2] == b"no"
    assert wire.received == 2 * len(HEAD + b"ok")
    host = f"Host: 127.0.0.1:{wire.port}\r\n"
    asked = (f"{{}} / HTTP/1.1\r\n{host}Content-Length: {{}}\r\n\r\n").format
    assert wire.sent == len(asked("GET", 0)) + len(asked("POST", 4)) + 4
    assert len(wire.seconds) == 2
    wire.forget()
    assert (wire.sent, wire.received, wire.seconds) == (0, 0, [])


def test_a_kept_connection_that_was_closed_is_replaced_once(
    serve: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    wire = serve([[HEAD + b"ok"], [HEAD + b"no"]])
    assert wire.ask("GET", "/", {})[2] == b"ok"
    assert wire.ask("GET", "/", {})[2] == b"no"
    assert "a kept connection was closed" in capsys.readouterr().err


def test_a_new_connection_that_is_closed_is_trouble(serve: Serve) -> None:
    wire = serve([[HEAD]])
    with pytest.raises(ConnectionError):
        wire.ask("GET", "/", {})


def test_the_head_of_an_answer() -> None:
    head = b"HTTP/1.1 201 CREATED\r\nUpload-Offset: 5\r\nConnection: close"
    assert parsed(head) == (201, {"upload-offset": "5", "connection": "close"})
