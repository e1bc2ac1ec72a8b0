"""Giving tasks and changing them: who is told, what is written down."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from server.grid import roles
from server.grid.scope import Holding, Scope, today
from server.kernel import clock
from server.kernel.database import writing
from server.kernel.problems import Problem
from server.tasks import service
from server.tasks.service import Change, NewTask
from tests import factories
from tests.factories import Street
from tests.tasks import given


def _everything(member: str) -> Scope:
    day = today("Asia/Shanghai", clock.now())
    return Scope(member, day, (Holding(roles.ADMIN, None),))


def test_a_task_goes_to_the_assignee_in_its_home_area(app: Flask) -> None:
    street = factories.street()
    with writing() as session:
        new = {"assignee": street.workers[4], "title": "走访"}
        task = service.assign(session, _everything(street.admin), new)
    seen = given.shown(street, task)
    assert (seen["area"], seen["state"], seen["version"]) == (street.grids[4], "assigned", 1)
    assert (seen["kind"], seen["created_by"]) == ("general", street.admin)
    assert [change["id"] for change in given.on_feed(street.workers[4])] == [task]
    assert given.audited(street.admin) == [("task.assign", task)]


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
        ({"due": timedelta(days=3654)}, "due_far", "due"),
        ({"area": "00000000-0000-7000-8000-000000000000"}, "reference_unknown", "area"),
        ({"assignee": "00000000-0000-7000-8000-000000000000"}, "reference_unknown", "assignee"),
        ({"template": "quick"}, "template_unknown", "template"),
    ],
)
def test_what_cannot_be_given(app: Flask, fields: dict, problem: str, field: str) -> None:
    street = factories.street()
    named = {"assignee": street.workers[0], "title": "走访"} | fields
    if "due" in named:
        named["due"] = clock.now() + named["due"]
    with pytest.raises(Problem) as raised, writing() as session:
        service.assign(session, _everything(street.admin), named)
    assert raised.value.code == problem
    assert list(raised.value.errors) == [field]


def test_a_member_whose_posts_ended_gets_no_task(app: Flask) -> None:
    street = factories.street()
    gone = factories.member()
    factories.post(gone, roles.WORKER, street.grids[0], to_day=factories.LONG_AGO)
    with pytest.raises(Problem, match="reference_unknown"), writing() as session:
        new = {"assignee": gone, "title": "走访", "area": street.grids[0]}
        service.assign(session, _everything(street.admin), new)


def test_a_member_without_an_area_needs_one_named(app: Flask) -> None:
    street = factories.street()
    with pytest.raises(Problem) as raised, writing() as session:
        new = {"assignee": street.admin, "title": "走访"}
        service.assign(session, _everything(street.admin), new)
    assert list(raised.value.errors) == ["area"]


def test_many_tasks_at_once(app: Flask) -> None:
    street = factories.street()
    new = [NewTask(worker, f"走访{i}", street.grids[i]) for i, worker in enumerate(street.workers)]
    with writing() as session:
        ids = service.assign_many(session, street.supervisor, new)
    for worker, task in zip(street.workers, ids, strict=True):
        assert [change["id"] for change in given.on_feed(worker)] == [task]
    assert given.audited(street.supervisor) == [("task.assign", task) for task in ids]


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
    assert given.audited(street.supervisor)[-1] == ("task.reassign", task)


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
    assert given.audited(street.supervisor)[-1][1] == task


def test_a_returned_task_is_done_again(app: Flask) -> None:
    street = factories.street()
    task, worker = given.task(street), street.workers[0]
    given.steps(worker, task, ["accept", "complete"])
    wish = given.change(street, task, "缺近景")
    with writing() as session:
        service.send_back(session, wish)
    assert given.steps(worker, task, ["progress", "complete"]) == ["accepted"] * 2
    assert given.shown(street, task)["state"] == "done"


def test_a_change_by_somebody_who_saw_an_older_version_is_refused(app: Flask) -> None:
    street: Street = factories.street()
    task = given.task(street)
    wish = given.change(street, task, "不再需要")
    given.steps(street.workers[0], task, ["accept"])
    assert given.refused(service.cancel, wish) == "version_old"


def test_a_change_that_the_state_does_not_allow_is_refused(app: Flask) -> None:
    street = factories.street()
    task = given.task(street)
    assert given.refused(service.verify, given.change(street, task)) == "state_illegal"
    given.steps(street.workers[0], task, ["accept", "complete"])
    assert given.refused(service.cancel, given.change(street, task)) == "state_illegal"


def test_a_refused_change_leaves_nothing_behind(app: Flask) -> None:
    street = factories.street()
    task = given.task(street)
    before = given.shown(street, task), given.audited(street.supervisor)
    given.refused(service.verify, given.change(street, task))
    assert (given.shown(street, task), given.audited(street.supervisor)) == before
