"""More phones than the server can take at once: the others are told when to come, and get in.

The one thread of the server is held by a request whose body does not come, so that everything that
arrives meanwhile must queue, and nothing depends on how quick the machine is.
"""

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from server.items.models import Item
from server.kernel.database import reading
from tests.journeys.gunicorn import Gunicorn, started
from tests.journeys.web import API, Answer, Wire
from tests.journeys.world import World
from tests.wire import envelope, line, sha

PHONES = 24
ADMITTED = 12
"""More than a gate with a patience of a second lets in before it has measured its pace."""


@pytest.fixture
def both(tmp_path: Path, database_url: str) -> Iterator[tuple[Gunicorn, World]]:
    with started(tmp_path, database_url, 1, 1, patience_s="1") as both:
        yield both


def head_of(wire: Wire, length: int) -> bytes:
    fields = [
        f"POST {API}/sync HTTP/1.1",
        f"Host: {urlsplit(wire.url).netloc}",
        f"Authorization: Bearer {wire.phone.token}",
        "Content-Type: application/x-ndjson",
        f"Content-Length: {length}",
    ]
    return "\r\n".join([*fields, "", ""]).encode()


@contextmanager
def held(world: World) -> Iterator[None]:
    """Meanwhile the server's one thread waits for the last byte of a body."""
    wire = world.wire()
    body = envelope(wire.phone) + b"\n"
    address = urlsplit(world.url)
    with socket.create_connection((address.hostname, address.port), timeout=60) as connection:
        connection.sendall(head_of(wire, len(body)) + body[:-1])
        try:
            yield
        finally:
            connection.sendall(body[-1:])
            assert b" 200 " in connection.recv(65536)


class Fleet:
    """Phones that hand in a report each, at once; who is told to come later comes then."""

    def __init__(self, world: World, phones: int) -> None:
        self.reports = {line(): world.wire(number % 4) for number in range(phones)}
        self.refusals: SimpleQueue[Answer] = SimpleQueue()
        self._pool = ThreadPoolExecutor(phones)
        self._done = [self._pool.submit(self._hand_in, raw) for raw in self.reports]

    def wait(self) -> list[Answer]:
        """The last answers of all."""
        with self._pool:
            return [future.result() for future in self._done]

    def _hand_in(self, raw: bytes) -> Answer:
        while True:
            answer = self.reports[raw].post([raw])
            if answer.status != 503:
                return answer
            self.refusals.put(answer)
            time.sleep(int(answer.headers["retry-after"]))


def test_whoever_is_told_to_come_later_gets_in_and_nothing_is_lost(
    both: tuple[Gunicorn, World],
) -> None:
    server, world = both
    with held(world):
        fleet = Fleet(world, PHONES)
        refusals = [fleet.refusals.get(timeout=60) for _ in range(PHONES - ADMITTED)]
        assert status_of(world, "/healthz") == 200
    assert [answer.status for answer in fleet.wait()] == [200] * PHONES
    for answer in refusals:
        assert answer.code == "busy"
        assert answer.headers["gewu-epoch"]
        assert int(answer.headers["retry-after"]) >= 1
    with world.inside(), reading() as session:
        stored = session.scalars(select(Item.sha256)).all()
    assert sorted(stored) == sorted(map(sha, fleet.reports))
    assert turned_away(world) >= PHONES - ADMITTED
    server.process.terminate()
    assert server.process.wait() == 0


def test_a_refused_body_is_taken_and_the_connection_can_be_used_again(
    both: tuple[Gunicorn, World],
) -> None:
    _, world = both
    with held(world):
        fleet = Fleet(world, PHONES)
        for _ in range(PHONES - ADMITTED):
            fleet.refusals.get(timeout=60)
        connection = http.client.HTTPConnection(urlsplit(world.url).netloc, timeout=60)
        for _ in range(2):
            connection.request("POST", f"{API}/sessions", b"x" * (4 << 20))
            answer = connection.getresponse()
            assert answer.status == 503
            assert json.loads(answer.read())["code"] == "busy"
        connection.request("GET", "/healthz")
        assert connection.getresponse().status == 200
        connection.close()
    fleet.wait()


def test_a_phone_that_hung_up_is_not_worked_for(both: tuple[Gunicorn, World]) -> None:
    _, world = both
    wire, address = world.wire(), urlsplit(world.url)
    body = b"\n".join([envelope(wire.phone), line(), b""])
    with held(world):
        gone = socket.create_connection((address.hostname, address.port))
        gone.sendall(head_of(wire, len(body)) + body)
        threading.Event().wait(1.5)
        gone.close()
    assert world.wire().exchange()["results"] == []
    with world.inside(), reading() as session:
        assert session.scalars(select(Item.sha256)).all() == []


def status_of(world: World, path: str) -> int:
    connection = http.client.HTTPConnection(urlsplit(world.url).netloc, timeout=60)
    connection.request("GET", path)
    try:
        return connection.getresponse().status
    finally:
        connection.close()


def turned_away(world: World) -> float:
    """What the server counted."""
    connection = http.client.HTTPConnection(urlsplit(world.url).netloc, timeout=60)
    connection.request("GET", "/metrics")
    try:
        text = connection.getresponse().read().decode()
    finally:
        connection.close()
    return float(text.partition("\ngewu_turned_away_total ")[2].split()[0])
