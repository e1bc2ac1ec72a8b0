"""A task changed hands, or was called off, while its worker had no network.

Promised: the first `complete` in the order of the server wins; what the other one did is kept as
evidence, marked `stale` on the phone and `double_work` or `done_after_cancel` for the supervisor.
"""

from typing import Any

import pytest

from tests.journeys.world import Device, World

CHAIN = ("accept", "start", "complete")


@pytest.fixture
def first(world: World) -> Device:
    return world.device(0)


@pytest.fixture
def second(world: World) -> Device:
    return world.device(1)


def given(world: World, device: Device) -> str:
    """A task on the phone of the first worker; its id."""
    task = world.push()
    device.sync()
    return task


def reassign(world: World, task: str, worker: int, mode: str = "soft") -> None:
    wanted = {"assignee": world.street.workers[worker], "mode": mode}
    world.supervisor.change(f"/tasks/{task}", "reassign", wanted)


def work(device: Device, task: str, *actions: str) -> list[str]:
    """Do the task on the phone, on what it knows; the ids of the items."""
    known = device.tasks()[task]
    return [device.acts.act_on(known, action, result="做完了").id for action in actions]


def statuses(device: Device, items: list[str]) -> list[str | None]:
    return [device.verdict(item)[1] for item in items]


def flagged(shown: dict[str, Any]) -> list[tuple[str, str, list[str]]]:
    """(action, actor, flags) of the events that carry flags."""
    events = shown["events"]
    return [(e["action"], e["actor"], e["flags"]) for e in events if e["flags"]]


@pytest.mark.parametrize("new_owner_first", [True, False], ids=["new_first", "old_first"])
def test_both_owners_complete_it(
    world: World, first: Device, second: Device, new_owner_first: bool
) -> None:
    task = given(world, first)
    old = work(first, task, *CHAIN)
    reassign(world, task, 1)
    second.sync()
    new = work(second, task, *CHAIN)

    for device in (second, first) if new_owner_first else (first, second):
        device.sync()

    assert statuses(second, new) == ["accepted"] * 3
    assert statuses(first, old) == ["stale"] * 3
    assert all(first.verdict(item)[0] == "tray" for item in old)
    assert task not in first.tasks()
    shown = world.supervisor.get(f"/tasks/{task}")
    assert (shown["state"], shown["assignee"]) == ("done", world.street.workers[1])
    assert shown["flags"] == ["double_work"]
    assert flagged(shown) == [("complete", world.street.workers[0], ["double_work"])]
    for id_, line in first.lines().items():
        kept = world.supervisor.get(f"/items/{id_}")
        assert (kept["status"], kept["raw"].encode()) == ("stale", line)
    (done,) = [e for e in shown["events"] if e["action"] == "complete" and not e["flags"]]
    assert (done["actor"], done["item"]) == (world.street.workers[1], new[2])


def test_done_before_it_was_given_away_stays_done(
    world: World, first: Device, second: Device
) -> None:
    """The first `complete` in server order wins: then there is nothing to give away any more."""
    task = given(world, first)
    old = work(first, task, *CHAIN)
    first.sync()

    wanted = {"assignee": world.street.workers[1]}
    version = world.supervisor.ask("GET", f"/tasks/{task}").headers["etag"]
    refused = world.supervisor.ask("POST", f"/tasks/{task}/reassign", wanted, if_match=version)

    assert (refused.status, refused.code) == (409, "state_illegal")
    assert statuses(first, old) == ["accepted"] * 3
    second.sync()
    assert second.tasks() == {}


def test_a_supervisor_who_looked_before_the_work_came_in_must_look_again(
    world: World, first: Device
) -> None:
    task = given(world, first)
    supervisor = world.supervisor
    seen = supervisor.ask("GET", f"/tasks/{task}").headers["etag"]
    work(first, task, "accept")
    first.sync()

    wanted = {"reason": "不需要了"}
    refused = supervisor.ask("POST", f"/tasks/{task}/cancel", wanted, if_match=seen)

    assert (refused.status, refused.code) == (412, "version_old")


def test_cancelled_while_offline(world: World, first: Device) -> None:
    task = given(world, first)
    done = work(first, task, *CHAIN)
    world.supervisor.change(f"/tasks/{task}", "cancel", {"reason": "不需要了"})

    first.sync()

    assert statuses(first, done) == ["stale"] * 3
    assert task not in first.tasks()
    shown = world.supervisor.get(f"/tasks/{task}")
    assert (shown["state"], shown["flags"]) == ("cancelled", ["done_after_cancel"])
    assert flagged(shown) == [("complete", world.street.workers[0], ["done_after_cancel"])]
    kept = world.supervisor.get(f"/items/{done[2]}")
    assert kept["raw"].encode() == first.lines()[done[2]]


def test_given_away_and_back_again(world: World, first: Device) -> None:
    """Work on the old assignment does not count for the new one, though it is the same person."""
    task = given(world, first)
    old = work(first, task, *CHAIN)
    reassign(world, task, 1)
    reassign(world, task, 0)

    first.sync()

    assert statuses(first, old) == ["stale"] * 3
    assert first.tasks()[task]["assignment"] == 3
    new = work(first, task, *CHAIN)
    first.sync()
    assert statuses(first, new) == ["accepted"] * 3
    assert world.supervisor.get(f"/tasks/{task}")["state"] == "done"


def test_hard_the_new_owner_waits_until_the_old_phone_has_let_go(
    world: World, first: Device, second: Device
) -> None:
    task = given(world, first)
    first.sync()
    done = work(first, task, *CHAIN)
    reassign(world, task, 1, mode="hard")
    second.sync()
    assert second.tasks() == {}

    first.sync()

    assert statuses(first, done) == ["accepted"] * 3
    shown = world.supervisor.get(f"/tasks/{task}")
    assert (shown["state"], shown["assignee"]) == ("done", world.street.workers[0])
    first.sync()
    second.sync()
    assert second.tasks() == {}


def test_hard_an_idle_old_phone_lets_go_at_its_next_exchanges(
    world: World, first: Device, second: Device
) -> None:
    task = given(world, first)
    reassign(world, task, 1, mode="hard")
    first.sync()
    assert task not in first.tasks()
    second.sync()
    assert second.tasks() == {}

    first.sync()
    second.sync()

    assert second.tasks()[task]["assignment"] == 2
