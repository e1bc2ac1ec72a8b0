"""A push is worked off exactly once: in parts, by several drivers at once, by the worker."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from server.dispatch.pushes import driving, service
from server.dispatch.pushes.rules import Subject, Target
from server.jobs.consumer import do_next
from server.jobs.work import WORK
from server.kernel import clock, queue
from server.kernel.database import db, reading, writing
from server.kernel.ids import uuid7
from server.kernel.problems import Problem
from server.kernel.queue import Job
from tests import factories
from tests.dispatch import given
from tests.factories import Street
from tests.tasks.given import on_feed


@pytest.fixture
def street(app: Flask) -> Street:
    return factories.street()


def many(street: Street, count: int) -> Target:
    """So many subjects in the cells of the street, by turns."""
    cells = [street.grids[no % 6] for no in range(count)]
    return Target(subjects=tuple(Subject(uuid7(), cell) for cell in cells))


def test_it_comes_in_parts_and_tells_how_far_it_is(street: Street) -> None:
    push = given.push(street, many(street, 10))
    assert given.row(push).state == "planned"
    assert given.tasks(push) == []
    assert given.advance(push, 4) == 4
    assert (given.row(push).state, given.row(push).done) == ("running", 4)
    assert [given.advance(push, 4) for _ in range(3)] == [4, 2, 0]
    given.check_each_once(push)


def test_the_tasks_are_on_the_feeds(street: Street) -> None:
    push = given.push(street, many(street, 10))
    given.drive(push, 3)
    assert {change["id"] for change in on_feed(street.workers[3])} == {
        task.id for task in given.tasks(push) if task.assignee == street.workers[3]
    }


def test_an_unknown_push_is_not_found(street: Street) -> None:
    with pytest.raises(Problem, match="not_found"):
        given.advance(uuid7())


def test_what_breaks_in_a_batch_leaves_nothing_of_it(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    push = given.push(street, many(street, 10))
    given.advance(push, 4)
    with monkeypatch.context() as patch:
        patch.setattr(driving, "_mark", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            given.advance(push, 4)
    assert len(given.tasks(push)) == given.row(push).done == 4
    given.drive(push, 4)
    given.check_each_once(push)


def test_several_drivers_at_once_give_each_task_once(app: Flask, street: Street) -> None:
    push = given.push(street, many(street, 200))
    gate = threading.Barrier(4)

    def drive(_: int) -> int:
        with app.app_context():
            gate.wait()
            given_ = 0
            while given.row(push).done_at is None:
                given_ += given.advance(push, 7)
            db.session.remove()
            return given_

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(drive, range(4))) == 200
    given.check_each_once(push)


def test_the_worker_works_it_off_batch_by_batch(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driving.advance, "__defaults__", (4,))
    push = given.push(street, many(street, 10))
    done = []
    while do_next(WORK):
        done.append(given.row(push).done)
    assert done == [4, 8, 10]
    given.check_each_once(push)
    assert _jobs() == {"done": 3}


def test_the_worker_looks_again_where_others_are_at_the_rest(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    push = given.push(street, many(street, 3))
    with monkeypatch.context() as patch:
        patch.setattr(driving.queries, "to_do", lambda *_: [])
        assert do_next(WORK)
    assert not do_next(WORK)
    with clock.standing_at(clock.now() + timedelta(seconds=6)):
        assert do_next(WORK)
    given.check_each_once(push)


def test_a_push_planned_for_later_waits_for_its_driver(street: Street) -> None:
    order = given.ordered(street.supervisor, many(street, 3))
    with writing() as session:
        push = service.plan(session, order, at=clock.now() + timedelta(minutes=1)).id
    assert not do_next(WORK)
    given.drive(push)
    with clock.standing_at(clock.now() + timedelta(minutes=2)):
        assert do_next(WORK)
        assert not do_next(WORK)
    given.check_each_once(push)


def test_a_push_that_breaks_the_worker_stands_as_far_as_it_came(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    push = given.push(street, many(street, 3))
    with monkeypatch.context() as patch:
        patch.setattr(driving, "_mark", lambda *_: 1 / 0)
        for hours in range(3):
            with clock.standing_at(clock.now() + timedelta(hours=hours)):
                assert do_next(WORK)
    assert _jobs() == {"failed": 1}
    assert given.tasks(push) == []
    with writing() as session:
        (job,) = session.scalars(select(Job))
        queue.retry(session, job.id, clock.now())
    assert do_next(WORK)
    given.check_each_once(push)


def _jobs() -> dict[str, int]:
    with reading() as session:
        return {count.state: count.jobs for count in queue.counts(session)}
