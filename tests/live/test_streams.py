"""Streams of the real web processes: many pages, few threads, two nodes, cuts and stops."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from server.grid.roles import SUPERVISOR
from server.kernel.ids import uuid7
from server.live.hub import MOST_OF_A_MEMBER
from tests import factories
from tests.journeys.at_once import all_at_once
from tests.journeys.gunicorn import Gunicorn, free_port, started
from tests.journeys.web import call
from tests.journeys.world import World
from tests.live.page import PATH, Page, opened
from tests.wire import line

PAGES = 100
Running = tuple[Gunicorn, World]


@pytest.fixture
def both(tmp_path: Path, database_url: str) -> Iterator[Running]:
    """One process with one thread."""
    with started(tmp_path, database_url, 1, 1, live_s="1") as both:
        yield both


def token_of(world: World, member: str) -> str:
    with world.inside():
        return factories.token_for(member)


def report(world: World, grid: int = 0) -> bytes:
    lat, lon = world.street.point(grid)
    return line(loc={"lat": lat, "lon": lon})


def told_of(page: Page, kind: str, area: str) -> None:
    """Wait until it is; whatever else it was told before."""
    while page.told(1) != [(kind, area)]:
        pass


def test_a_hundred_pages_are_told_while_phones_hand_in(both: Running) -> None:
    server, world = both
    with world.inside():
        looking = [factories.member(SUPERVISOR, world.street.street) for _ in range(10)]
    tokens = [token_of(world, looking[number % len(looking)]) for number in range(PAGES)]
    with ExitStack() as stack:
        pages = [stack.enter_context(opened(world.url, token)) for token in tokens]
        wires = [world.wire(number) for number in range(4)]
        all_at_once([lambda w=wire: w.exchange(report(world)) for wire in wires])  # type: ignore[misc]
        for page in pages:
            told_of(page, "item", world.street.grids[0])
        assert call(world.url, "GET", "/sync/key").status == 200
        server.process.terminate()
        for page in pages:
            while page.event():
                pass
        assert server.process.wait() == 0


def test_a_page_that_was_cut_off_goes_on_where_it_was(both: Running) -> None:
    _, world = both
    token, wire = token_of(world, world.street.supervisor), world.wire()
    with opened(world.url, token) as page:
        wire.exchange(report(world, 0))
        told_of(page, "item", world.street.grids[0])
        seen = page.seen
    wire.exchange(report(world, 4))
    with opened(world.url, token, seen) as page:
        told_of(page, "item", world.street.grids[4])
        wire.exchange(report(world, 5))
        told_of(page, "item", world.street.grids[5])


def test_a_page_is_told_of_its_own_areas_alone(both: Running) -> None:
    _, world = both
    leader, supervisor = world.street.leader, world.street.supervisor
    with (
        opened(world.url, token_of(world, leader)) as near,
        opened(world.url, token_of(world, supervisor)) as wide,
    ):
        wire = world.wire(5)
        wire.exchange(report(world, 5))
        told_of(wide, "item", world.street.grids[5])
        wire.exchange(report(world, 0))
        assert near.told(1) == [("item", world.street.grids[0])]


def test_a_page_whose_reach_grew_is_greeted_anew(both: Running) -> None:
    _, world = both
    token = token_of(world, world.street.leader)
    with opened(world.url, token) as page:
        seen = page.seen
    with world.inside():
        factories.post(world.street.leader, SUPERVISOR, world.street.communities[1])
    page = Page(world.url, token, seen)
    event = page.event()
    page.close()
    assert event is not None and event.name == "hello"


def test_over_the_bound_a_page_is_told_when_to_come(tmp_path: Path, database_url: str) -> None:
    with started(tmp_path, database_url, 1, 2, live_s="1", live_streams="2") as (_, world):
        token = token_of(world, world.street.supervisor)
        with opened(world.url, token), opened(world.url, token):
            answer = call(world.url, "GET", "/live", token)
            assert (answer.status, answer.code) == (503, "busy")
            assert int(answer.headers["retry-after"]) >= 1
            assert call(world.url, "GET", "/items", token).status == 200
        wire = world.wire()
        while call(world.url, "HEAD", "/live", token).status == 503:
            wire.exchange(report(world))
        with opened(world.url, token):
            pass


def test_one_member_gets_so_many(both: Running) -> None:
    _, world = both
    token = token_of(world, world.street.supervisor)
    with ExitStack() as stack:
        for _ in range(MOST_OF_A_MEMBER):
            stack.enter_context(opened(world.url, token))
        answer = call(world.url, "GET", "/live", token)
        assert (answer.status, answer.code) == (429, "too_many_requests")
        with opened(world.url, token_of(world, world.street.leader)):
            pass


def test_a_caller_of_http_1_0_gets_the_events_as_they_are(both: Running) -> None:
    _, world = both
    address, token = urlsplit(world.url), token_of(world, world.street.supervisor)
    with socket.create_connection((address.hostname, address.port), timeout=60) as connection:
        request = f"GET {PATH} HTTP/1.0\r\nAuthorization: Bearer {token}\r\n\r\n"
        connection.sendall(request.encode())
        answer = connection.makefile("rb")
        head = b"".join(iter(answer.readline, b"\r\n"))
        assert head.startswith((b"HTTP/1.0 200", b"HTTP/1.1 200"))
        assert b"chunked" not in head.lower()
        assert answer.readline().startswith(b"retry: ")
        assert answer.readline() == b"event: hello\n"
        world.wire().exchange(report(world))
        while answer.readline() != b"event: changed\n":
            pass
        assert answer.readline().startswith(b'data: {"kind": ')


@contextmanager
def second_node(first: Gunicorn) -> Iterator[str]:
    """Another node on the same database; its address."""
    node = replace(first, url=f"http://127.0.0.1:{free_port()}", _process=None)
    node.start()
    try:
        yield node.url
    finally:
        node.stop()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_is_handed_in_at_one_node_is_told_at_the_other(both: Running) -> None:
    first, world = both
    token, wire = token_of(world, world.street.supervisor), world.wire()
    with second_node(first) as other:
        with opened(other, token) as page:
            wire.exchange(report(world, 0))
            told_of(page, "item", world.street.grids[0])
            seen = page.seen
        wire.exchange(line("shift_start", {"shift": uuid7()}))
        # Where it was told does not matter for where it goes on.
        with opened(world.url, token, seen) as page:
            told_of(page, "shift", world.street.grids[0])
