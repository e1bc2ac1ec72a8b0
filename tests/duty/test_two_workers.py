"""Two workers at once do each thing once: on PostgreSQL side by side, on SQLite in turn."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, current_app

from server.duty import jobs
from server.grid.models import Member
from server.kernel import clock
from server.kernel.database import db, writing
from tests import factories
from tests.duty import given
from tests.factories import Street
from tests.journeys.at_once import all_at_once
from tests.tasks import given as tasks

HOUR = timedelta(hours=1)
MANY = 40


@pytest.fixture
def street(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Street:
    given.ruled(given.UP)
    for room in ("escalation", "lights"):
        monkeypatch.setattr(f"server.duty.service.{room}.AT_A_TIME", 7)
    return factories.street()


def both(job: Any, hours: float) -> int:
    """What two workers together say they did."""
    app, moment = current_app._get_current_object(), clock.now() + hours * HOUR  # type: ignore[attr-defined]

    def work() -> int:
        with app.app_context():
            try:
                return given.ran(job, moment)
            finally:
                db.session.remove()

    with clock.standing_at(moment):
        return sum(all_at_once([work, work]))


def test_each_step_up_is_taken_once(street: Street) -> None:
    ids = [tasks.task(street, worker=number % 3) for number in range(MANY)]
    assert both(jobs.escalate_tasks, 12) == MANY
    for task in ids:
        assert given.acts(task) == ["assign", "escalate", "escalate"]
        assert tasks.row(task).escalation == 2
    assert len(given.told(street.supervisor, "task_escalated")) == MANY


def test_each_light_is_told_once(street: Street) -> None:
    for number in range(MANY):
        tasks.task(street, worker=number % 3, due=clock.now() + HOUR)
    assert both(jobs.tell_lights, 2) == MANY
    assert len(given.told(street.leader, "task_red")) == MANY


def test_each_absence_begins_once(street: Street) -> None:
    ids = [tasks.task(street) for _ in range(MANY)]
    given.slip(street.workers[0], backup=street.workers[3])
    assert both(jobs.turn_absences, 0) == 1
    assert {tuple(given.acts(task)) for task in ids} == {("assign", "stand_in")}
    assert both(jobs.turn_absences, 48) == 1
    assert {tuple(given.acts(task)) for task in ids} == {("assign", "stand_in", "take_back")}


def test_each_task_left_is_taken_once(street: Street) -> None:
    ids = [tasks.task(street) for _ in range(MANY)]
    gone = street.workers[0]
    with writing() as session:
        session.get(Member, gone).active = False  # type: ignore[union-attr]
    assert both(jobs.relieve_ownerless, 0) == MANY
    assert {tuple(given.acts(task)) for task in ids} == {("assign", "succeed")}
    assert len(given.told(street.leader, "task_handed_over")) == MANY
