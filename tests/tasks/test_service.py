"""Giving tasks and changing them: who is told, what is written down."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.grid import roles
from server.grid.scope import Holding, Scope, today
from server.kernel import clock
from server.kernel.audit import AuditEntry
from server.kernel.database import reading, writing
from server.kernel.problems import Problem
from server.tasks import service
from server.tasks.service import Change, NewTask
from tests import factories
from tests.factories import Street
from tests.tasks import given


def _everything(member: str) -> Scope:
    day = today("Asia/Shanghai", clock.now())
    return Scope(member, day, (Holding(roles.ADMIN, None),))


def _audited(actor: str) -> list[tuple[str, str]]:
    with reading() as session:
        rows = select(AuditEntry.act, AuditEntry.object).where(AuditEntry.actor == actor)
        return [(row.act, row.object) for row in session.execute(rows.order_by(AuditEntry.no))]


def test_a_task_goes_to_the_assignee_in_its_home_area(app: Flask) -> None:
    street = factories.street()
    with writing() as session:
        new = NewTask(street.workers[4], "走访")
        task = service.assign(session, _everything(street.admin), new)
    seen = given.shown(street, task)
    assert (seen["area"], seen["state"], seen["version"]) == (street.grids[4], "assigned", 1)
    assert (seen["kind"], seen["created_by"]) == ("general", street.admin)
    assert [change["id"] for change in given.on_feed(street.workers[4])] == [task]
    assert _audited(street.admin) == [("task.assign", task)]


def test_positions_are_kept_in_wgs84(app: Flask) -> None:
    street = factories.street()
    task = given.task(street, loc={"lat": 30.0, "lon": 120.0, "datum": "gcj02"})
    loc = given.shown(street, task)["loc"]
    assert loc["datum"] == "wgs84"
    assert 100 < abs(loc["lat"] - 30.0) * 111_000 < 1000


@pytest.mark.parametrize(
    ("fields", "problem", "field"),
    [
        ({"due": -timedelta(seconds=1)}, "due_past", "due"),
        ({"area": "00000000-0000-7000-8000-000000000000"}, "reference_unknown", "area"),
        ({"assignee": "00000000-0000-7000-8000-000000000000"}, "reference_unknown", "assignee"),
    ],
)
def test_what_cannot_be_given(app: Flask, fields: dict, problem: str, field: str) -> None:
    street = factories.street()
    named = {"assignee": street.workers[0], "title": "走访"} | fields
    if "due" in named:
        named["due"] = clock.now() + named["due"]
    with pytest.raises(Problem) as raised, writing() as session:
        service.assign(session, _everything(street.admin), NewTask(**named))
    assert raised.value.code == problem
    assert list(raised.value.errors) == [field]


def test_a_member_whose_posts_ended_gets_no_task(app: Flask) -> None:
    street = factories.street()
    gone = factories.member()
    factories.post(gone, roles.WORKER, street.grids[0], to_day=factories.LONG_AGO)
    with pytest.raises(Problem, match="reference_unknown"), writing() as session:
        service.assign(session, _everything(street.admin), NewTask(gone, "走访", street.grids[0]))


def test_a_member_without_an_area_needs_one_named(app: Flask) -> None:
    street = factories.street()
    with pytest.raises(Problem) as raised, writing() as session:
        service.assign(session, _everything(street.admin), NewTask(street.admin, "走访"))
    assert list(raised.value.errors) == ["area"]


def test_many_tasks_at_once(app: Flask) -> None:
    street = factories.street()
    new = [NewTask(worker, f"走访{i}", street.grids[i]) for i, worker in enumerate(street.workers)]
    with writing() as session:
        ids = service.assign_many(session, street.supervisor, new)
    for worker, task in zip(street.workers, ids, strict=True):
        assert [change["id"] for change in given.on_feed(worker)] == [task]
    assert _audited(street.supervisor) == [("task.assign", task) for task in ids]


def test_reassigning_takes_from_one_and_gives_to_the_other(app: Flask) -> None:
    street = factories.street()
    task = given.task(street)
    given.reassigned(street, task, 1)
    seen = given.shown(street, task)
    assert (seen["assignee"], seen["assignment"], seen["version"]) == (street.workers[1], 2, 2)
    (removal,) = given.on_feed(street.workers[0])
    assert (removal["op"], removal["reason"], removal["version"]) == ("remove", "reassigned", 2)
    (put,) = given.on_feed(street.workers[1])
    assert (put["op"], put["body"]["assignment"]) == ("put", 2)
    assert _audited(street.supervisor)[-1] == ("task.reassign", task)


@pytest.mark.parametrize("mode", ["soft", "hard"])
def test_reassigning_to_the_same_member_is_refused(app: Flask, mode: str) -> None:
    street = factories.street()
    task = given.task(street)
    with pytest.raises(Problem, match="assignee_same"):
        given.reassigned(street, task, 0, mode)


def test_a_declined_task_can_be_given_to_somebody_else(app: Flask) -> None:
    street = factories.street()
    task = given.task(street)
    given.handled(given.action(street.workers[0], task, "decline", reason="休假"))
    given.reassigned(street, task, 1)
    assert given.shown(street, task)["state"] == "assigned"


@pytest.mark.parametrize(
    ("act", "steps", "state", "op"),
    [
        (service.cancel, (), "cancelled", "remove"),
        (service.verify, ("accept", "complete"), "verified", "put"),
        (service.send_back, ("accept", "complete"), "returned", "put"),
    ],
)
def test_judging_a_task(
    app: Flask,
    act: Callable[[Session, Change], None],
    steps: tuple[str, ...],
    state: str,
    op: str,
) -> None:
    street = factories.street()
    task, worker = given.task(street), street.workers[0]
    given.steps(worker, task, steps)
    wish = given.change(street, task, "照片不清")
    with writing() as session:
        act(session, wish)
    seen = given.shown(street, task)
    assert (seen["state"], seen["version"]) == (state, wish.version + 1)
    last = seen["events"][-1]
    assert (last["actor"], last["reason"], last["to"]) == (street.supervisor, "照片不清", state)
    assert [change["op"] for change in given.on_feed(worker)] == [op]
    assert _audited(street.supervisor)[-1][1] == task


def test_a_returned_task_is_done_again(app: Flask) -> None:
    street = factories.street()
    task, worker = given.task(street), street.workers[0]
    given.steps(worker, task, ["accept", "complete"])
    wish = given.change(street, task, "缺近景")
    with writing() as session:
        service.send_back(session, wish)
    assert given.steps(worker, task, ["progress", "complete"]) == ["accepted"] * 2
    assert given.shown(street, task)["state"] == "done"


def _refused(act: Callable[[Session, Change], None], wish: Change) -> str:
    with pytest.raises(Problem) as raised, writing() as session:
        act(session, wish)
    return raised.value.code


def test_a_change_by_somebody_who_saw_an_older_version_is_refused(app: Flask) -> None:
    street: Street = factories.street()
    task = given.task(street)
    wish = given.change(street, task, "不再需要")
    given.steps(street.workers[0], task, ["accept"])
    assert _refused(service.cancel, wish) == "version_old"


def test_a_change_that_the_state_does_not_allow_is_refused(app: Flask) -> None:
    street = factories.street()
    task = given.task(street)
    assert _refused(service.verify, given.change(street, task)) == "state_illegal"
    given.steps(street.workers[0], task, ["accept", "complete"])
    assert _refused(service.cancel, given.change(street, task)) == "state_illegal"


def test_a_refused_change_leaves_nothing_behind(app: Flask) -> None:
    street = factories.street()
    task = given.task(street)
    before = given.shown(street, task), _audited(street.supervisor)
    _refused(service.verify, given.change(street, task))
    assert (given.shown(street, task), _audited(street.supervisor)) == before


def _state(street: Street, task: str) -> tuple[str, int, list[str]]:
    seen = given.shown(street, task)
    return seen["state"], seen["version"], seen["flags"]


def test_marks_go_to_the_worker_and_stay_until_it_is_done_again(app: Flask) -> None:
    street = factories.street()
    task, worker = given.task(street), street.workers[0]
    given.steps(worker, task, ["accept", "complete"])
    marks = [{"point": "photo", "text": "近景模糊"}]
    given.changed(service.send_back, street, task, marks)
    seen = given.shown(street, task)
    assert (seen["state"], seen["marks"]) == ("returned", marks)
    assert (seen["done_at"], seen["events"][-1]["detail"]) == (None, {"marks": marks})
    given.steps(worker, task, ["complete"])
    assert given.shown(street, task)["marks"] == []


def test_a_suspended_clock_keeps_what_is_left(app: Flask) -> None:
    street, begin = factories.street(), clock.now()
    hour = timedelta(hours=1)
    with clock.standing_at(begin):
        task = given.task(street, due=begin + 10 * hour)
    with clock.standing_at(begin + 4 * hour):
        given.changed(service.suspend, street, task)
        assert given.shown(street, task)["light"] == "suspended"
        assert _refused(service.suspend, given.change(street, task)) == "state_illegal"
    with clock.standing_at(begin + 24 * hour):
        given.changed(service.resume, street, task)
        seen = given.shown(street, task)
        assert _refused(service.resume, given.change(street, task)) == "state_illegal"
    assert seen["due"] == clock.iso(begin + 30 * hour)
    assert seen["yellow_at"] == clock.iso(begin + 27 * hour)
    assert seen["events"][-1]["detail"]["due"] == {
        "from": clock.iso(begin + 10 * hour),
        "to": clock.iso(begin + 30 * hour),
    }
    assert _audited(street.supervisor)[-2:] == [("task.suspend", task), ("task.resume", task)]


def test_completing_ends_the_suspension_and_is_not_late(app: Flask) -> None:
    street, begin = factories.street(), clock.now()
    hour, worker = timedelta(hours=1), street.workers[0]
    with clock.standing_at(begin):
        task = given.task(street, due=begin + 2 * hour)
        given.steps(worker, task, ["accept"])
        given.changed(service.suspend, street, task)
    done = begin + 24 * hour
    with clock.standing_at(done):
        item = given.action(
            worker, task, "complete", estimated=done, received_at=done, clock="mono"
        )
        given.handled(item)
    seen = given.shown(street, task)
    assert (seen["state"], seen["late"], seen["suspended_at"]) == ("done", False, None)
    assert (seen["done_at"], seen["due"]) == (clock.iso(done), clock.iso(begin + 26 * hour))


def test_what_was_done_after_its_limit_stays_late(app: Flask) -> None:
    street, begin = factories.street(), clock.now()
    worker, late = street.workers[0], begin + timedelta(hours=3)
    with clock.standing_at(begin):
        task = given.task(street, due=begin + timedelta(hours=2))
        given.steps(worker, task, ["accept"])
    with clock.standing_at(late):
        assert given.shown(street, task)["light"] == "red"
        given.handled(
            given.action(worker, task, "complete", estimated=late, received_at=late, clock="mono")
        )
        given.changed(service.send_back, street, task)
        seen = given.shown(street, task)
    assert (seen["state"], seen["late"], seen["light"]) == ("returned", True, "red")


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
    assert _audited(street.supervisor)[-1] == ("task.extend", task)


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
        assert _refused(act, given.change(street, task)) == "state_illegal"


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
