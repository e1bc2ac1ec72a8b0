"""Tasks that nobody accepts go up, once a step."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from structlog.testing import capture_logs

from server.duty import jobs
from server.grid import roles
from server.kernel import clock
from server.kernel.clock import iso
from server.kernel.database import reading, writing
from server.kernel.problems import Problem
from server.regime.models import PackText
from server.tasks import service
from server.tasks.models import Task
from tests import factories
from tests.duty import given
from tests.factories import Street
from tests.regime.spoiled import spoil
from tests.tasks import given as tasks

HOUR = timedelta(hours=1)
TOP = "at_the_top"


@pytest.fixture
def street(app: Flask) -> Street:
    given.ruled(given.UP)
    return factories.street()


def rise(hours: float) -> int:
    """What goes up by so many hours from now."""
    moment = clock.now() + hours * HOUR
    with clock.standing_at(moment):
        return given.ran(jobs.escalate_tasks, moment)


def test_a_task_goes_up_grid_community_street(street: Street) -> None:
    task = tasks.task(street)
    begun = tasks.row(task).created_at
    assert rise(1.9) == 0
    assert rise(2) == 1
    assert rise(2) == 0
    row = tasks.row(task)
    assert (row.assignee, row.assignment, row.escalation) == (street.leader, 2, 1)
    assert row.escalate_at == begun + 6 * HOUR
    assert given.told(street.leader) == [("task_escalated", task)]
    assert rise(6) == 1
    row = tasks.row(task)
    assert (row.assignee, row.assignment, row.escalation) == (street.supervisor, 3, 2)
    assert row.escalate_at is None
    assert rise(100) == 0
    _, first, second = given.events(task)
    assert first.detail == {"from": "grid", "to": "community", "due_at": iso(begun + 2 * HOUR)}
    assert second.detail == {"from": "community", "to": "street", "due_at": iso(begun + 6 * HOUR)}
    assert [event.no for event in given.events(task)] == [1, 2, 3]


def test_after_a_night_every_step_is_made_up_in_one_go(street: Street) -> None:
    task = tasks.task(street)
    assert rise(12) == 1
    assert given.acts(task) == ["assign", "escalate", "escalate"]
    row = tasks.row(task)
    assert (row.assignee, row.assignment, row.version) == (street.supervisor, 3, 3)
    assert given.told(street.leader, "task_escalated") == [("task_escalated", task)]
    assert tasks.on_feed(street.workers[0])[-1]["op"] == "remove"


@pytest.mark.parametrize("steps", [("accept",), ("accept", "complete"), ("accept", "start")])
def test_what_was_accepted_stays(street: Street, steps: tuple[str, ...]) -> None:
    task = tasks.task(street)
    tasks.steps(street.workers[0], task, steps)
    assert rise(100) == 0


def test_a_declined_task_goes_up(street: Street) -> None:
    task = tasks.task(street)
    tasks.handled(tasks.action(street.workers[0], task, "decline", reason="休假"))
    assert rise(2) == 1
    row = tasks.row(task)
    assert (row.assignee, row.state) == (street.leader, "assigned")


def test_a_suspended_task_waits(street: Street) -> None:
    task = tasks.task(street)
    with writing() as session:
        service.suspend(session, tasks.change(street, task))
    assert rise(3) == 0


def test_a_level_without_anybody_there_is_passed_over(street: Street) -> None:
    elsewhere, absent = tasks.task(street, worker=4), tasks.task(street)
    given.slip(street.leader)
    assert rise(2) == 2
    for task in (elsewhere, absent):
        assert given.owner(task) == street.supervisor
        assert given.events(task)[-1].detail["to"] == "street"
        assert tasks.row(task).escalate_at is None


def test_an_operator_takes_it_where_nobody_leads(street: Street) -> None:
    operator = factories.member(roles.OPERATOR, street.communities[0])
    led = tasks.task(street)
    assert rise(2) == 1
    assert given.owner(led) == street.leader
    given.slip(street.leader)
    bare = tasks.task(street)
    assert rise(2) == 1
    assert given.owner(bare) == operator
    assert given.events(bare)[-1].detail["to"] == "community"
    assert given.told(operator, "task_escalated") == [("task_escalated", bare)]


def test_at_the_top_it_stays_flagged_until_it_is_accepted(street: Street) -> None:
    task = tasks.task(street)
    given.slip(street.leader)
    given.slip(street.supervisor)
    assert rise(2) == 1
    row = tasks.row(task)
    assert (row.assignee, row.assignment, row.flags) == (street.workers[0], 1, [TOP])
    assert given.events(task)[-1].flags == [TOP]
    assert given.told(street.workers[0]) == [("task_at_top", task)]
    assert rise(100) == 0
    tasks.steps(street.workers[0], task, ["accept"])
    assert tasks.row(task).flags == []


def test_who_is_given_it_by_hand_begins_at_the_level_of_the_area(street: Street) -> None:
    task = tasks.task(street)
    rise(2)
    tasks.reassigned(street, task, 1)
    assert rise(2) == 1
    event = given.events(task)[-1]
    assert (event.detail["from"], event.assignee) == ("grid", street.leader)


def test_a_pack_that_knows_no_step_any_more_leaves_it_at_the_top(street: Street) -> None:
    task = tasks.task(street)
    given.ruled(version=2)
    assert rise(2) == 1
    assert rise(100) == 0
    assert tasks.row(task).flags == [TOP]


def test_the_pack_says_who_is_told(street: Street) -> None:
    told = "notices:\n  - {on: escalated, to: [assignee, supervisor]}\n"
    given.ruled(given.UP + told, version=2)
    task = tasks.task(street)
    rise(2)
    for member in (street.leader, street.supervisor):
        assert given.told(member) == [("task_escalated", task)]


def test_many_go_up_in_lots(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.duty.service.escalation.AT_A_TIME", 3)
    ids = [tasks.task(street) for _ in range(8)]
    assert rise(2) == 8
    assert {given.owner(task) for task in ids} == {street.leader}


@pytest.fixture
def resting(street: Street) -> Street:
    """Another street, where the second step is counted in working time, and nobody works."""
    other = factories.street()
    in_work = given.UP.replace("[4, hour]", "[4, work_hour]")
    given.ruled(in_work, version=2, area=other.street)
    given.nobody_works()
    return other


def test_a_task_whose_limit_cannot_be_counted_is_refused_in_words(street: Street) -> None:
    given.ruled(given.UP.replace("hour]", "work_hour]"), version=2)
    given.nobody_works()
    with pytest.raises(Problem) as refused:
        tasks.task(street)
    assert refused.value.code == "no_working_time"


def test_an_area_whose_time_cannot_be_counted_stops_no_other(
    street: Street, resting: Street
) -> None:
    broken, sound = tasks.task(resting), tasks.task(street)
    before = tasks.row(broken)
    with capture_logs() as logs:
        assert rise(2) == 1
    assert given.owner(sound) == street.leader
    (told,) = [entry for entry in logs if entry["event"] == "part_failed"]
    assert (told["of"], told["number"], told["log_level"]) == (resting.grids[0], 1, "error")
    after = tasks.row(broken)
    assert (after.assignee, after.escalate_at, after.flags, after.version) == (
        *(resting.workers[0], before.escalate_at, [], before.version),
    )
    assert given.acts(broken) == ["assign"]


def test_what_could_not_go_up_is_made_up_at_its_own_moment(street: Street, resting: Street) -> None:
    task = tasks.task(resting)
    begun = tasks.row(task).created_at
    assert [rise(2), rise(3)] == [0, 0]
    given.work_goes_on()
    assert rise(4) == 1
    assert given.owner(task) == resting.leader
    assert given.events(task)[-1].detail["due_at"] == iso(begun + 2 * HOUR)


def test_more_that_fail_than_are_taken_at_a_time_block_nobody(
    street: Street, resting: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.duty.service.escalation.AT_A_TIME", 2)
    failing = [tasks.task(resting, worker) for worker in (0, 1, 2, 0, 1)]
    sound = [tasks.task(street) for _ in range(5)]
    assert rise(2) == 5
    assert {given.owner(task) for task in sound} == {street.leader}
    assert not {given.owner(task) for task in failing} - set(resting.workers)


def test_steps_that_cannot_be_read_any_more_wait_until_they_can(street: Street) -> None:
    task = tasks.task(street)
    with reading() as session:
        text = session.scalar(select(PackText.text))
    assert text is not None
    spoil(text.replace("to: street", "to: [street]"), "duty")
    with capture_logs() as logs:
        assert rise(2) == 0
    assert {"pack_refused", "part_failed"} == {entry["event"] for entry in logs}
    assert tasks.row(task).flags == []
    given.ruled(given.UP, version=2)
    assert rise(3) == 1
    assert given.owner(task) == street.leader


def test_a_task_without_a_timetable_stays(street: Street) -> None:
    task = tasks.task(street)
    with writing() as session:
        session.get(Task, task).escalate_at = None  # type: ignore[union-attr]
    assert rise(100) == 0
