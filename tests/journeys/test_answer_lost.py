"""The answer got lost after the server committed, so the phone sends everything again.

Promised: however often and in whatever company an item comes again, alone, in other batches, in
another order, eight times at once, it is one row, and it gets its first answer again, marked as a
replay. Nothing of it is an error.
"""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select

from server.cases.models import Report
from server.items.models import Item, Quarantine
from server.kernel.database import reading
from server.kernel.ids import uuid7
from tests.journeys.at_once import all_at_once
from tests.journeys.web import Wire
from tests.journeys.world import World, sha256
from tests.wire import line

AT_ONCE = 8


@pytest.fixture
def wire(world: World) -> Wire:
    return world.wire()


@pytest.fixture
def lines(world: World) -> list[bytes]:
    """One line for every kind of verdict; together more than one answer."""
    earlier = (datetime.now(UTC) - timedelta(days=3)).isoformat()
    twice, task = uuid7(), world.push()
    action = {"task": task, "assignment": 1, "action": "start"}
    return [
        line(seq=1),
        line(seq=2, at=earlier),
        line(seq=3, loc={"lat": 30.005, "lon": 120.005, "mock": True}),
        line("shift_end", {"shift": uuid7()}, seq=4),
        line("task_action", action, seq=5),
        line("dance", {}, seq=6),
        line(schema=2, seq=7),
        b'{"id": "cut off',
        line(id=twice, seq=9),
        line(id=twice, seq=10),
    ]


EXPECTED = [
    ("accepted", [], None),
    ("accepted", ["late"], None),
    ("accepted", ["mock_location"], None),
    ("accepted", ["held"], None),
    ("stale", [], "action_stale"),
    ("quarantined", [], "kind_unknown"),
    ("quarantined", [], "schema_unknown"),
    ("quarantined", [], "bad_json"),
    ("accepted", [], None),
    ("conflict", [], "id_conflict"),
]


def answers(answer: dict[str, Any]) -> list[tuple[str, list[str], str | None]]:
    return [(r["status"], r["flags"], r["code"]) for r in answer["results"]]


def rows(world: World) -> tuple[int, int, int]:
    """How many items, set-aside lines and reports the server has."""
    with world.inside(), reading() as session:
        tables = (Item, Quarantine, Report)
        counted = [session.scalar(select(func.count()).select_from(table)) for table in tables]
    return counted[0] or 0, counted[1] or 0, counted[2] or 0


def check_first_answers_again(answer: dict[str, Any], lines: Sequence[bytes]) -> None:
    """Each line of the answer got the answer that its bytes got first."""
    first = {sha256(raw): verdict for raw, verdict in zip(lines, EXPECTED, strict=True)}
    for result in answer["results"]:
        got = (result["status"], result["flags"], result["code"])
        assert got == first[result["sha256"]]
        assert result["replay"] is True


def test_alone_in_other_batches_and_in_another_order(
    world: World, wire: Wire, lines: list[bytes]
) -> None:
    assert answers(wire.exchange(*lines)) == EXPECTED
    before = rows(world)
    assert before == (6, 4, 4)

    for raw in lines:
        check_first_answers_again(wire.exchange(raw), lines)
    rng = random.Random(7)
    for size in (2, 3, 5, 10):
        shuffled = rng.sample(lines, len(lines))
        for start in range(0, len(lines), size):
            check_first_answers_again(wire.exchange(*shuffled[start : start + size]), lines)
    again = wire.exchange(*lines, *reversed(lines))
    check_first_answers_again(again, lines)
    assert len(again["results"]) == 2 * len(lines)

    assert rows(world) == before


def test_eight_times_at_once(world: World, wire: Wire, lines: list[bytes]) -> None:
    given = all_at_once([partial(wire.exchange, *lines)] * AT_ONCE)

    assert [answers(answer) for answer in given] == [EXPECTED] * AT_ONCE
    fresh = [answer for answer in given if not answer["results"][0]["replay"]]
    assert len(fresh) == 1
    assert rows(world) == (6, 4, 4)
    assert sorted(answer["receipt"]["no"] for answer in given) == list(range(1, AT_ONCE + 1))


def test_eight_phones_of_one_member_hand_in_one_item_at_once(
    world: World, lines: list[bytes]
) -> None:
    """The identity belongs to the item, not to the phone that brings it."""
    wires = [world.wire() for _ in range(AT_ONCE)]
    accepted = lines[:4]

    given = all_at_once([partial(wire.exchange, *accepted) for wire in wires])

    assert [answers(answer) for answer in given] == [EXPECTED[:4]] * AT_ONCE
    replays = [answer["results"][0]["replay"] for answer in given]
    assert sorted(replays) == [False] + [True] * (AT_ONCE - 1)
    assert rows(world) == (4, 0, 3)


def test_each_item_alone_at_once_in_random_order(
    world: World, wire: Wire, lines: list[bytes]
) -> None:
    """Every line eight times, all requests at one instant: each bytes are fresh exactly once."""
    whole = lines[:7]
    sent = random.Random(3).sample(whole * 4, 4 * len(whole))

    given = all_at_once([partial(wire.exchange, raw) for raw in sent])

    fresh = [
        result["sha256"] for answer in given for result in answer["results"] if not result["replay"]
    ]
    assert sorted(fresh) == sorted(map(sha256, whole))
    expected = {sha256(raw): verdict for raw, verdict in zip(lines, EXPECTED, strict=True)}
    for raw, answer in zip(sent, given, strict=True):
        assert answers(answer) == [expected[sha256(raw)]]
    assert rows(world) == (5, 2, 3)


def test_the_phone_notices_nothing_but_a_second_round_trip(world: World) -> None:
    device = world.device()
    ids = [device.acts.report("01-10", f"第{number}处").id for number in range(5)]
    device.network.script.append("unanswered")
    with pytest.raises(Exception, match="unanswered"):
        device.sync()
    assert all(device.verdict(item) == ("queued", None) for item in ids)

    assert device.sync().sent == 5

    assert rows(world) == (5, 0, 5)
    assert device.sync("twice").sent == 0
    assert [receipt.no for receipt in device.client.receipts.all()] == [1, 2]
