"""A Friday and the first Monday of the month in Chashan (茶山), by the plans of the shipped pack.

Promised: every meeting, patrol and letter is given once to each who is meant, whatever the worker
process does; who is on leave has a stand-in (AB岗) for it; what was missed is made up once.
"""

from collections import Counter
from collections.abc import Iterator

import pytest

from server.grid.roles import WORKER
from tests import factories
from tests.journeys.days import Days
from tests.journeys.world import World

MEETING, PATROL, LETTER = "周五社区例会", "周五联合巡查", "周五交办函"
MONTHLY = "每月街道例会"


@pytest.fixture
def days(world: World) -> Iterator[Days]:
    """From a Thursday on; the second room head backs the first."""
    with Days(world, "chashan", "2026-12-03 16:00") as days:
        heads, posts = days.town.people["room_head"], days.town.posts["room_head"]
        with world.inside():
            factories.post(heads[1], WORKER, days.town.street.grids[0], backup_of=posts[0])
        yield days


def owners(days: Days, title: str) -> Counter[str]:
    return Counter(task["assignee"] for task in days.titled(title))


def places(days: Days, title: str) -> Counter[str]:
    """How many of them each area got, whoever has them by now."""
    return Counter(task["area"] for task in days.titled(title))


def test_a_friday(days: Days) -> None:
    heads, contacts = days.town.people["room_head"], days.town.people["community_contact"]
    phone = days.phone()
    days.until("2026-12-04 08:25")
    assert days.titled(LETTER) == []

    days.until("2026-12-04 08:30")
    assert owners(days, LETTER) == Counter(contacts)
    days.until("2026-12-04 09:00")
    days.until("2026-12-04 09:05")
    assert owners(days, MEETING) == Counter(heads)
    assert owners(days, LETTER) == Counter(contacts)
    phone.sync()
    (meeting,) = phone.tasks().values()
    assert (meeting["title"], meeting["kind"]) == (MEETING, "meeting")

    days.until("2026-12-04 14:25")
    assert days.titled(PATROL) == []
    days.until("2026-12-04 14:30")
    days.until("2026-12-04 18:00")
    assert owners(days, PATROL) == Counter(heads)
    assert {task["area"] for task in days.titled(PATROL)} == set(days.town.street.grids)
    assert {tuple(task["demands"]["photos"]) for task in days.titled(PATROL)} == {("near",)}
    assert days.titled(MONTHLY) == []


def test_who_is_on_leave_has_a_stand_in(days: Days) -> None:
    heads = days.town.people["room_head"]
    days.until("2026-12-04 09:00")
    leave = {"member": heads[0], "from": "2026-12-04T12:00:00+08:00", "to": "2026-12-04"}
    days.world.supervisor.post("/absences", leave | {"open_tasks": "keep"})

    days.until("2026-12-04 12:00")
    days.until("2026-12-04 14:30")

    assert owners(days, MEETING) == Counter(heads)
    assert owners(days, PATROL) == Counter([heads[1], heads[1], heads[2]])
    phone = days.phone(1)
    phone.sync()
    patrols = [task for task in phone.tasks().values() if task["title"] == PATROL]
    assert {task["area"] for task in patrols} == set(days.town.street.grids[:2])
    days.until("2026-12-07 00:00")
    days.until("2026-12-07 09:00")
    assert owners(days, MONTHLY) == Counter(heads)


def test_a_night_without_a_worker_is_made_up_once(days: Days) -> None:
    heads = days.town.people["room_head"]
    days.until("2026-12-06 22:00")
    assert days.titled(MONTHLY) == []
    days.wait_until("2026-12-07 11:00")
    assert days.titled(MONTHLY) == []

    days.look()
    assert owners(days, MONTHLY) == Counter(heads)

    for later in ("2026-12-07 11:05", "2026-12-08 09:00", "2026-12-14 09:00", "2026-12-14 12:00"):
        days.until(later)
    assert places(days, MONTHLY) == Counter(days.town.street.grids)
    days.until("2027-01-04 09:00")
    assert places(days, MONTHLY) == Counter(days.town.street.grids * 2)
