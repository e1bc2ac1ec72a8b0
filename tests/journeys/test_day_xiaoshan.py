"""A day of a collector in Xiaoshan (萧山), 07:15 to 20:15, under the shipped pack.

Promised: the phone knows zones and hours from the pack; verifying takes an hour, checking two, and
neither is done without a near and a far photo; what nobody accepts goes up to lot and center.
"""

from collections.abc import Iterator
from datetime import time, timedelta
from typing import Any

import pytest

from tests.journeys.days import Days, act, shown
from tests.journeys.world import Device, World

DAY = "2026-11-23"
"""A Monday."""


@pytest.fixture
def days(world: World) -> Iterator[Days]:
    with Days(world, "xiaoshan", f"{DAY} 07:00") as days:
        yield days


def rounds(pack: dict[str, Any]) -> dict[str, float]:
    """How many intervals of each zone the shift has, as a phone reckons them from its pack."""
    begin, end = (time.fromisoformat(pack["shift"][name]) for name in ("begin", "end"))
    lasts = timedelta(hours=end.hour - begin.hour, minutes=end.minute - begin.minute)
    every = {zone["code"]: zone["every"] for zone in pack["zones"]}
    assert {unit for _, unit in every.values()} == {"hour"}
    return {code: lasts / timedelta(hours=number) for code, (number, _) in every.items()}


def test_the_phone_knows_the_rhythm_and_the_hours(days: Days) -> None:
    phone = days.phone()
    phone.sync()

    (pack,) = phone.client.inbox.objects("pack")

    assert (pack["ref"], pack["from_day"]) == ("xiaoshan@1", DAY)
    assert rounds(pack) == {"red": 13, "yellow": 6.5, "blue": 3.25}
    assert (pack["shift"]["begin"], pack["shift"]["end"]) == ("07:15", "20:15")
    assert pack["shift"]["partial_window"] == "prorate"
    (snow,) = pack["shift"]["emergencies"]
    assert (snow["code"], snow["begin"], snow["first_report"]) == ("snow", "06:00", "07:30")


def pictures(phone: Device, *roles: str) -> list[Any]:
    colours = {"near": "red", "far": "blue"}
    return [phone.photo(colours[role], role=role) for role in roles]


def test_from_sign_in_to_sign_out(days: Days) -> None:
    world, worker = days.world, days.town.people["collector"][0]
    phone = days.phone()
    days.until(f"{DAY} 07:15")
    phone.acts.start_shift(at=phone.clock.now())
    phone.acts.report("01-10", "测试案卷", photos=[phone.photo("green")])
    phone.sync()

    days.until(f"{DAY} 08:00")
    verify = world.push(kind="verify", title="核实")
    check = world.push(kind="check", title="核查")
    given = days.task(verify)
    assert (days.due(verify), days.due(check)) == ("11-23 09:00", "11-23 10:00")
    assert shown(given["yellow_at"]) == "11-23 08:42"
    assert (given["pack"], given["demands"]) == ("xiaoshan@1", {"photos": ["near", "far"]})
    act(phone, verify, "accept", "start")
    act(phone, check, "accept", "start")

    days.until(f"{DAY} 08:45")
    assert days.task(verify)["light"] == "yellow"
    assert days.told(worker, verify) == ["task_assign", "task_yellow"]
    act(phone, verify, "complete", photos=pictures(phone, "near"))
    back = phone.tasks()[verify]
    assert (back["state"], back["flags"]) == ("returned", ["incomplete"])
    assert [mark["point"] for mark in back["marks"]] == ["photo"]
    assert "far" in back["marks"][0]["text"]

    days.until(f"{DAY} 08:55")
    act(phone, verify, "start", "complete", photos=pictures(phone, "near", "far"))
    done = days.task(verify)
    assert (done["state"], done["late"], done["marks"], done["light"]) == (
        "done",
        False,
        [],
        "none",
    )

    for minutes in range(9 * 60, 20 * 60 + 15, 30):
        days.until(f"{DAY} {minutes // 60:02}:{minutes % 60:02}")
        if minutes == 10 * 60:
            assert days.task(check)["light"] == "red"
        if minutes == 10 * 60 + 30:
            act(phone, check, "complete", photos=pictures(phone, "near", "far"))
    late = days.task(check)
    assert (late["state"], late["late"], shown(late["done_at"])) == ("done", True, "11-23 10:30")
    leader, supervisor = days.town.people["lot_manager"][0], days.town.people["supervisor"][0]
    assert days.told(worker, check) == ["task_assign", "task_yellow", "task_red"]
    assert days.told(leader, check) == ["task_yellow", "task_red"]
    assert days.told(supervisor, check) == ["task_red"]

    days.until(f"{DAY} 20:15")
    phone.acts.end_shift(at=phone.clock.now())
    phone.sync()
    (shift,) = world.supervisor.get(f"/shifts?member={worker}")["results"]
    assert shift["state"] == "closed"
    figures = days.by("person", f"{DAY} 00:00", "2026-11-24 00:00")[worker]
    assert (figures["on_time"], figures["late"], figures["on_time_rate"]) == (1, 1, 0.5)


def test_what_nobody_accepts_goes_up_to_the_lot_and_to_the_center(days: Days) -> None:
    people = days.town.people
    phone = days.phone(1)
    days.until(f"{DAY} 11:00")
    task = days.world.push(1, kind="handle")
    phone.sync()
    assert task in phone.tasks()

    days.until(f"{DAY} 11:29")
    assert days.task(task)["assignee"] == people["collector"][1]
    days.until(f"{DAY} 11:30")
    assert days.task(task)["assignee"] == people["lot_manager"][0]
    assert days.told(people["lot_manager"][0], task) == ["task_escalated"]
    phone.sync()
    assert task not in phone.tasks()

    # Two hours of work: half an hour before noon, the rest from 14:00 on.
    days.until(f"{DAY} 15:29")
    assert days.task(task)["assignee"] == people["lot_manager"][0]
    days.until(f"{DAY} 15:30")
    up = days.task(task)
    assert up["assignee"] == people["supervisor"][0]
    assert days.told(people["supervisor"][0], task) == ["task_escalated"] * 2
    steps = [(e["assignee"], shown(e["at"])) for e in up["events"] if e["action"] == "escalate"]
    assert steps == [
        (people["lot_manager"][0], "11-23 11:30"),
        (people["supervisor"][0], "11-23 15:30"),
    ]
