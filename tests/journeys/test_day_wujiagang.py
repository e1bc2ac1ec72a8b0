"""The lights of Wujiagang (伍家岗): green, yellow, red over the working days of a task.

Promised: the light turns by working time and is told once; red asks why, and the worker answers
from the phone; the figures say so by area and by person; what is suspended stands still.
"""

from collections.abc import Iterator

import pytest

from tests.journeys.days import Days, act, ask, granted, shown
from tests.journeys.world import World

WEEK = ("2026-11-23 00:00", "2026-11-30 00:00")


@pytest.fixture
def days(world: World) -> Iterator[Days]:
    with Days(world, "wujiagang", "2026-11-23 10:00") as days:
        yield days


def test_green_yellow_red_and_why(days: Days) -> None:
    people, phone = days.town.people, days.phone()
    worker, cell = people["grid_worker"][0], days.town.street.grids[0]
    task = days.world.push(kind="event", title="处置事件")
    act(phone, task, "accept", "start")
    given = days.task(task)
    # 26.5 hours of work until Thursday evening; 0.7 of them are over on Wednesday at 16:33.
    assert (shown(given["due"]), shown(given["yellow_at"])) == ("11-26 17:30", "11-25 16:33")

    lights = []
    for moment in ("11-23 18:00", "11-25 16:32", "11-25 16:33", "11-26 17:29", "11-26 17:30"):
        days.until(f"2026-{moment}")
        lights.append(days.task(task)["light"])
    assert lights == ["green", "green", "yellow", "yellow", "red"]
    days.until("2026-11-26 17:31")
    assert days.told(worker, task)[:3] == ["task_assign", "task_yellow", "task_red"]
    assert days.told(people["station_head"][0], task) == ["task_yellow", "task_red"]
    district = people["district_supervisor"][0]
    assert days.told(district, task) == ["task_red"]

    phone.sync()
    assert phone.tasks()[task]["flags"] == ["explanation_asked"]
    phone.client.notices.read(one["id"] for one in phone.client.notices.listed())
    phone.sync()
    assert days.world.person(worker).get("/notices?unread=true")["results"] == []
    act(phone, task, "explain", reason="等部门会签")
    explained = days.task(task)
    assert (explained["flags"], explained["light"]) == ([], "red")
    (said,) = [event for event in explained["events"] if event["action"] == "explain"]
    assert (said["actor"], said["reason"]) == (worker, "等部门会签")
    for by, key in (("area", cell), ("person", worker)):
        figures = days.by(by, *WEEK)
        assert figures.keys() == {key}
        found = figures[key]
        assert (found["overdue"], found["open"]["red"], found["on_time_rate"]) == (1, 1, 0.0)
        assert shown(found["oldest_red"]) == "11-26 17:30"

    days.until("2026-11-27 09:00")
    before, after = phone.photo("red", role="before"), phone.photo("blue", role="after")
    act(phone, task, "complete", result="已处置", photos=[before, after])
    done = days.task(task)
    assert (done["state"], done["late"], done["light"]) == ("done", True, "none")
    assert days.told(worker, task).count("task_red") == 1
    total = days.figures(*WEEK)["total"]
    assert (total["done"], total["late"], total["overdue"], total["open"]["red"]) == (1, 1, 0, 0)


def test_the_figures_tell_areas_and_persons_apart(days: Days) -> None:
    workers, cells = days.town.people["grid_worker"], days.town.street.grids
    phones = [days.phone(number) for number in range(2)]
    tasks = [days.world.push(number, kind="department_order") for number in range(2)]
    for phone, task in zip(phones, tasks, strict=True):
        act(phone, task, "accept", "start")
    days.until("2026-11-24 10:00")
    act(phones[0], tasks[0], "complete")
    days.until("2026-11-26 17:30")

    for by, (good, bad) in (("area", cells[:2]), ("person", workers[:2])):
        figures = days.by(by, *WEEK)
        assert figures.keys() == {good, bad}
        assert [figures[key]["on_time_rate"] for key in (good, bad)] == [1.0, 0.0]
        assert figures[good]["finish_s"] == 24 * 3600
        assert (figures[bad]["finish_s"], figures[bad]["open"]["red"]) == (None, 1)


def test_what_is_suspended_stands_still(days: Days) -> None:
    worker, phone = days.town.people["grid_worker"][0], days.phone()
    task = days.world.push(kind="department_order")
    act(phone, task, "accept", "start")
    days.until("2026-11-24 10:00")
    days.world.supervisor.change(f"/tasks/{task}", "suspend", {"reason": "停工"})

    days.until("2026-11-26 17:30")
    days.until("2026-11-29 12:00")

    assert days.task(task)["light"] == "suspended"
    assert days.told(worker, task) == ["task_assign"]
    assert days.figures(*WEEK)["total"]["open"]["suspended"] == 1
    days.until("2026-11-30 10:00")
    days.world.supervisor.change(f"/tasks/{task}", "resume", {"reason": "复工"})
    # 19.5 hours of work were left: Monday from 10:00, Tuesday, and Wednesday.
    again = days.task(task)
    assert (again["light"], shown(again["due"])) == ("green", "12-02 17:30")
    phone.sync()
    assert shown(phone.tasks()[task]["due"]) == "12-02 17:30"
    days.until("2026-12-02 17:29")
    assert days.task(task)["light"] == "yellow"
    days.until("2026-12-02 17:30")
    assert days.task(task)["light"] == "red"
    assert days.told(worker, task)[:3] == ["task_assign", "task_yellow", "task_red"]


def test_more_time_once_and_three_working_days_at_most(days: Days) -> None:
    phone = days.phone()
    task = days.world.push(kind="department_order")
    act(phone, task, "accept", "start")
    ask(phone, task, "2026-12-01 17:31")

    assert granted(days, task) == (422, "extension_beyond")
    assert granted(days, task, "2026-12-01 17:30") == (200, "")
    assert days.due(task) == "12-01 17:30"

    ask(phone, task, "2026-12-02 17:30")
    assert granted(days, task)[1] == "extensions_used_up"
    days.world.supervisor.change(f"/tasks/{task}", "refuse", {"reason": "已延期一次"})
    phone.sync()
    assert phone.tasks()[task]["request"] is None
    assert days.due(task) == "12-01 17:30"


@pytest.mark.parametrize(
    ("begin", "due"), [("2026-09-29 10:00", "10-09 17:30"), ("2026-09-30 10:00", "10-10 17:30")]
)
def test_three_working_days_over_national_day(world: World, begin: str, due: str) -> None:
    """1 to 7 October (国庆) are free, the Saturday after is worked."""
    with Days(world, "wujiagang", begin) as days:
        assert days.due(days.world.push(kind="department_order")) == due
