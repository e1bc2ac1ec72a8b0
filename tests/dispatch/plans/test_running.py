"""Each occurrence runs exactly once: late, twice at a time, or broken in the middle."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from structlog.testing import capture_logs

from server.dispatch.plans import jobs, running, service
from server.dispatch.plans.models import Plan, PlanRun
from server.dispatch.pushes.models import Push
from server.dispatch.pushes.rules import Subject, Target
from server.kernel.clock import standing_at
from server.kernel.database import db, reading, writing
from server.kernel.ids import uuid7
from server.kernel.problems import Problem
from server.packs.definition import Rhythm
from tests import factories
from tests.dispatch import given
from tests.dispatch.given import MONDAY
from tests.factories import Street

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def street(app: Flask) -> Street:
    return factories.street()


def plan(street: Street, now: datetime = MONDAY, **data: Any) -> str:
    """A plan of the supervisor's: daily at 08:00 for the workers of the first community."""
    named = {
        "name": "日检",
        "area": street.communities[0],
        "target": Target(),
        "template": None,
        "task": {"title": "检查消防通道"},
        "rhythm": Rhythm("day"),
        "missed": "once",
        "confirm": None,
    }
    with standing_at(now):
        scope = given.scope(street.supervisor)
        with writing() as session:
            return service.create(session, given.settings(), scope, named | data).id


def look(now: datetime) -> int:
    with standing_at(now):
        return jobs.look(given.settings(), now)


def runs(plan_id: str) -> list[tuple[str, int, int, str | None]]:
    """(at, stands for, tasks, problem) of each run."""
    with reading() as session:
        made = session.scalars(select(PlanRun).where(PlanRun.plan == plan_id).order_by(PlanRun.at))
        return [(run.at.isoformat(), run.stands_for, run.tasks, run.problem) for run in made]


def pushes(plan_id: str) -> list[str]:
    with reading() as session:
        made = select(Push.id).where(Push.plan == plan_id).order_by(Push.id)
        return list(session.scalars(made))


def test_it_runs_when_it_is_due_and_not_before(street: Street) -> None:
    id_ = plan(street)
    assert look(MONDAY + HOUR) == 0
    assert look(MONDAY + DAY - HOUR - timedelta(seconds=1)) == 0
    assert look(MONDAY + DAY - HOUR) == 3
    assert look(MONDAY + DAY) == 0
    assert runs(id_) == [("2026-11-24T00:00:00+00:00", 1, 3, None)]
    (push,) = pushes(id_)
    given.drive(push)
    given.check_each_once(push)
    assert given.assignees(push) == dict.fromkeys(street.workers[:3], 1)
    assert {task.created_by for task in given.tasks(push)} == {street.supervisor}


def test_what_a_week_without_a_worker_missed_is_made_up_once(street: Street) -> None:
    id_ = plan(street)
    assert look(MONDAY + 7 * DAY) == 3
    assert runs(id_) == [("2026-11-30T00:00:00+00:00", 7, 3, None)]
    assert look(MONDAY + 7 * DAY) == 0
    assert look(MONDAY + 8 * DAY) == 3


def test_or_each_of_it_where_the_plan_says_so(street: Street) -> None:
    id_ = plan(street, missed="each")
    assert look(MONDAY + 3 * DAY) == 9
    assert [run[1:] for run in runs(id_)] == [(1, 3, None)] * 3
    assert look(MONDAY + 3 * DAY) == 0


def test_two_workers_at_once_run_it_once(app: Flask, street: Street) -> None:
    ids = [plan(street, missed="each") for _ in range(3)]
    gate = threading.Barrier(4)

    def work(_: int) -> int:
        with app.app_context():
            gate.wait()
            done = running.run_due(given.settings(), MONDAY + 3 * DAY)
            db.session.remove()
            return done

    with standing_at(MONDAY + 3 * DAY), ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 27
    for id_ in ids:
        assert len(runs(id_)) == len(pushes(id_)) == 3


def test_broken_in_the_middle_it_leaves_nothing_and_runs_again(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, sound = plan(street, missed="each"), plan(street)
    planned = running.pushes.plan
    with monkeypatch.context() as patch:
        calls: list[str] = []

        def breaks(session: Any, ordered: Any) -> Push:
            calls.append(ordered.order.plan)
            if ordered.order.plan == broken and calls.count(broken) == 2:
                raise RuntimeError
            return planned(session, ordered)

        patch.setattr(running.pushes, "plan", breaks)
        assert look(MONDAY + 3 * DAY) == 3
    assert (runs(broken), pushes(broken)) == ([], [])
    assert len(runs(sound)) == 1
    assert look(MONDAY + 3 * DAY) == 9
    assert len(runs(broken)) == len(pushes(broken)) == 3


def test_a_rhythm_that_cannot_be_read_stops_no_other_plan(street: Street) -> None:
    broken, sound = plan(street), plan(street)
    with writing() as session:
        session.get_one(Plan, broken).rhythm = {"unit": 5}
    with capture_logs() as logs:
        assert look(MONDAY + DAY) == 3
    failed = [log for log in logs if log["event"] == "part_failed"]
    assert [(log["job"], log["of"]) for log in failed] == [("plans", broken)]
    assert (len(runs(broken)), len(runs(sound))) == (0, 1)


def test_where_nobody_has_a_post_the_run_says_so(street: Street) -> None:
    id_ = plan(street)
    with writing() as session:
        session.query(factories.Post).filter(factories.Post.area.in_(street.grids)).delete()
    assert look(MONDAY + DAY) == 0
    assert runs(id_) == [("2026-11-24T00:00:00+00:00", 1, 0, "nobody_reached")]
    assert look(MONDAY + DAY) == 0


def test_a_list_of_subjects_every_three_months(street: Street) -> None:
    shops = tuple(Subject(uuid7(), street.grids[no % 3]) for no in range(7))
    rhythm = Rhythm("month", 3, day=1, from_day=date(2026, 1, 1))
    id_ = plan(street, target=Target(subjects=shops), rhythm=rhythm)
    assert look(MONDAY + 30 * DAY) == 0
    assert look(MONDAY + 60 * DAY) == 7
    assert [run[0][:10] for run in runs(id_)] == ["2027-01-01"]


def test_a_plan_reaches_no_further_than_its_area(street: Street) -> None:
    far = (Subject(uuid7(), street.grids[5]),)
    with pytest.raises(Problem, match="forbidden"):
        plan(street, target=Target(subjects=far))
    with pytest.raises(Problem, match="forbidden"):
        plan(street, target=Target(area=street.communities[1]))


def test_a_run_that_grew_beyond_its_number_waits_for_a_person(
    app: Flask, street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = replace(given.settings(), push_ask=2)
    monkeypatch.setitem(app.extensions, "gewu_settings", small)
    with pytest.raises(Problem) as raised:
        plan(street)
    assert raised.value.extra == {"number": 3}
    id_ = plan(street, confirm=3)
    assert look(MONDAY + DAY) == 3
    factories.member("worker", street.communities[0])
    assert look(MONDAY + 2 * DAY) == 0
    assert [run[3] for run in runs(id_)] == [None, "confirm_needed"]


def test_while_it_is_stopped_nothing_is_missed(street: Street) -> None:
    id_ = plan(street)
    _change(street, id_, 1, MONDAY, active=False)
    assert look(MONDAY + 3 * DAY) == 0
    _change(street, id_, 2, MONDAY + 3 * DAY, active=True)
    assert look(MONDAY + 3 * DAY + HOUR) == 0
    assert look(MONDAY + 4 * DAY) == 3


def _change(street: Street, id_: str, version: int, now: datetime, **changes: Any) -> None:
    wish = service.Change(given.scope(street.supervisor), id_, version)
    with standing_at(now), writing() as session:
        service.change(session, given.settings(), wish, changes)


def test_the_number_of_a_run_is_told_before(street: Street) -> None:
    id_ = plan(street)
    with reading() as session:
        row = session.get_one(Plan, id_)
        assert running.number(session, given.settings(), row, MONDAY) == 3
        ahead = running.occurring(session, given.settings(), row, MONDAY, MONDAY + 30 * DAY)
    assert len(ahead) == 30
