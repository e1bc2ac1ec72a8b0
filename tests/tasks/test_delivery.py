"""Tasks on their way: bodies, delivery, letting go, leases."""

from datetime import timedelta

from flask import Flask

from server.grid.models import Device
from server.http.fields import parse_instant
from server.jobs import rooms
from server.kernel import feed
from server.kernel.database import reading, writing
from server.kernel.ids import uuid7
from server.tasks import delivery, rules
from server.tasks.models import Task
from server.tasks.schemas import TASK
from tests import factories
from tests.duty import given as duty
from tests.factories import Street
from tests.tasks import given


def test_the_body_on_the_feed(app: Flask) -> None:
    street = factories.street()
    subject = uuid7()
    task = given.task(
        street,
        kind="check",
        text="三号楼",
        priority=2,
        loc={"lat": 30.005, "lon": 120.005, "datum": "wgs84"},
        subject=subject,
        form="fire",
    )
    (change,) = given.on_feed(street.workers[0])
    body = change.pop("body")
    assert change == {"seq": 1, "kind": "task", "id": task, "op": "put", "version": 1}
    assert body.pop("updated_at").endswith("Z")
    assert body == {
        "id": task,
        "kind": "check",
        "title": "检查消防通道",
        "text": "三号楼",
        "due": None,
        "priority": 2,
        "area": street.grids[0],
        "loc": {"lat": 30.005, "lon": 120.005, "datum": "wgs84"},
        "subject": subject,
        "form": "fire",
        "state": "assigned",
        "version": 1,
        "assignment": 1,
        "assignee": street.workers[0],
        "flags": [],
        "category": None,
        "demands": {},
        "yellow_at": None,
        "suspended_at": None,
        "accept_by": None,
        "request": None,
        "marks": [],
        "late": False,
    }


def test_the_body_is_what_the_schema_says(app: Flask) -> None:
    street = factories.street()
    due = "2026-11-22T06:00:00.000Z"
    loc = {"lat": 30.005, "lon": 120.005, "datum": "wgs84"}
    ids = [given.task(street), given.task(street, due=parse_instant(due), loc=loc)]
    with reading() as session:
        bodies = delivery.render(session, street.workers[0], ids)
        expected = {id_: TASK.dump(session.get_one(Task, id_)) for id_ in ids}
    assert bodies == expected
    assert [bodies[id_]["due"] for id_ in ids] == [None, due]


def test_nobody_but_the_assignee_gets_a_body(app: Flask) -> None:
    street = factories.street()
    task = given.task(street)
    with reading() as session:
        assert delivery.render(session, street.workers[1], [task]) == {}
        assert list(delivery.render(session, street.workers[0], [task, uuid7()])) == [task]


def test_delivery_is_an_event_without_a_version_or_a_row(app: Flask) -> None:
    street = factories.street()
    worker, install = street.workers[0], uuid7()
    task = given.task(street)
    given.acknowledged(worker, install, 1)
    given.acknowledged(worker, install, 1)
    seen = given.shown(street, task)
    assert (seen["state"], seen["version"]) == ("delivered", 1)
    (_, event) = seen["events"]
    assert (event["action"], event["actor"], event["install"]) == ("deliver", worker, install)
    assert (event["from"], event["to"]) == ("assigned", "delivered")
    with reading() as session:
        assert feed.counter(session, worker) == (1, 0)


def test_what_the_device_has_not_reached_is_not_delivered(app: Flask) -> None:
    street = factories.street()
    first, second = given.task(street), given.task(street)
    given.acknowledged(street.workers[0], uuid7(), 1)
    states = [given.shown(street, task)["state"] for task in (first, second)]
    assert states == ["delivered", "assigned"]


def test_a_task_that_moved_on_is_not_set_back_to_delivered(app: Flask) -> None:
    street = factories.street()
    task, worker = given.task(street), street.workers[0]
    given.steps(worker, task, ["accept"])
    given.acknowledged(worker, uuid7(), 2)
    assert given.shown(street, task)["state"] == "accepted"


def _hard(street: Street) -> tuple[str, str]:
    """(task, install) of a task that was taken hard from worker 0, whose phone has it, for 1."""
    phone = factories.device_for(street.workers[0])
    task = given.task(street)
    given.acknowledged(street.workers[0], phone.install, 1)
    given.reassigned(street, task, 1, rules.HARD)
    return task, phone.install


def test_hard_keeps_the_task_from_the_new_owner_until_the_old_device_let_go(app: Flask) -> None:
    street = factories.street()
    old, new = street.workers[:2]
    task, install = _hard(street)
    seen = given.shown(street, task)
    assert (seen["assignee"], seen["pending_assignee"], seen["version"]) == (old, new, 2)
    (removal,) = given.on_feed(old)
    assert (removal["op"], removal["reason"]) == ("remove", "reassigned")
    assert given.on_feed(new) == []
    given.acknowledged(old, install, removal["seq"], removal["seq"] - 1)
    seen = given.shown(street, task)
    assert (seen["assignee"], seen["pending_assignee"], seen["lease_until"]) == (new, None, None)
    assert (seen["state"], seen["assignment"], seen["version"]) == ("assigned", 2, 3)
    assert [change["body"]["assignment"] for change in given.on_feed(new)] == [2]


def test_hard_waits_for_every_live_phone_of_the_old_owner(app: Flask) -> None:
    street = factories.street()
    old, new = street.workers[:2]
    second = factories.device_for(old, cursor=0).install
    factories.device_for(old, state="revoked", cursor=0)
    task, first = _hard(street)
    given.acknowledged(old, first, 2, 1)
    assert given.shown(street, task)["pending_assignee"] == new
    _cursor(first, 2)
    given.acknowledged(old, second, 2)
    assert given.shown(street, task)["assignee"] == new


def _cursor(install: str, cursor: int) -> None:
    with writing() as session:
        session.get_one(Device, install).cursor = cursor


def test_hard_without_a_live_phone_gives_the_task_at_once(app: Flask) -> None:
    street = factories.street()
    factories.device_for(street.workers[0], state="revoked")
    task = given.task(street)
    given.reassigned(street, task, 1, rules.HARD)
    assert given.shown(street, task)["assignee"] == street.workers[1]


def test_a_lease_that_ran_out_gives_the_task_to_the_new_owner(app: Flask) -> None:
    street = factories.street()
    task, _ = _hard(street)
    lease = given.row(task).lease_until
    assert lease is not None
    for moment, ended in ((lease - timedelta(seconds=1), 0), (lease, 1), (lease, 0)):
        assert duty.ran(rooms.task_leases, moment) == ended
    seen = given.shown(street, task)
    assert (seen["assignee"], seen["assignment"]) == (street.workers[1], 2)
    assert (seen["events"][-1]["action"], seen["events"][-1]["actor"]) == ("hand_over", "server")


def test_work_that_the_old_phone_still_hands_in_counts_and_ends_the_waiting(app: Flask) -> None:
    street = factories.street()
    old, new = street.workers[:2]
    task, _ = _hard(street)
    assert given.steps(old, task, ["accept"]) == ["accepted"]
    assert [change["op"] for change in given.on_feed(old)] == ["remove"]
    assert given.steps(old, task, ["complete"]) == ["accepted"]
    seen = given.shown(street, task)
    assert (seen["state"], seen["pending_assignee"]) == ("done", None)
    assert [change["op"] for change in given.on_feed(old)] == ["put"]
    assert given.on_feed(new) == []
