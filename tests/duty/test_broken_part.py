"""What breaks in one area, or with one absence, keeps the sweeps of the worker from no other.

In the broken street limits are counted in working time, and then nobody works for three years.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from structlog.testing import capture_logs

from server.config import Settings
from server.duty import audience, jobs
from server.duty.service import lights
from server.grid.models import Member
from server.jobs import rooms
from server.kernel import clock, queue
from server.kernel.database import reading, writing
from server.tasks import jobs as task_jobs
from server.tasks import rules, service
from server.tasks.models import Task
from tests import factories
from tests.duty import given
from tests.duty.given import HOUR
from tests.factories import Street
from tests.tasks import given as tasks

IN_WORK = given.UP.replace("hour]", "work_hour]")
Streets = tuple[Street, Street]


@pytest.fixture
def streets(app: Flask) -> Streets:
    """(the one that will break, a sound one)"""
    broken, sound = factories.street(), factories.street()
    given.ruled(IN_WORK, area=broken.street)
    return broken, sound


@contextmanager
def fails(job: str, of: str) -> Iterator[None]:
    """In the block one part of the job breaks, and the log names it."""
    with capture_logs() as logs:
        yield
    failed = [entry for entry in logs if entry["event"] == "part_failed"]
    assert [(entry["job"], entry["of"], entry["number"]) for entry in failed] == [(job, of, 1)]


def made_up(job: Callable[[Settings, Any], int], hours: float = 0) -> None:
    """Once work goes on the broken part is done, and then nothing is left."""
    given.work_goes_on()
    moment = clock.now() + hours * HOUR
    with clock.standing_at(moment):
        assert [given.ran(job, moment), given.ran(job, moment)] == [1, 0]


def test_leases(streets: Streets) -> None:
    ids = []
    for street in streets:
        factories.device_for(street.workers[0])
        ids.append(tasks.task(street))
        tasks.reassigned(street, ids[-1], 1, rules.HARD)
    given.nobody_works()
    later = clock.now() + rules.HARD_LEASE
    with clock.standing_at(later), fails("task_leases", streets[0].grids[0]):
        assert given.ran(rooms.task_leases, later) == 1
    assert [given.owner(task) for task in ids] == [streets[0].workers[0], streets[1].workers[1]]
    made_up(rooms.task_leases, 25)
    assert given.owner(ids[0]) == streets[0].workers[1]


def test_absences(streets: Streets) -> None:
    ids = [tasks.task(street) for street in streets]
    slips = [given.slip(street.workers[0], backup=street.workers[1]) for street in streets]
    given.nobody_works()
    with fails("turn_absences", slips[0]):
        assert given.ran(jobs.turn_absences) == 1
    assert [given.acts(task) for task in ids] == [["assign"], ["assign", "stand_in"]]
    made_up(jobs.turn_absences)
    assert given.owner(ids[0]) == streets[0].workers[1]


def test_tasks_left(streets: Streets) -> None:
    ids = [tasks.task(street) for street in streets]
    with writing() as session:
        for street in streets:
            session.get_one(Member, street.workers[0]).active = False
    given.nobody_works()
    with fails("relieve_ownerless", streets[0].grids[0]):
        assert given.ran(jobs.relieve_ownerless) == 1
    assert [given.owner(task) for task in ids] == [streets[0].workers[0], streets[1].leader]
    made_up(jobs.relieve_ownerless)
    assert given.owner(ids[0]) == streets[0].leader


def test_lights(streets: Streets, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [tasks.task(street, due=clock.now() + HOUR) for street in streets]
    known = audience.members

    def breaks(who: Any, owner: str, ground: Any, area: str) -> list[str]:
        return known(who, owner, ground, area) if area != streets[0].grids[0] else [][0]

    later = clock.now() + 2 * HOUR
    with monkeypatch.context() as patch, clock.standing_at(later):
        patch.setattr(lights.audience, "members", breaks)
        with fails("tell_lights", streets[0].grids[0]):
            assert given.ran(jobs.tell_lights, later) == 1
    assert given.told(streets[1].leader) == [("task_red", ids[1])]
    assert given.told(streets[0].leader) == []
    made_up(jobs.tell_lights, 2)
    assert given.told(streets[0].leader) == [("task_red", ids[0])]


def test_evidence(streets: Streets) -> None:
    ids = [tasks.task(street, demands={"form": "fire"}) for street in streets]
    for street, task in zip(streets, ids, strict=True):
        worker = street.workers[0]
        awaited = tasks.action(worker, task, "complete", evidence=[tasks.unknown_task()])
        tasks.handled(tasks.action(worker, task, "accept"), awaited)
    _demand(ids[0], {"photos": 5})
    later = clock.now() + given.settings().evidence_hours * HOUR
    with clock.standing_at(later), fails("task_evidence", streets[0].grids[0]):
        assert given.ran(rooms.task_evidence, later) == 1
    assert [tasks.row(task).state for task in ids] == ["done", "returned"]
    _demand(ids[0], {"photos": ["near"]})
    made_up(rooms.task_evidence, given.settings().evidence_hours)
    assert tasks.row(ids[0]).state == "returned"


def _demand(task: str, demands: dict[str, Any]) -> None:
    with writing() as session:
        session.get_one(Task, task).demands = demands


@pytest.fixture
def moving(streets: Streets) -> list[str]:
    """A task of each street whose limit moves, and a calendar that changed."""
    for version, unit in ((2, "work_day"), (3, "natural_day")):
        limits = f"deadlines: {{default: {{limit: [3, {unit}]}}}}\n"
        given.ruled(given.UP + limits, version, streets[version - 2].street)
    ids = [tasks.task(street) for street in streets]
    with writing() as session:
        for task in ids:
            session.get_one(Task, task).due = clock.now() + HOUR
    given.nobody_works()
    with writing() as session:
        task_jobs.calendar_changed(session)
    return ids


def moved(ids: list[str]) -> list[bool]:
    return [tasks.row(task).version > 1 for task in ids]


def test_limits_recomputed(streets: Streets, moving: list[str]) -> None:
    with fails(task_jobs.RECOMPUTE, streets[0].grids[0]):
        given.queue_done()
    assert moved(moving) == [False, True]
    given.work_goes_on()
    with clock.standing_at(clock.now() + queue.pause(1)):
        assert (given.queue_done(), moved(moving)) == (1, [True, True])
        assert given.queue_done() == 0


def test_what_ended_meanwhile_keeps_its_limit(streets: Streets, moving: list[str]) -> None:
    given.queue_done()
    tasks.changed(service.cancel, streets[0], moving[0])
    before = tasks.row(moving[0]).due
    given.work_goes_on()
    with clock.standing_at(clock.now() + queue.pause(1)):
        assert given.queue_done() == 1
    assert tasks.row(moving[0]).due == before


def test_limits_that_cannot_be_recomputed_are_given_up(moving: list[str]) -> None:
    given.queue_done()
    moment = clock.now()
    for _ in range(queue.MOST_TRIES):
        moment += queue.pause(queue.MOST_TRIES)
        with clock.standing_at(moment):
            assert given.queue_done() == 1
    with reading() as session:
        (job,) = queue.failed(session, 10)
        assert (job.kind, job.payload) == (task_jobs.RECOMPUTE_PART, moving[:1])
    with clock.standing_at(moment + HOUR):
        assert (given.queue_done(), moved(moving)) == (0, [False, True])
