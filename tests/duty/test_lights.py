"""Who is told that a light turned."""

from datetime import timedelta

import pytest
from flask import Flask

from server.duty import jobs, queries
from server.kernel import clock
from server.kernel.database import db, writing
from server.tasks import service
from server.tasks.models import Task
from tests import factories, plans
from tests.duty import given
from tests.factories import Street
from tests.tasks import given as tasks

HOUR = timedelta(hours=1)


@pytest.fixture
def street(app: Flask) -> Street:
    return factories.street()


def told_by(hours: float) -> int:
    """What is told by so many hours from now."""
    moment = clock.now() + hours * HOUR
    with clock.standing_at(moment):
        return given.ran(jobs.tell_lights, moment)


def test_yellow_is_told_to_the_owner_red_to_the_leader_too_once_each(street: Street) -> None:
    worker = street.workers[0]
    task = tasks.task(street, due=clock.now() + 10 * HOUR)
    version = tasks.row(task).version
    assert [told_by(6.9), told_by(7.1), told_by(8), told_by(10.1), told_by(99)] == [0, 1, 0, 1, 0]
    assert given.told(worker) == [("task_yellow", task), ("task_red", task)]
    assert given.told(street.leader) == [("task_red", task)]
    assert tasks.row(task).version == version


def test_what_was_not_looked_at_until_it_was_red_is_told_as_red_alone(street: Street) -> None:
    task = tasks.task(street, due=clock.now() + 10 * HOUR)
    assert told_by(11) == 1
    assert given.told(street.workers[0]) == [("task_red", task)]


def test_a_light_of_a_new_limit_is_told_anew(street: Street) -> None:
    task = tasks.task(street, due=clock.now() + 10 * HOUR)
    assert told_by(8) == 1
    with writing() as session:
        row = session.get(Task, task)
        assert row is not None
        row.yellow_at += 10 * HOUR  # type: ignore[operator]
        row.due += 10 * HOUR  # type: ignore[operator]
    assert [told_by(9), told_by(18), told_by(18)] == [0, 1, 0]


def test_what_is_done_or_suspended_or_without_a_limit_is_not_told(street: Street) -> None:
    due = clock.now() + HOUR
    done, suspended, _ = (
        tasks.task(street, due=due),
        tasks.task(street, due=due),
        tasks.task(street),
    )
    tasks.steps(street.workers[0], done, ["accept", "complete"])
    with writing() as session:
        service.suspend(session, tasks.change(street, suspended))
    assert told_by(2) == 0


def test_red_asks_why_where_the_pack_says_so(street: Street) -> None:
    given.ruled("deadlines: {red_asks_why: true, default: {limit: [9, hour], yellow_at: 0.7}}\n")
    task = tasks.task(street, due=clock.now() + 10 * HOUR)
    told_by(8)
    assert tasks.row(task).flags == []
    told_by(11)
    told_by(12)
    row = tasks.row(task)
    assert (row.flags, row.version) == (["explanation_asked"], 2)
    assert given.acts(task) == ["assign", "ask_explanation"]


def test_the_pack_says_who_is_told(street: Street) -> None:
    given.ruled("""notices:
  - {on: yellow, to: [leader]}
  - {on: red, to: [supervisor, backup]}
""")
    task = tasks.task(street, due=clock.now() + 10 * HOUR)
    told_by(8)
    told_by(11)
    assert given.told(street.workers[0]) == []
    assert given.told(street.leader) == [("task_yellow", task)]
    assert given.told(street.supervisor) == [("task_red", task)]


def test_many_are_told_in_lots(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.duty.service.lights.AT_A_TIME", 3)
    for _ in range(8):
        tasks.task(street, due=clock.now() + HOUR)
    assert told_by(2) == 8
    assert len(given.told(street.workers[0])) == 8


def test_sqlite_finds_what_is_to_be_told_without_looking_at_the_rest(app: Flask) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL goes by what it has counted: test_plans.py")
    now = clock.now()
    for condition, by, way in (
        (queries.turned_yellow(now), Task.yellow_at, "ix_task_yellow_untold (yellow_at<?)"),
        (queries.turned_red(now), Task.due, "ix_task_red_untold (due<?)"),
    ):
        told = queries.by_moment(condition, by, 500)
        assert plans.ways(told, "task") - {plans.SORTED} == {way}
    rising = plans.ways(queries.rising(now, 200), "task") - {plans.SORTED}
    assert rising == {"ix_task_escalate_at (escalate_at>? AND escalate_at<?)"}
