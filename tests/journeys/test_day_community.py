"""The four regimes of a community (四项制度) over a weekend and over National Day (国庆).

Promised: limits of one, two and three days by level and unit, five working days for what is
special; more time only within bounds; red at the end, and what was late stays in the figures.
"""

from datetime import timedelta

from tests.journeys.days import Days, act, ask, granted
from tests.journeys.world import World

KINDS = ("in_time", "other_unit", "special")


def limits(days: Days) -> dict[str, str | None]:
    """When tasks given now are due: in a cell by their kind, above by whose they are."""
    kinds = {kind: days.world.push(kind=kind) for kind in KINDS}
    found = {kind: days.due(task) for kind, task in kinds.items()}
    community, office = (days.town.areas[level][0] for level in ("community", "office"))
    clerks = {community: "community_staff", office: "office_staff"}
    for area, post in clerks.items():
        wanted = {"assignee": days.town.people[post][0], "title": "诉求", "area": area}
        task = days.world.supervisor.post("/tasks", wanted | {"kind": "in_time"})["id"]
        found[post] = days.due(task)
    return found


def test_limits_over_a_weekend(world: World) -> None:
    """Days are days; working days leave Saturday and Sunday out."""
    with Days(world, "community", "2026-11-13 10:00") as days:
        assert limits(days) == {
            "in_time": "11-15 00:00",
            "other_unit": "11-17 00:00",
            "special": "11-20 17:30",
            "community_staff": "11-15 00:00",
            "office_staff": "11-16 00:00",
        }


def test_limits_over_national_day(world: World) -> None:
    """1 to 7 October are free, the Saturday after is worked; plain days do not mind."""
    with Days(world, "community", "2026-09-30 16:30") as days:
        assert limits(days) == {
            "in_time": "10-02 00:00",
            "other_unit": "10-04 00:00",
            "special": "10-13 17:30",
            "community_staff": "10-02 00:00",
            "office_staff": "10-03 00:00",
        }
        assert days.due(days.world.push(kind="at_once")) == "10-08 09:30"


def test_more_time_within_bounds(world: World) -> None:
    """Asked from the phone; never earlier than it is due, nor in the past."""
    with Days(world, "community", "2026-11-13 10:00") as days:
        phone = days.phone()
        task = days.world.push(kind="special")
        act(phone, task, "accept", "start")
        wish = ask(phone, task, "2026-11-24 17:30")
        assert (wish["kind"], wish["reason"]) == ("extension", "等材料")

        assert granted(days, task, "2026-11-20 12:00") == (422, "extension_none")
        assert granted(days, task, "2026-11-12 12:00") == (422, "due_past")
        assert days.due(task) == "11-20 17:30"
        assert granted(days, task) == (200, "")

        phone.sync()
        assert days.due(task) == "11-24 17:30"
        assert phone.tasks()[task]["request"] is None
        days.until("2026-11-20 18:00")
        assert days.task(task)["light"] == "yellow"
        days.until("2026-11-24 17:30")
        assert days.task(task)["light"] == "red"


def test_red_at_the_end_and_late_for_good(world: World) -> None:
    with Days(world, "community", "2026-11-13 10:00") as days:
        people, phone = days.town.people, days.phone()
        worker, cell = people["grid_member"][0], days.town.street.grids[0]
        late, punctual = (days.world.push(kind="in_time") for _ in range(2))
        for task in (late, punctual):
            act(phone, task, "accept", "start")
        days.until("2026-11-14 18:00")
        act(phone, punctual, "complete", result="已答复")
        days.until("2026-11-14 23:59")
        assert days.task(late)["light"] == "yellow"

        days.until("2026-11-15 00:00")

        assert days.task(late)["light"] == "red"
        for member in (worker, people["grid_leader"][0], people["office_staff"][0]):
            assert days.told(member, late)[-1] == "task_red"
        assert "task_red" not in days.told(worker, punctual)
        now = days.by("person", "2026-11-13 00:00", "2026-11-20 00:00")[worker]
        assert (now["on_time"], now["overdue"], now["open"]["red"]) == (1, 1, 1)

        days.until("2026-11-16 09:00")
        act(phone, late, "complete", result="已答复")
        days.world.supervisor.change(f"/tasks/{late}", "verify")
        days.until("2026-11-30 09:00")

        assert days.task(late)["late"] is True
        for by, key in (("person", worker), ("area", cell)):
            figures = days.by(by, "2026-11-13 00:00", "2026-11-20 00:00")[key]
            assert figures["late"] == 1, by
        kept = days.by("person", "2026-11-13 00:00", "2026-11-20 00:00")[worker]
        assert (kept["done"], kept["on_time"], kept["overdue"]) == (2, 1, 0)
        assert kept["on_time_rate"] == 0.5
        assert kept["finish_s"] >= timedelta(days=1).total_seconds()
