"""A phone that lay in a drawer for three months, and one that lay there too long.

Promised: it gets each live object once, with its newest state, and learns what was taken away.
Where the removals it missed were swept meanwhile, it starts over at 0, forgets what is gone, and
offers all it holds, so that nothing it captured is missing.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from fieldkit.clock import FakeClock
from server.cases.models import Report
from server.items.models import Item
from server.jobs import sweeps
from server.kernel import clock, feed
from server.kernel.database import reading, writing
from tests.journeys.world import Device, World

DRAWER, TOO_LONG = timedelta(days=92), timedelta(days=200)
Wait = Callable[[timedelta], None]


@pytest.fixture
def began() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def phone(world: World, began: datetime) -> Device:
    """A phone with four tasks on it."""
    device = world.device(clock=FakeClock(began))
    for number in range(4):
        world.push(title=f"任务{number}")
    device.sync()
    device.sync()
    return device


def while_it_lay_there(world: World, tasks: list[str]) -> str:
    """One task is changed twice, one cancelled, one given away, and a new one comes; its id."""
    supervisor = world.supervisor
    supervisor.change(f"/tasks/{tasks[0]}", "reassign", {"assignee": world.street.workers[1]})
    supervisor.change(f"/tasks/{tasks[0]}", "reassign", {"assignee": world.street.workers[0]})
    supervisor.change(f"/tasks/{tasks[1]}", "cancel", {"reason": "不需要了"})
    supervisor.change(f"/tasks/{tasks[2]}", "reassign", {"assignee": world.street.workers[1]})
    return world.push(title="新任务")


def test_each_live_object_comes_once_and_what_is_gone_goes(
    world: World, phone: Device, began: datetime
) -> None:
    tasks = sorted(phone.tasks())
    phone.clock.sleep(DRAWER.total_seconds())
    with clock.standing_at(began + DRAWER):
        new = while_it_lay_there(world, tasks)
        cursor = phone.store.get("cursor")
        with world.inside(), reading() as session:
            page = feed.page(session, world.street.workers[0], cursor, 100)

        report = phone.sync()

    seen = [change["id"] for change in page]
    assert len(seen) == len(set(seen))
    assert report.taken == len(page)
    assert phone.tasks().keys() == {tasks[0], tasks[3], new}
    assert phone.tasks()[tasks[0]]["assignment"] == 3
    assert phone.tasks()[tasks[3]]["title"] == "任务3"
    assert report.warnings == []


def test_what_it_captured_before_is_taken_and_marked_late(
    world: World, phone: Device, began: datetime
) -> None:
    item = phone.acts.report("01-10", "三个月前").id
    phone.clock.sleep(DRAWER.total_seconds())
    with clock.standing_at(began + DRAWER):
        phone.sync()
        shown = world.supervisor.get(f"/items/{item}")
    assert phone.verdict(item) == ("sent", "accepted")
    assert shown["flags"] == ["late"]
    assert datetime.fromisoformat(shown["estimated"]) == began


def test_swept_removals_make_it_start_over(world: World, phone: Device, began: datetime) -> None:
    tasks = sorted(phone.tasks())
    handed_in = phone.acts.report("01-10", "以前").id
    phone.sync()
    waiting = phone.acts.report("01-10", "还在手机里").id
    with clock.standing_at(began + timedelta(days=1)):
        new = while_it_lay_there(world, tasks)
    phone.clock.sleep(TOO_LONG.total_seconds())
    with clock.standing_at(began + TOO_LONG):
        assert swept(world) == 3
        assert phone.client.exchange().reset
        phone.sync()
        assert not phone.client.exchange().reset
    assert phone.tasks().keys() == {tasks[0], tasks[3], new}
    assert {item["id"] for item in world.supervisor.items()} == {handed_in, waiting}
    assert phone.verdict(waiting) == ("sent", "accepted")


def test_starting_over_offers_what_the_server_lost(
    world: World, phone: Device, began: datetime
) -> None:
    kept = phone.acts.report("01-10", "还在").id
    lost = phone.acts.report("01-10", "丢了").id
    phone.sync()
    with world.inside(), writing() as session:
        session.delete(session.get(Report, lost))
        session.delete(session.get(Item, lost))
    with clock.standing_at(began + timedelta(days=1)):
        while_it_lay_there(world, sorted(phone.tasks()))
    phone.clock.sleep(TOO_LONG.total_seconds())
    with clock.standing_at(began + TOO_LONG):
        swept(world)
        assert phone.sync().sent == 1
        found = {item["id"] for item in world.supervisor.items(kind="report")}
    assert found == {kept, lost}
    assert phone.verdict(lost) == ("sent", "accepted")


def test_a_long_feed_behind_swept_removals_comes_to_an_end(world: World, began: datetime) -> None:
    """A phone that fills up from 0, page by page, is not sent back to 0 on its way."""
    tasks = [world.push(title=f"任务{number}", text="长" * 4000) for number in range(6)]
    gone = world.push()
    world.supervisor.change(f"/tasks/{gone}", "cancel", {"reason": "不需要了"})
    with clock.standing_at(began + TOO_LONG):
        assert swept(world) == 1
        phone = world.device(clock=FakeClock(began + TOO_LONG))

        steps = [phone.client.exchange() for _ in range(6)]

        assert not any(step.reset for step in steps)
        assert steps[0].more is True
        assert steps[-1].more is False
        assert phone.tasks().keys() == set(tasks)


def swept(world: World) -> int:
    """How many removals the worker's nightly job takes off the feed now."""
    settings = world.app.extensions["gewu_settings"]
    with world.inside():
        return sweeps.tombstones(settings, clock.now())
