"""The inbox: numbers without gaps, coalesced, rendered when read."""

import threading
from collections.abc import Sequence
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.kernel import clock, feed
from server.kernel.database import reading, writing
from server.kernel.ids import uuid7
from tests.journeys.at_once import all_at_once


def test_numbers_run_from_one_without_gaps(app: Flask) -> None:
    member, objects = uuid7(), [uuid7() for _ in range(3)]
    feed.render_with("notice", lambda s, m, ids: {i: {"id": i} for i in ids})
    for object_ in objects:
        with writing() as session:
            feed.publish(session, [feed.Change(member, "notice", object_, 1)])
    with reading() as session:
        page = feed.page(session, member, 0, 10)
    assert [c["seq"] for c in page] == [1, 2, 3]
    assert [c["id"] for c in page] == objects


def test_only_the_newest_row_of_an_object_stays(app: Flask) -> None:
    member, object_ = uuid7(), uuid7()
    for version in (1, 2):
        with writing() as session:
            feed.publish(session, [feed.Change(member, "notice", object_, version)])
    with writing() as session:
        feed.publish(session, [feed.Change(member, "notice", object_, 3, "remove", "gone")])
    with reading() as session:
        page = feed.page(session, member, 0, 10)
        assert feed.counter(session, member) == (3, 0)
    assert page == [
        {"seq": 3, "kind": "notice", "id": object_, "op": "remove", "version": 3, "reason": "gone"}
    ]


@pytest.fixture(autouse=True)
def notices(app: Flask, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Notices are rendered unless their ids are in here; the listeners are this test's own."""
    gone: set[str] = set()

    def render(session: Session, member: str, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        return {id_: {"version": 7, "to": member} for id_ in ids if id_ not in gone}

    monkeypatch.setattr(feed, "_renderers", {"notice": render})
    monkeypatch.setattr(feed, "_ack_listeners", {})
    return gone


def publish(member: str, *objects: str, **given: Any) -> None:
    """One transaction that puts notices on the member's feed."""
    with writing() as session:
        feed.publish(session, [feed.Change(member, "notice", id_, 1, **given) for id_ in objects])


def changes(member: str, after: int = 0, limit: int = 1000) -> list[dict[str, Any]]:
    with reading() as session:
        return feed.page(session, member, after, limit)


def test_a_page_ends_at_its_limit(app: Flask) -> None:
    member, objects = uuid7(), [uuid7() for _ in range(5)]
    publish(member, *objects)
    assert [c["id"] for c in changes(member, 0, 2)] == objects[:2]
    assert [c["id"] for c in changes(member, 2, 2)] == objects[2:4]
    assert [c["id"] for c in changes(member, 4, 2)] == objects[4:]
    assert changes(member, 5, 2) == []


def test_each_member_has_numbers_of_its_own(app: Flask) -> None:
    one, other, object_ = uuid7(), uuid7(), uuid7()
    publish(one, uuid7(), object_)
    publish(other, object_)
    assert [c["seq"] for c in changes(one)] == [1, 2]
    assert [(c["seq"], c["body"]) for c in changes(other)] == [(1, {"version": 7, "to": other})]


def test_the_version_is_that_of_the_body_as_it_is_now(app: Flask) -> None:
    member, object_ = uuid7(), uuid7()
    publish(member, object_)
    (change,) = changes(member)
    assert (change["op"], change["version"], change["body"]["version"]) == ("put", 7, 7)


def test_what_is_no_longer_there_is_removed(app: Flask, notices: set[str]) -> None:
    member, gone, stays = uuid7(), uuid7(), uuid7()
    publish(member, gone, stays)
    notices.add(gone)
    first, second = changes(member)
    assert first == {
        "seq": 1,
        "kind": "notice",
        "id": gone,
        "op": "remove",
        "version": 1,
        "reason": "gone",
    }
    assert second["op"] == "put"


def test_of_several_in_one_transaction_the_last_stands(app: Flask) -> None:
    member, object_, other = uuid7(), uuid7(), uuid7()
    with writing() as session:
        feed.publish(session, [feed.Change(member, "notice", object_, 1)])
        feed.publish(session, [feed.Change(member, "notice", other, 1)])
        feed.publish(session, [feed.Change(member, "notice", object_, 2, "remove", "moved")])
    assert [(c["seq"], c["id"], c["op"]) for c in changes(member)] == [
        (1, other, "put"),
        (2, object_, "remove"),
    ]


Heard = list[tuple[str, str, str, list[str]]]


@pytest.fixture
def heard() -> Heard:
    """(op, member, install, ids) of each call of a listener."""
    calls: Heard = []
    for op in ("put", "remove"):

        def listen(
            session: Session, member: str, install: str, ids: Sequence[str], op: str = op
        ) -> None:
            calls.append((op, member, install, sorted(ids)))

        feed.on_acknowledged("notice", listen, op)
    return calls


def acknowledge(member: str, after: int, upto: int) -> None:
    with writing() as session:
        changes = feed.between(session, member, after, upto)
        feed.acknowledged(session, member, "phone", changes)


def test_rooms_hear_what_reached_a_device(app: Flask, heard: Heard) -> None:
    member, objects = uuid7(), sorted(uuid7() for _ in range(4))
    publish(member, *objects)
    publish(member, objects[0], op="remove", reason="moved")
    publish(uuid7(), uuid7())

    acknowledge(member, 0, 3)
    assert heard == [("put", member, "phone", objects[1:3])]
    heard.clear()
    acknowledge(member, 3, 5)
    assert sorted(heard) == [
        ("put", member, "phone", objects[3:]),
        ("remove", member, "phone", objects[:1]),
    ]


@pytest.mark.parametrize(("after", "upto"), [(2, 2), (2, 1), (2, 9), (0, 0)])
def test_rooms_hear_nothing_of_nothing(app: Flask, heard: Heard, after: int, upto: int) -> None:
    member = uuid7()
    publish(member, uuid7(), uuid7())
    acknowledge(member, after, upto)
    assert heard == []


def test_only_old_tombstones_that_were_passed_are_swept(app: Flask) -> None:
    member, objects = uuid7(), [uuid7() for _ in range(5)]
    publish(member, *objects)
    now = clock.now()
    with clock.standing_at(now - timedelta(days=200)):
        publish(member, *objects[:2], op="remove", reason="moved")
        publish(member, objects[2], op="remove", reason="moved")
    publish(member, objects[3], op="remove", reason="moved")

    def sweep(passed: int) -> tuple[int, int, int]:
        with writing() as session:
            swept = feed.sweep_tombstones(session, member, passed, now - timedelta(days=180))
        with reading() as session:
            return swept, *feed.counter(session, member)

    assert sweep(5) == (0, 9, 0)
    assert sweep(7) == (2, 9, 7)
    assert sweep(7) == (0, 9, 7)
    assert [c["seq"] for c in changes(member)] == [5, 8, 9]
    assert sweep(9) == (1, 9, 8)


def test_numbers_go_on_after_a_sweep(app: Flask) -> None:
    member, object_ = uuid7(), uuid7()
    publish(member, object_, op="remove", reason="moved")
    with writing() as session:
        feed.sweep_tombstones(session, member, 1, clock.now() + timedelta(days=1))
    publish(member, object_)
    assert [c["seq"] for c in changes(member)] == [2]


def test_a_sweep_and_a_publisher_never_wait_for_each_other(app: Flask) -> None:
    """What was taken away comes back in the instant in which it is swept."""
    member, objects = uuid7(), [uuid7() for _ in range(20)]

    def come_and_go() -> None:
        with app.app_context():
            for _ in range(40):
                publish(member, *objects, op="remove", reason="moved")
                publish(member, *objects)

    def sweep() -> None:
        with app.app_context():
            for _ in range(120):
                with writing() as session:
                    upto, _ = feed.counter(session, member)
                    feed.sweep_tombstones(session, member, upto, clock.now() + timedelta(days=1))

    all_at_once([come_and_go, sweep])
    assert [(c["id"], c["op"]) for c in changes(member)] == [(one, "put") for one in objects]


def test_eight_publishers_at_once_leave_no_gap_and_nothing_that_a_reader_misses(
    app: Flask,
) -> None:
    """A reader that takes what is there and moves its cursor on sees every change."""
    members = [uuid7() for _ in range(3)]
    done = threading.Event()
    taken: dict[str, list[dict[str, Any]]] = {member: [] for member in members}

    def write(first: int) -> None:
        """Each transaction tells two members, in an order that differs from thread to thread."""
        with app.app_context():
            for number in range(10):
                pair = members[(first + number) % 3], members[(first + number + 1) % 3]
                with writing() as session:
                    feed.publish(
                        session, [feed.Change(member, "notice", uuid7(), 1) for member in pair]
                    )

    def pull() -> None:
        with app.app_context():
            while True:
                last = done.is_set()
                for member, rows in taken.items():
                    rows += changes(member, rows[-1]["seq"] if rows else 0, 5)
                if last and all(not changes(m, rows[-1]["seq"]) for m, rows in taken.items()):
                    return

    reader = threading.Thread(target=pull)
    reader.start()
    try:
        all_at_once([lambda first=first: write(first) for first in range(8)])
    finally:
        done.set()
        reader.join()

    for member, rows in taken.items():
        assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
        with reading() as session:
            assert feed.counter(session, member) == (len(rows), 0)
    assert sum(map(len, taken.values())) == 8 * 10 * 2


def test_publishers_of_the_same_objects_keep_one_row_of_each(app: Flask) -> None:
    members, objects = [uuid7(), uuid7()], [uuid7(), uuid7()]

    def write(backwards: bool) -> None:
        with app.app_context():
            for _ in range(10):
                pairs = list(product(members, objects))
                pairs = pairs[::-1] if backwards else pairs
                with writing() as session:
                    feed.publish(session, [feed.Change(m, "notice", o, 1) for m, o in pairs])

    all_at_once([lambda n=n: write(n % 2 == 1) for n in range(6)])
    for member in members:
        assert [row["seq"] for row in changes(member)] == [119, 120]
    with reading() as session:
        assert len(session.scalars(select(feed.Inbox.seq)).all()) == 4
