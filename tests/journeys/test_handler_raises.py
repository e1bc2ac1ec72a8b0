"""A bug in one room raises on one item of a batch.

Promised: its neighbours are accepted in the same exchange; the item is kept byte for byte as
`handler_failed`; after the fix a person replays it, and its member's phone is told.
"""

from collections.abc import Iterator, Sequence

import pytest
from sqlalchemy.orm import Session

from server.cases.handlers import handle_reports
from server.items import intake
from server.items.handling import Incoming, Outcome
from tests.journeys.world import Device, World

POISON = "让处理程序出错"


class Buggy:
    """The reports room with a bug that one text wakes; `calls` counts how often it was asked."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, session: Session, items: Sequence[Incoming]) -> Sequence[Outcome]:
        self.calls += 1
        outcomes = handle_reports(session, items)
        if any(item.body.get("text") == POISON for item in items):
            raise ZeroDivisionError(POISON)
        return outcomes


@pytest.fixture
def bug(world: World) -> Iterator[Buggy]:
    buggy = Buggy()
    intake.handle_with(("report",), buggy)
    yield buggy
    fix()


def fix() -> None:
    intake.handle_with(("report",), handle_reports)


def captured(device: Device) -> tuple[str, list[str]]:
    """(the id of the poisoned report, the ids of its neighbours) of one batch."""
    before = [device.acts.report("01-10", f"前{number}").id for number in range(3)]
    poisoned = device.acts.report("01-10", POISON).id
    after = [device.acts.report("01-10", f"后{number}").id for number in range(3)]
    shift = device.acts.start_shift(at=device.clock.now()).id
    return poisoned, [*before, *after, shift]


def test_the_neighbours_are_accepted_in_the_same_exchange(world: World, bug: Buggy) -> None:
    device = world.device()
    poisoned, neighbours = captured(device)

    step = device.client.exchange()

    assert (step.sent, step.tray) == (7, 1)
    assert all(device.verdict(item) == ("sent", "accepted") for item in neighbours)
    assert device.verdict(poisoned) == ("tray", "quarantined")
    (row,) = device.client.outbox.tray()
    assert row["code"] == "handler_failed"
    assert row["message"]
    reports = world.supervisor.get("/reports")["results"]
    assert {report["id"] for report in reports} == set(neighbours[:6])


def test_two_poisoned_items_are_set_aside_and_no_more(world: World, bug: Buggy) -> None:
    device = world.device()
    for number in range(20):
        device.acts.report("01-10", POISON if number in (4, 13) else f"第{number}处")

    step = device.client.exchange()

    assert (step.sent, step.tray) == (18, 2)
    assert bug.calls <= 1 + 5 + 14 + 18


def test_it_is_kept_byte_for_byte_and_sending_it_again_changes_nothing(
    world: World, bug: Buggy
) -> None:
    device = world.device()
    poisoned, _ = captured(device)
    device.sync()
    (kept,) = world.supervisor.get("/quarantine?state=open")["results"]
    shown = world.supervisor.get(f"/quarantine/{kept['id']}")
    assert shown["raw"].encode() == device.lines()[poisoned]
    assert (shown["item"], shown["code"], shown["detail"]) == (
        poisoned,
        "handler_failed",
        "ZeroDivisionError",
    )
    fix()

    device.client.outbox.requeue([poisoned])
    device.sync()

    assert device.verdict(poisoned) == ("tray", "quarantined")
    assert len(world.supervisor.get("/quarantine")["results"]) == 1


def test_replaying_before_the_fix_leaves_it_where_it_is(world: World, bug: Buggy) -> None:
    device = world.device()
    captured(device)
    device.sync()
    (kept,) = world.supervisor.get("/quarantine")["results"]

    refused = world.supervisor.ask("POST", f"/quarantine/{kept['id']}/replay")

    assert (refused.status, refused.code) == (422, "handler_failed")
    (still,) = world.supervisor.get("/quarantine?state=open")["results"]
    assert still["id"] == kept["id"]


def test_after_the_fix_a_replay_takes_it_and_the_phone_is_told(world: World, bug: Buggy) -> None:
    device = world.device()
    poisoned, _ = captured(device)
    device.sync()
    (kept,) = world.supervisor.get("/quarantine")["results"]
    fix()

    verdict = world.supervisor.post(f"/quarantine/{kept['id']}/replay", {}, 200)["verdict"]

    assert (verdict["id"], verdict["status"], verdict["code"]) == (poisoned, "accepted", None)
    assert world.supervisor.get(f"/items/{poisoned}")["raw"].encode() == device.lines()[poisoned]
    assert len(world.supervisor.get("/reports")["results"]) == 7
    assert device.verdict(poisoned) == ("tray", "quarantined")
    device.sync()
    assert device.verdict(poisoned) == ("sent", "accepted")
    assert device.client.outbox.tray() == []
    again = world.supervisor.ask("POST", f"/quarantine/{kept['id']}/replay")
    assert (again.status, again.code) == (409, "state_illegal")


def test_the_line_sent_once_more_after_the_replay_is_the_accepted_item(
    world: World, bug: Buggy
) -> None:
    device = world.device()
    poisoned, _ = captured(device)
    device.sync()
    (kept,) = world.supervisor.get("/quarantine")["results"]
    fix()
    world.supervisor.post(f"/quarantine/{kept['id']}/replay", {}, 200)

    device.client.outbox.requeue([poisoned])
    device.sync()

    assert device.verdict(poisoned) == ("sent", "accepted")
    assert len(world.supervisor.get("/reports")["results"]) == 7
