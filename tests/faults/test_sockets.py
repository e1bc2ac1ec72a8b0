"""Bytes that no HTTP client would send, to the real web processes over a raw socket.

Promised: a body that is shorter than announced is 400 and nothing of it is stored; a body that was
cut is mended by sending it again; after each of them the next request is answered as ever.
"""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.journeys.gunicorn import started
from tests.journeys.web import Wire
from tests.journeys.world import World
from tests.wire import envelope, line

GIVE_UP_S = 60


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[World]:
    """One gunicorn for the file; what is tested here does not know the database."""
    folder = tmp_path_factory.mktemp("sockets")
    url = f"sqlite:///{folder}/gewu.db"
    template: Path = request.getfixturevalue("sqlite_template")
    (folder / "gewu.db").write_bytes(template.read_bytes())
    with started(folder, url) as (_, world):
        yield world


@pytest.fixture
def wire(world: World) -> Iterator[Wire]:
    """A phone that is served as ever when the test is over."""
    wire = world.wire()
    yield wire
    assert wire.exchange(line())["results"][0]["status"] == "accepted"


def request_of(wire: Wire, body: bytes, **headers: str) -> bytes:
    """The bytes of POST /sync; `content_length` may lie."""
    named = {
        "host": "gewu.example",
        "authorization": f"Bearer {wire.phone.token}",
        "content_length": str(len(body)),
        "connection": "close",
    } | headers
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in named.items())
    return f"POST /api/v1/sync HTTP/1.1\r\n{head}\r\n".encode() + body


def spoken(wire: Wire, sent: bytes) -> tuple[int, bytes]:
    """(status, body) after sending these bytes and nothing more; status 0 for no answer."""
    place = urlsplit(wire.url)
    with socket.create_connection((place.hostname, place.port), timeout=GIVE_UP_S) as talk:
        talk.sendall(sent)
        talk.shutdown(socket.SHUT_WR)
        heard = b"".join(iter(lambda: talk.recv(65536), b""))
    head, _, body = heard.partition(b"\r\n\r\n")
    return (int(head.split()[1]) if head else 0), body


def whole(wire: Wire, *lines: bytes) -> bytes:
    return b"\n".join([envelope(wire.phone), *lines, b""])


def stored(world: World, wire: Wire) -> int:
    """How many items of this phone the server has."""
    return len([x for x in world.admin.items() if x["install"] == wire.phone.install])


def test_a_body_shorter_than_announced_is_400(world: World, wire: Wire) -> None:
    body = whole(wire, line(seq=1), line(seq=2))
    for more in (1, 1000, 100_000):
        sent = request_of(wire, body, content_length=str(len(body) + more))
        status, answer = spoken(wire, sent)
        assert (status, json.loads(answer)["code"]) == (400, "body_truncated")
    assert stored(world, wire) == 0


def test_a_body_longer_than_announced_is_cut_and_mended_by_the_next(
    world: World, wire: Wire
) -> None:
    first, second = line(seq=1), line(seq=2)
    body = whole(wire, first, second)

    status, answer = spoken(wire, request_of(wire, body, content_length=str(len(body) - 50)))

    assert status == 200
    results = json.loads(answer)["results"]
    assert [(r["status"], r["code"]) for r in results] == [
        ("accepted", None),
        ("quarantined", "bad_json"),
    ]
    again = wire.exchange(first, second)["results"]
    assert [(r["status"], r["replay"]) for r in again] == [("accepted", True), ("accepted", False)]


@pytest.mark.parametrize("length", ["-1", "many", "1e3", "", "10, 20", "99999999999999999999"])
def test_a_length_that_is_none_gets_no_5xx(world: World, wire: Wire, length: str) -> None:
    sent = request_of(wire, whole(wire, line()), content_length=length)
    status, _ = spoken(wire, sent)
    assert status == 0 or 400 <= status < 500
    assert stored(world, wire) == 0


def test_two_lengths_that_differ_are_refused(world: World, wire: Wire) -> None:
    sent = request_of(wire, whole(wire, line())).replace(
        b"content-length:", b"content-length: 10\r\ncontent-length:"
    )
    status, _ = spoken(wire, sent)
    assert 400 <= status < 500
    assert stored(world, wire) == 0


def test_a_chunked_body_is_read(wire: Wire) -> None:
    body = whole(wire, line(seq=1))
    chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)

    status, answer = spoken(wire, headed_as_chunks(wire, chunked))

    assert status == 200
    assert json.loads(answer)["results"][0]["status"] == "accepted"


def test_a_chunked_body_that_breaks_off_stores_nothing(world: World, wire: Wire) -> None:
    body = whole(wire, line(seq=1), line(seq=2))
    for chunked in (
        b"%x\r\n%b" % (len(body), body[:-30]),
        b"%x\r\n%b\r\n" % (len(body), body),
        b"zz\r\n" + body,
    ):
        status, _ = spoken(wire, headed_as_chunks(wire, chunked))
        assert status == 0 or 400 <= status < 500
    assert stored(world, wire) == 0


def headed_as_chunks(wire: Wire, chunked: bytes) -> bytes:
    """POST /sync with this body, told to be in chunks."""
    head = request_of(wire, b"").replace(b"content-length: 0", b"transfer-encoding: chunked")
    return head + chunked


def test_a_connection_cut_anywhere_in_the_request_harms_nobody(world: World, wire: Wire) -> None:
    sent = request_of(wire, whole(wire, line(seq=1), line(seq=2)))
    for length in range(0, len(sent) - 1, 41):
        status, _ = spoken(wire, sent[:length])
        assert status == 0 or status == 400
    assert stored(world, wire) == 0
