"""Plans with real worker processes, several at once and killed: each occurrence runs once."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from server.dispatch.plans import service
from server.dispatch.plans.models import Plan, PlanRun
from server.dispatch.pushes.models import Push
from server.dispatch.pushes.rules import Subject, Target
from server.kernel import clock
from server.kernel.database import reading, writing
from server.kernel.ids import uuid7
from server.packs.definition import Rhythm
from server.tasks.models import Task
from tests import factories
from tests.cli.conftest import Deployment, wait_until
from tests.dispatch import given

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MISSED, SHOPS = 3, 60


class Overdue:
    """A plan that should have run three times, each for itself, for sixty shops."""

    def __init__(self) -> None:
        now = clock.now()
        due = now - 12 * HOUR
        self.due = [due - 2 * DAY, due - DAY, due]
        self._began = now - MISSED * DAY
        with clock.standing_at(self._began):
            self._id = _made(due)

    def is_done(self) -> bool:
        """Whether every run was written down and every push of it worked off."""
        with reading() as session:
            pushes = [push.state for push in session.query(Push)]
            return pushes == ["done"] * MISSED and session.query(PlanRun).count() == MISSED

    def check_untouched(self) -> None:
        with reading() as session:
            assert session.query(PlanRun).count() == session.query(Push).count() == 0
            assert session.query(Task).count() == 0
            assert session.get_one(Plan, self._id).upto == self._began

    def check_each_once(self) -> None:
        """Every occurrence has its run with its push, every shop one task of each."""
        with reading() as session:
            runs = session.query(PlanRun).order_by(PlanRun.at).all()
            pushes = [str(run.push) for run in runs]
            assert [run.at for run in runs] == self.due
            assert {run.tasks for run in runs} == {SHOPS}
            assert session.query(Push).count() == len(set(pushes)) == MISSED
            assert session.query(Task).count() == MISSED * SHOPS
            assert session.get_one(Plan, self._id).upto == self.due[-1]
        for push in pushes:
            given.check_each_once(push)


def _made(due: datetime) -> str:
    street = factories.street()
    shops = tuple(Subject(uuid7(), street.grids[no % 3]) for no in range(SHOPS))
    data = {
        "name": "日检",
        "area": street.street,
        "target": Target(subjects=shops),
        "template": None,
        "task": {"title": "检查消防通道"},
        "rhythm": Rhythm("day", at=due.astimezone(ZoneInfo("Asia/Shanghai")).time()),
        "missed": "each",
        "confirm": None,
    }
    scope = given.scope(street.supervisor)
    with writing() as session:
        return service.create(session, given.settings(), scope, data).id


@pytest.fixture
def overdue(deployment: Deployment) -> Iterator[Overdue]:
    with deployment.app():
        yield Overdue()


@contextmanager
def stuck_in_the_middle(deployment: Deployment) -> Iterator[None]:
    """A worker has written the second run and not committed it; killed on leaving."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GEWU_")}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.dispatch.killed"],
        env=clean | deployment.env,
        stdout=subprocess.PIPE,
        text=True,
    ) as worker:
        try:
            assert worker.stdout is not None
            assert any(line == "middle\n" for line in worker.stdout)
            yield
        finally:
            worker.kill()


def test_two_workers_and_a_person_at_once_run_each_once(
    deployment: Deployment, overdue: Overdue
) -> None:
    workers = [deployment.start("worker") for _ in range(2)]
    by_hand = deployment.start("plans", "run")
    wait_until(overdue.is_done, workers[0])
    assert by_hand.wait(timeout=60) == 0, deployment.log(by_hand)
    overdue.check_each_once()
    for worker in workers:
        assert worker.poll() is None, deployment.log(worker)


def test_a_worker_killed_in_the_middle_leaves_neither_a_hole_nor_a_double(
    deployment: Deployment, overdue: Overdue
) -> None:
    with stuck_in_the_middle(deployment):
        overdue.check_untouched()
        second = deployment.start("worker")
        wait_until(lambda: "worker_waiting" in deployment.log(second), second)
        overdue.check_untouched()
    wait_until(overdue.is_done, second)
    overdue.check_each_once()
