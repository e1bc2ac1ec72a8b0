"""Who is told that a task was given or returned, where the pack has it told."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from server.dispatch.pushes.rules import Subject, Target
from server.duty import jobs
from server.jobs import rooms
from server.kernel import clock
from server.kernel.database import db, reading, writing
from server.kernel.ids import uuid7
from server.notices.models import Notice
from server.tasks import rules, service
from server.tasks.service import NewTask
from tests import factories
from tests.dispatch import given as pushes
from tests.duty import given
from tests.executed import Statement, executed
from tests.factories import Street
from tests.journeys.at_once import all_at_once
from tests.tasks import given as tasks
from tests.wire import exchange, line

TOLD = """notices:
  - {on: assign, to: [assignee, leader]}
  - {on: returned, to: [assignee, supervisor]}
"""
DEMANDS = {"photos": ["near"]}


@pytest.fixture
def street(app: Flask) -> Street:
    given.ruled(TOLD)
    return factories.street()


def done(street: Street) -> str:
    """A task that its worker has done."""
    task = tasks.task(street)
    tasks.steps(street.workers[0], task, ["accept", "complete"])
    return task


def test_who_the_pack_names_is_told_of_a_new_task(street: Street) -> None:
    task = tasks.task(street)
    for member in (street.workers[0], street.leader):
        assert given.told(member) == [("task_assign", task)]
    assert given.told(street.supervisor) == []


def test_a_notice_is_on_the_feed_with_its_title(street: Street) -> None:
    tasks.task(street)
    on_feed = {change["kind"]: change["body"] for change in tasks.on_feed(street.leader)}
    assert on_feed["notice"]["text"] == "新任务：检查消防通道"


def test_where_the_pack_says_nothing_nobody_is_told(app: Flask) -> None:
    given.ruled("notices:\n  - {on: yellow, to: [leader]}\n")
    street = factories.street()
    task = done(street)
    tasks.changed(service.send_back, street, task)
    for member in (street.workers[0], street.leader, street.supervisor):
        assert given.told(member) == []


def test_who_stands_in_is_told_of_a_new_task(street: Street) -> None:
    given.slip(street.workers[0])
    task = tasks.task(street)
    owner = given.owner(task)
    assert owner != street.workers[0]
    assert given.told(owner) == [("task_assign", task)]
    assert given.told(street.workers[0]) == []


def test_a_returned_task_is_told_each_time_it_is_returned(street: Street) -> None:
    task = done(street)
    for _ in range(2):
        tasks.changed(service.send_back, street, task)
        tasks.steps(street.workers[0], task, ["complete"])
    for member in (street.workers[0], street.supervisor):
        assert given.told(member, "task_returned") == [("task_returned", task)] * 2
    assert given.told(street.leader, "task_returned") == []


def handed_in(client: FlaskClient, street: Street, *steps: str) -> tuple[str, Callable[[], None]]:
    """A task without the photos it demands, and what hands in these steps on it in one batch."""
    task = tasks.task(street, demands=DEMANDS)
    phone = factories.device_for(street.workers[0])
    body = {"task": task, "assignment": 1, "base_version": 1}
    lines = [line("task_action", body | {"action": step}) for step in steps]
    return task, lambda: exchange(client, phone, *lines) and None


def test_what_the_server_returns_is_told_once_and_never_again_for_a_replay(
    client: FlaskClient, street: Street
) -> None:
    task, hand_in = handed_in(client, street, "accept", "complete")
    for _ in range(2):
        hand_in()
        for member in (street.workers[0], street.supervisor):
            assert given.told(member, "task_returned") == [("task_returned", task)]
    assert given.acts(task).count("return") == 1


def test_a_chain_made_offline_that_is_returned_twice_is_told_once(
    client: FlaskClient, street: Street
) -> None:
    task, hand_in = handed_in(client, street, "accept", "complete", "start", "complete")
    hand_in()
    assert given.acts(task).count("return") == 2
    assert given.told(street.supervisor) == [("task_returned", task)]


def test_who_is_given_a_task_by_hand_is_told(street: Street) -> None:
    task = tasks.task(street)
    tasks.reassigned(street, task, 1)
    assert given.told(street.workers[1]) == [("task_assign", task)]
    assert given.told(street.workers[0]) == [("task_assign", task)]


def test_what_is_promised_is_told_when_it_is_given(street: Street) -> None:
    factories.device_for(street.workers[0])
    task = tasks.task(street)
    tasks.reassigned(street, task, 1, rules.HARD)
    assert given.told(street.workers[1]) == []
    later = clock.now() + rules.HARD_LEASE
    with clock.standing_at(later):
        assert given.ran(rooms.task_leases, later) == 1
    assert given.told(street.workers[1]) == [("task_assign", task)]


def test_a_granted_transfer_is_told(street: Street) -> None:
    task = tasks.task(street)
    wish = tasks.action(street.workers[0], task, "request_transfer", to=street.workers[1])
    tasks.handled(wish)
    tasks.changed(service.grant, street, task)
    assert given.told(street.workers[1]) == [("task_assign", task)]


def test_who_takes_over_from_somebody_absent_is_told_that_alone(street: Street) -> None:
    task = tasks.task(street, worker=3)
    given.slip(street.workers[3], open_tasks="hand_over")
    given.ran(jobs.turn_absences)
    owner = given.owner(task)
    assert owner == street.supervisor
    # Where no leader is, the first is what the pack has told to the next above.
    assert given.told(owner) == [("task_assign", task), ("task_handed_over", task)]


def test_what_does_not_come_about_is_not_told(street: Street) -> None:
    with pytest.raises(RuntimeError), writing() as session:
        new = NewTask(street.workers[0], "检查消防通道", street.grids[0])
        service.assign_many(session, street.supervisor, [new])
        raise RuntimeError
    assert given.told(street.leader) == []


def _but_counters(statements: list[Statement]) -> list[str]:
    """SQLite counts the feed of each member on its own."""
    return [text for text, _ in statements if "inbox_counter" not in text]


def test_a_push_is_told_once_when_its_last_task_is_given(street: Street) -> None:
    """The leader has three of its tasks, each worker one, which is told as any other."""
    push = pushes.push(street, Target(area=street.street))
    pushes.advance(push, 4)
    assert given.told(street.leader) == given.told(street.workers[0]) == []
    pushes.drive(push, 1)
    assert given.told(street.leader) == [("push_assign", push)]
    for task in pushes.tasks(push):
        assert ("task_assign", task.id) in given.told(task.assignee)
    bodies = [c["body"] for c in tasks.on_feed(street.leader) if c["kind"] == "notice"]
    (body,) = bodies
    assert body["text"] == "批量派发：检查消防通道，3 件任务"
    assert body["about"] == {"kind": "push", "id": push}
    assert body["args"] == {"title": "检查消防通道", "count": 3}


def test_who_gets_many_tasks_of_a_push_is_told_once(street: Street) -> None:
    subjects = tuple(Subject(uuid7(), street.grids[0]) for _ in range(30))
    push = pushes.push(street, Target(subjects=subjects))
    pushes.drive(push, 7)
    for member in (street.workers[0], street.leader):
        assert given.told(member) == [("push_assign", push)]


def test_drivers_side_by_side_tell_once(app: Flask, street: Street) -> None:
    subjects = tuple(Subject(uuid7(), street.grids[no % 3]) for no in range(60))
    push = pushes.push(street, Target(subjects=subjects))

    def drive() -> None:
        with app.app_context():
            while pushes.row(push).done_at is None:
                pushes.advance(push, 3)
            db.session.remove()

    all_at_once([drive] * 4)
    assert given.told(street.leader) == [("push_assign", push)]
    with reading() as session:
        notice = session.scalars(select(Notice).where(Notice.member == street.leader)).one()
        assert notice.args["count"] == 60


def test_a_push_is_told_with_the_same_few_statements_however_many_it_reaches(
    street: Street,
) -> None:
    """The second one has twenty times the tasks, and no more statements."""
    seen = []
    for count in (2, 40):
        subjects = tuple(Subject(uuid7(), street.grids[no % 6]) for no in range(count))
        push = pushes.push(street, Target(subjects=subjects))
        with executed() as statements:
            pushes.advance(push)
        seen.append(_but_counters(statements))
    assert len(seen[0]) == len(seen[1])
    assert sum("INTO notice" in text for text in seen[1]) == 1


def test_a_push_asks_for_nobody_where_nobody_is_to_be_told(app: Flask) -> None:
    street = factories.street()
    with executed() as plain:
        pushes.advance(pushes.push(street, Target(area=street.street)))
    assert not any("notice" in text for text, _ in plain)
