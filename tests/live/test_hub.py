"""One look at a time: who is told, who is ended, who is cut."""

import threading
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from server.grid import roles
from server.grid.auth import Caller
from server.grid.models import PersonToken, Post
from server.grid.scope import scope_of, today
from server.kernel import clock, marks
from server.kernel.database import reading, writing
from server.kernel.problems import Problem
from server.kernel.tokens import hash_token
from server.live import hub as hubs
from server.live import queries
from server.live.hub import ARRIVAL_S, CHECK_S, HEARTBEAT_S, LIFE_S, MOST_OF_A_MEMBER, Hub
from server.live.streams import Stream
from tests import factories
from tests.factories import Street
from tests.live.page import events_in
from tests.tasks import given


@dataclass
class Window:
    """A page's end of a stream."""

    said: list[str] = field(default_factory=list)
    reads: bool = True
    left: bool = False
    closed: str = ""

    def say(self, text: str) -> bool:
        self.said.append(text)
        return self.reads

    def has_left(self) -> bool:
        return self.left

    def end(self) -> None:
        self.closed = "ended"

    def cut(self) -> None:
        self.closed = "cut"

    def told(self) -> list[tuple[Any, Any]]:
        """What was told since this was asked last, each as (kind, area)."""
        events = events_in("".join(self.said))
        self.said = []
        return [(data["kind"], data["area"]) for _, data in events]


@pytest.fixture
def hub(app: Flask) -> Hub:
    return Hub(app, every_s=60, most=50)


def caller(member: str) -> Caller:
    token = factories.token_for(member)
    with reading() as session:
        id_ = session.query(PersonToken.id).filter_by(token=hash_token(token)).scalar()
        scope = scope_of(session, member, today("Asia/Shanghai", clock.now()))
    return Caller(member, id_, "session", scope)


def page_of(member: str) -> Stream:
    who = caller(member)
    with reading() as session:
        return Stream(who, queries.reach_of(who), queries.position(session, who), True)


def joined(hub: Hub, member: str) -> tuple[Stream, Window]:
    stream, window = page_of(member), Window()
    hub.join(stream, window)
    return stream, window


def touch(area: str, kind: str = "item") -> None:
    with writing() as session:
        marks.touch(session, kind, [area])


def test_each_is_told_what_it_reaches_once(hub: Hub, street: Street) -> None:
    supervisor, leader = (joined(hub, who)[1] for who in (street.supervisor, street.leader))
    touch(street.grids[0])
    touch(street.grids[0])
    touch(street.grids[5])
    hub.beat(1)
    assert supervisor.told() == [("item", area) for area in sorted(street.grids[0:6:5])]
    assert leader.told() == [("item", street.grids[0])]
    hub.beat(2)
    assert supervisor.told() == leader.told() == []


def test_what_changed_before_the_hub_knew_the_page_is_told(hub: Hub, street: Street) -> None:
    _, first = joined(hub, street.supervisor)
    late = page_of(street.supervisor)
    touch(street.grids[0])
    hub.beat(1)
    hub.join(late, window := Window())
    hub.beat(2)
    assert first.told() == window.told() == [("item", street.grids[0])]


def test_the_inbox_is_told(hub: Hub, street: Street) -> None:
    worker, other = (joined(hub, who)[1] for who in street.workers[:2])
    given.task(street)
    hub.beat(1)
    assert (worker.told(), other.told()) == ([("inbox", None)], [])


def test_a_quiet_page_gets_a_sign_of_life(hub: Hub, street: Street) -> None:
    stream, window = joined(hub, street.supervisor)
    began = stream.said_at
    hub.beat(began + HEARTBEAT_S - 1)
    assert window.said == []
    hub.beat(began + HEARTBEAT_S)
    assert window.said == [f": \nid: {stream.position}\n\n"]
    hub.beat(began + HEARTBEAT_S + 1)
    assert len(window.said) == 1


def test_who_does_not_read_is_cut(hub: Hub, street: Street) -> None:
    _, window = joined(hub, street.supervisor)
    window.reads = False
    touch(street.grids[0])
    hub.beat(1)
    assert window.closed == "cut"
    touch(street.grids[0])
    hub.beat(2)
    assert len(window.said) == 1


def test_who_left_is_forgotten(hub: Hub, street: Street) -> None:
    _, window = joined(hub, street.supervisor)
    window.left = True
    hub.beat(1)
    assert (window.closed, window.said) == ("cut", [])


def test_a_revoked_token_ends_and_is_told_nothing_more(hub: Hub, street: Street) -> None:
    stream, window = joined(hub, street.supervisor)
    _, other = joined(hub, street.supervisor)
    with writing() as session:
        gone = update(PersonToken).where(PersonToken.id == stream.caller.token)
        session.execute(gone.values(revoked_at=clock.now()))
    touch(street.grids[0])
    hub.beat(stream.checked_at + CHECK_S)
    assert (window.closed, window.said) == ("ended", [])
    assert (other.closed, other.told()) == ("", [("item", street.grids[0])])


@pytest.mark.parametrize("change", ["ended", "given"])
def test_a_reach_that_changed_ends(hub: Hub, street: Street, change: str) -> None:
    stream, window = joined(hub, street.leader)
    if change == "given":
        factories.post(street.leader, roles.OPERATOR, street.communities[1])
    else:
        with writing() as session:
            mine = update(Post).where(Post.member == street.leader)
            session.execute(mine.values(to_day=factories.LONG_AGO))
    touch(street.grids[0])
    hub.beat(stream.checked_at + CHECK_S)
    assert (window.closed, window.said) == ("ended", [])


def test_a_page_that_is_still_let_in_goes_on(hub: Hub, street: Street) -> None:
    stream, window = joined(hub, street.leader)
    hub.beat(stream.checked_at + CHECK_S)
    assert window.closed == ""


def test_a_stream_ends_after_some_minutes(hub: Hub, street: Street) -> None:
    stream, window = joined(hub, street.supervisor)
    assert 0.8 * LIFE_S <= stream.ends_at - stream.said_at <= 1.2 * LIFE_S
    hub.beat(stream.ends_at)
    assert window.closed == "ended"


def test_there_is_room_for_so_many(app: Flask, street: Street) -> None:
    hub = Hub(app, every_s=60, most=2)
    joined(hub, street.supervisor)
    hub.check_room(street.leader)
    hub.beat(1)
    _, second = joined(hub, street.supervisor)
    with pytest.raises(Problem) as full:
        hub.check_room(street.leader)
    assert (full.value.code, full.value.retry_after) == ("busy", 60)
    second.left = True
    hub.beat(2)
    hub.check_room(street.leader)


def test_room_is_kept_for_who_was_let_in_and_has_not_joined(
    app: Flask, street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub, first, second = Hub(app, every_s=60, most=2), page_of(street.leader), Window()
    hub.expect(first)
    hub.expect(page_of(street.leader))
    with pytest.raises(Problem) as full:
        hub.expect(page_of(street.supervisor))
    assert full.value.code == "busy"
    hub.join(first, second)
    now = hubs.time.monotonic()
    monkeypatch.setattr(hubs.time, "monotonic", lambda: now + ARRIVAL_S)
    hub.expect(page_of(street.supervisor))
    with pytest.raises(Problem):
        hub.check_room(street.leader)


def test_one_member_has_room_for_so_many(hub: Hub, street: Street) -> None:
    for _ in range(MOST_OF_A_MEMBER):
        hub.check_room(street.supervisor)
        joined(hub, street.supervisor)
    with pytest.raises(Problem) as full:
        hub.check_room(street.supervisor)
    assert full.value.code == "too_many_requests"
    hub.check_room(street.leader)


def test_a_database_that_is_away_loses_nothing(
    hub: Hub, street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, window = joined(hub, street.supervisor)
    touch(street.grids[0])

    def away(*_: Any) -> Any:
        raise OperationalError("x", None, Exception())

    with monkeypatch.context() as patched:
        patched.setattr(hubs.queries, "read", away)
        hub.beat(1)
    assert (window.said, window.closed) == ([], "")
    hub.beat(2)
    assert window.told() == [("item", street.grids[0])]


def test_a_look_that_fails_is_not_the_last(
    app: Flask, street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub, looks, again = Hub(app, every_s=0.01, most=50), iter((True, False)), threading.Event()

    def read(*_: Any) -> Any:
        if next(looks, None) is False:
            again.set()
        raise ZeroDivisionError

    monkeypatch.setattr(hubs.queries, "read", read)
    _, window = joined(hub, street.supervisor)
    hub.start()
    assert again.wait(60)
    hub.stop()
    hub._thread.join()
    assert window.closed == "ended"


def test_when_it_stops_all_are_ended_and_nobody_comes_in(hub: Hub, street: Street) -> None:
    _, first = joined(hub, street.supervisor)
    hub.start()
    hub.stop()
    hub._thread.join()
    assert first.closed == "ended"
    _, late = joined(hub, street.supervisor)
    assert late.closed == "ended"
    with pytest.raises(Problem):
        hub.check_room(street.leader)
