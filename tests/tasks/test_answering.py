"""What supervisors answer: requests of the worker, and work that came too late."""

from datetime import timedelta

import pytest
from flask import Flask

from server.kernel import clock
from server.kernel.problems import Problem
from server.tasks import service
from tests import factories
from tests.factories import Street
from tests.tasks import given


def _state(street: Street, task: str) -> tuple[str, int, list[str]]:
    seen = given.shown(street, task)
    return seen["state"], seen["version"], seen["flags"]


def _asking(street: Street, action: str, **more: object) -> str:
    task = given.task(street, due=clock.now() + timedelta(days=1))
    given.handled(given.action(street.workers[0], task, action, reason="等配件", **more))
    return task


def test_an_extension_is_granted_as_the_worker_wished(app: Flask) -> None:
    street = factories.street()
    until = clock.now() + timedelta(days=3)
    task = _asking(street, "request_extension", until=until)
    asked = given.shown(street, task)["request"]
    assert (asked["kind"], asked["reason"], asked["until"]) == (
        "extension",
        "等配件",
        clock.iso(until),
    )
    given.changed(service.grant, street, task)
    seen = given.shown(street, task)
    assert (seen["request"], seen["due"], seen["extensions"]) == (None, clock.iso(until), 1)
    assert [event["action"] for event in seen["events"]][-2:] == ["request_extension", "extend"]
    assert given.audited(street.supervisor)[-1] == ("task.extend", task)


def test_who_grants_may_say_another_end(app: Flask) -> None:
    street = factories.street()
    task = _asking(street, "request_extension", until=clock.now() + timedelta(days=30))
    until = clock.now() + timedelta(days=2)
    given.changed(service.grant, street, task, until)
    assert given.shown(street, task)["due"] == clock.iso(until)


@pytest.mark.parametrize(
    ("days", "code"), [(-1, "due_past"), (0.5, "extension_none"), (None, "extension_none")]
)
def test_an_end_that_is_none(app: Flask, days: float | None, code: str) -> None:
    street = factories.street()
    task = _asking(street, "request_extension")
    until = None if days is None else clock.now() + timedelta(days=days)
    with pytest.raises(Problem) as raised:
        given.changed(service.grant, street, task, until)
    assert (raised.value.code, list(raised.value.errors)) == (code, ["until"])
    assert given.shown(street, task)["request"] is not None


def test_a_transfer_goes_to_whom_the_supervisor_names(app: Flask) -> None:
    street = factories.street()
    task = _asking(street, "request_transfer", to=street.workers[1])
    given.changed(service.grant, street, task, None, street.workers[2])
    seen = given.shown(street, task)
    assert (seen["assignee"], seen["assignment"], seen["request"]) == (street.workers[2], 2, None)
    wished = _asking(street, "request_transfer", to=street.workers[1])
    given.changed(service.grant, street, wished)
    assert given.shown(street, wished)["assignee"] == street.workers[1]


@pytest.mark.parametrize(
    ("to", "code"), [(None, "reference_unknown"), (0, "assignee_same"), (9, "reference_unknown")]
)
def test_a_transfer_to_nobody(app: Flask, to: int | None, code: str) -> None:
    street = factories.street()
    task = _asking(street, "request_transfer")
    named = [*street.workers, *["00000000-0000-7000-8000-000000000000"] * 9]
    with pytest.raises(Problem) as raised:
        given.changed(service.grant, street, task, None, None if to is None else named[to])
    assert raised.value.code == code


def test_a_refusal_leaves_the_task_as_it_is_and_tells_why(app: Flask) -> None:
    street = factories.street()
    task = _asking(street, "request_extension")
    before = given.shown(street, task)
    given.changed(service.refuse, street, task)
    seen = given.shown(street, task)
    assert (seen["request"], seen["due"], seen["state"]) == (None, before["due"], before["state"])
    assert seen["events"][-1]["reason"] == "按规定"
    for act in (service.refuse, service.grant):
        assert given.refused(act, given.change(street, task)) == "state_illegal"


def test_a_request_ends_with_the_work_and_with_the_owner(app: Flask) -> None:
    street = factories.street()
    task = _asking(street, "request_extension")
    given.reassigned(street, task, 1)
    assert given.shown(street, task)["request"] is None
    done = _asking(street, "request_extension")
    given.steps(street.workers[0], done, ["accept", "complete"])
    assert given.shown(street, done)["request"] is None


def _late_work(street: Street) -> str:
    """A task that worker 0 did when it was worker 1's."""
    task = given.task(street)
    given.steps(street.workers[0], task, ["accept"])
    given.reassigned(street, task, 1)
    given.steps(street.workers[0], task, ["complete"])
    return task


@pytest.mark.parametrize("decision", ["keep", "dismiss"])
def test_late_work_that_changes_nothing(app: Flask, decision: str) -> None:
    street = factories.street()
    task = _late_work(street)
    assert _state(street, task) == ("assigned", 4, ["double_work"])
    given.changed(service.settle, street, task, decision)
    assert _state(street, task) == ("assigned", 5, [])
    last = given.shown(street, task)["events"][-1]
    assert last["detail"]["decision"] == decision
    assert last["detail"]["member"] == street.workers[0]
    with pytest.raises(Problem, match="state_illegal"):
        given.changed(service.settle, street, task, decision)


def test_late_work_that_is_the_result(app: Flask) -> None:
    street = factories.street()
    old, new = street.workers[:2]
    task = _late_work(street)
    given.changed(service.settle, street, task, "accept_late_work")
    seen = given.shown(street, task)
    assert (seen["state"], seen["assignee"], seen["assignment"]) == ("done", old, 3)
    assert [change["op"] for change in given.on_feed(new)] == ["remove"]
    assert [change["body"]["state"] for change in given.on_feed(old)] == ["done"]
    given.changed(service.verify, street, task)
    assert given.shown(street, task)["state"] == "verified"


def test_work_done_after_the_cancelling_may_be_the_result(app: Flask) -> None:
    street = factories.street()
    task, worker = given.task(street), street.workers[0]
    given.steps(worker, task, ["accept"])
    given.changed(service.cancel, street, task)
    given.steps(worker, task, ["complete"])
    given.changed(service.settle, street, task, "accept_late_work")
    seen = given.shown(street, task)
    assert (seen["state"], seen["flags"], seen["closed_at"]) == ("done", [], None)


def test_late_work_is_no_result_of_what_was_verified(app: Flask) -> None:
    street = factories.street()
    task = _late_work(street)
    given.steps(street.workers[1], task, ["accept", "complete"], assignment=2)
    given.changed(service.verify, street, task)
    with pytest.raises(Problem, match="state_illegal"):
        given.changed(service.settle, street, task, "accept_late_work")
    given.changed(service.settle, street, task, "keep")
    assert given.shown(street, task)["flags"] == []


def test_which_late_work_is_meant(app: Flask) -> None:
    street = factories.street()
    task = _late_work(street)
    with pytest.raises(Problem) as raised:
        given.changed(service.settle, street, task, "keep", given.unknown_task())
    assert (raised.value.code, list(raised.value.errors)) == ("reference_unknown", ["item"])
