import random
import socket
import threading
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldkit.errors import Offline
from fieldkit.simulator.faults import FaultyTransport, Odds, send_part
from fieldkit.transport import Request, Response

GET = Request("GET", "http://gewu.example/x")
PATCH = Request("PATCH", "http://gewu.example/x", {"Upload-Offset": "0"}, b"0123456789")


@dataclass
class Numbered:
    """Answers each request with its number; `torn` notes how much of an upload got through."""

    requests: list[Request] = field(default_factory=list)
    torn: list[int] = field(default_factory=list)

    def send(self, request: Request) -> Response:
        self.requests.append(request)
        return Response(200, {"gewu-epoch": "e"}, str(len(self.requests)).encode())

    def tear(self, request: Request, length: int) -> None:
        self.torn.append(length)


def faulty(inner: Numbered, odds: Odds, seed: int = 1) -> FaultyTransport:
    return FaultyTransport(inner, odds, random.Random(seed), inner.tear)


def test_without_faults_everything_passes() -> None:
    inner = Numbered()
    network = faulty(inner, Odds())
    assert [network.send(GET).body for _ in range(3)] == [b"1", b"2", b"3"]
    assert network.injected.total() == 0


def test_an_answer_that_is_lost_came_after_the_server_acted() -> None:
    inner = Numbered()
    network = faulty(inner, Odds(lost=1))
    with pytest.raises(Offline):
        network.send(GET)
    assert inner.requests == [GET]
    assert network.injected == {"answer_lost": 1}


def test_a_request_that_is_cut_never_arrives() -> None:
    inner = Numbered()
    with pytest.raises(Offline):
        faulty(inner, Odds(cut=1)).send(GET)
    assert inner.requests == []


def test_of_a_repeated_request_the_second_answer_is_seen() -> None:
    inner = Numbered()
    assert faulty(inner, Odds(twice=1)).send(GET).body == b"2"
    assert inner.requests == [GET, GET]


def test_a_captive_portal_answers_200_without_an_epoch() -> None:
    inner = Numbered()
    answer = faulty(inner, Odds(portal=1)).send(GET)
    assert (answer.status, inner.requests) == (200, [])
    assert "gewu-epoch" not in answer.headers
    assert b"<html>" in answer.body


@given(st.integers())
def test_an_upload_is_torn_within_its_body(seed: int) -> None:
    inner = Numbered()
    with pytest.raises(Offline):
        faulty(inner, Odds(torn=1), seed).send(PATCH)
    assert inner.requests == []
    assert 0 < inner.torn[0] < len(PATCH.body)


def test_what_is_no_upload_cannot_be_torn() -> None:
    inner = Numbered()
    network = faulty(inner, Odds(torn=1))
    assert network.send(GET).body == b"1"
    assert network.injected.total() == 0


@given(st.floats(0, 0.9))
def test_a_share_is_spread_over_all_faults(share: float) -> None:
    odds = Odds.of(share)
    parts = (odds.lost, odds.cut, odds.twice, odds.torn, odds.portal)
    assert sum(parts) == pytest.approx(share)
    assert all(part > 0 for part in parts) == (min(parts) > 0)


@given(st.integers())
def test_the_same_seed_draws_the_same_faults(seed: int) -> None:
    odds = Odds.of(0.5)
    first, second = random.Random(seed), random.Random(seed)
    assert [odds.draw(first) for _ in range(30)] == [odds.draw(second) for _ in range(30)]


def test_a_part_announces_the_whole_and_hangs_up() -> None:
    received = b""

    def listen(server: socket.socket) -> None:
        nonlocal received
        connection, _ = server.accept()
        with connection:
            while chunk := connection.recv(1000):
                received += chunk

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=listen, args=(server,))
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/up?x=1"
        send_part(Request("PATCH", url, {"Upload-Offset": "0"}, b"0123456789"), 4)
        thread.join()
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"PATCH /up?x=1 HTTP/1.1")
    assert b"Content-Length: 10" in head
    assert body == b"0123"


def test_a_part_that_reaches_nobody_is_offline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(Offline):
        send_part(Request("PATCH", f"http://127.0.0.1:{port}/", {}, b"0123"), 2)
