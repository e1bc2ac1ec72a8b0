"""What is done to many tasks at once: handing over, going up, asking why; recomputed limits."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from server.jobs.consumer import do_next
from server.jobs.work import WORK
from server.kernel import clock
from server.kernel.database import reading, writing
from server.kernel.problems import Problem
from server.regime import service as regime
from server.tasks import service
from server.tasks.models import Task
from server.tasks.service import Escalation, recomputing
from tests import factories
from tests.executed import executed
from tests.factories import Street
from tests.tasks import given

SERVER = "server"


def _hand_over(owners: dict[str, str]) -> list[str]:
    with writing() as session:
        return service.hand_over(session, SERVER, owners, "absence", "病假")


def test_many_tasks_get_new_owners_softly(app: Flask) -> None:
    street = factories.street()
    tasks = [given.task(street) for _ in range(3)]
    given.steps(street.workers[0], tasks[1], ["accept"])
    given.steps(street.workers[0], tasks[2], ["accept", "complete"])
    moved = _hand_over(dict.fromkeys(tasks, street.workers[1]))
    assert moved == sorted(tasks[:2])
    for task in tasks[:2]:
        seen = given.shown(street, task)
        assert (seen["assignee"], seen["assignment"], seen["state"]) == (
            street.workers[1],
            2,
            "assigned",
        )
        last = seen["events"][-1]
        assert (last["action"], last["actor"], last["reason"]) == ("absence", SERVER, "病假")
    assert given.shown(street, tasks[2])["assignee"] == street.workers[0]
    assert _hand_over(dict.fromkeys(tasks, street.workers[1])) == []


def test_handing_over_costs_the_same_few_statements_however_many(app: Flask) -> None:
    street = factories.street()
    at, counts = clock.now(), []
    for number in (1, 20):
        with clock.standing_at(at):
            tasks = [given.task(street) for _ in range(number)]
        with executed() as statements:
            _hand_over(dict.fromkeys(tasks, street.workers[1]))
        counts.append([text.split()[0] for text, _ in statements])
    assert counts[0] == counts[1]


def test_going_up_with_and_without_another_owner(app: Flask) -> None:
    street = factories.street()
    next_at = clock.now() + timedelta(hours=1)
    ids = [given.task(street) for _ in range(4)]
    given.steps(street.workers[0], ids[2], ["accept"])
    given.changed(service.suspend, street, ids[3])
    steps = [
        Escalation(ids[0], "community", next_at),
        Escalation(ids[1], "community", None, street.leader),
        *(Escalation(task, "community") for task in ids[2:]),
    ]
    with writing() as session:
        assert service.escalated(session, SERVER, steps) == ids[:2]
    stays, goes = (given.shown(street, task) for task in ids[:2])
    assert (stays["assignee"], stays["escalation"]) == (street.workers[0], 1)
    assert stays["escalate_at"] == clock.iso(next_at)
    assert (goes["assignee"], goes["assignment"]) == (street.leader, 2)
    assert goes["events"][-1]["detail"]["to"] == "community"


def test_why_is_asked_once_of_red_tasks_and_answered_with_a_reason(app: Flask) -> None:
    street, begin = factories.street(), clock.now()
    worker = street.workers[0]
    with clock.standing_at(begin - timedelta(hours=2)):
        red = given.task(street, due=begin - timedelta(hours=1))
    green = given.task(street, due=begin + timedelta(hours=1))
    with writing() as session:
        assert service.ask_why(session, SERVER, [red, green]) == [red]
        assert service.ask_why(session, SERVER, [red, green]) == []
    assert given.on_feed(worker)[-1]["body"]["flags"] == ["explanation_asked"]
    for silence in (None, " "):
        given.handled(given.action(worker, red, "explain", reason=silence))
        assert given.shown(street, red)["flags"] == ["explanation_asked"]
    item = given.action(worker, red, "explain", reason="连日暴雨")
    assert [outcome.status for outcome in given.handled(item)] == ["accepted"]
    seen = given.shown(street, red)
    assert (seen["flags"], seen["state"]) == ([], "assigned")
    assert (seen["events"][-1]["action"], seen["events"][-1]["reason"]) == ("explain", "连日暴雨")


@pytest.fixture
def ruled(app: Flask) -> Street:
    """A street in which a pack holds since long ago; National Day is as the calendar has it."""
    street = factories.street()
    given.ruled(street)
    with writing() as session:
        regime.refresh(session, date(2026, 9, 1))
    return street


def test_a_task_stands_under_the_rules_of_its_area(ruled: Street) -> None:
    street = ruled
    with clock.standing_at(datetime(2026, 9, 30, 2, tzinfo=UTC)):
        task = given.task(street, kind="check")
    seen = given.shown(street, task)
    assert (seen["pack"], seen["limit_number"], seen["limit_unit"]) == ("test@2", 2, "work_day")
    assert seen["due"] == "2026-10-09T09:30:00.000Z"
    assert seen["demands"] == {"photos": ["near", "far"]}
    assert seen["escalate_at"] == "2026-10-08T09:30:00.000Z"


def test_rules_bind_supervisors_but_not_admins(ruled: Street) -> None:
    street = ruled
    worker = street.workers[0]
    with clock.standing_at(datetime(2026, 9, 30, 2, tzinfo=UTC)):
        task = given.task(street, kind="check")
        due = datetime(2026, 10, 9, 9, 30, tzinfo=UTC)
        for most, code in ((due + timedelta(days=3), "extension_beyond"), (None, None)):
            given.handled(given.action(worker, task, "request_extension", until=most))
            if code is None:
                given.changed(service.grant, street, task)
            else:
                with pytest.raises(Problem, match=code):
                    given.changed(service.grant, street, task)
        assert given.shown(street, task)["due"] == "2026-10-10T09:30:00.000Z"
        given.handled(given.action(worker, task, "request_extension"))
        with pytest.raises(Problem, match="extensions_used_up"):
            given.changed(service.grant, street, task)
        wish = given.change(street, task, by=street.admin)
        with writing() as session:
            service.grant(session, wish, due + timedelta(days=90))
        assert given.shown(street, task)["extensions"] == 2


def _wrong(task: str, **values: Any) -> None:
    with writing() as session:
        session.execute(update(Task).where(Task.id == task).values(**values))


def test_limits_are_recomputed_where_a_calendar_can_move_them(ruled: Street) -> None:
    street, now = ruled, datetime(2026, 9, 30, 2, tzinfo=UTC)
    with clock.standing_at(now):
        moves, stays, plain, red, extended = (
            given.task(street, kind=kind) for kind in ("check", "check", "verify", "check", "check")
        )
        _wrong(moves, due=now + timedelta(days=2))
        _wrong(red, due=now)
        _wrong(extended, due=now + timedelta(days=2), limit_number=None)
        _wrong(plain, due=now + timedelta(days=2), limit_unit="hour")
        with reading() as session:
            foreseen, last = recomputing.would_move(session)
        assert ([move.task for move in foreseen], last) == ([moves], None)
        before = given.shown(street, moves)
        for moved in (1, 0):
            with writing() as session:
                ids = [row.id for row in recomputing.batch(session)]
                assert recomputing.recompute(session, ids) == moved
    seen = given.shown(street, moves)
    assert (seen["due"], seen["version"]) == (clock.iso(foreseen[0].new), before["version"] + 1)
    last_event = seen["events"][-1]
    assert (last_event["action"], last_event["actor"]) == ("recompute", SERVER)
    assert last_event["detail"] == {"due": {"from": before["due"], "to": seen["due"]}}
    for task in (stays, red, extended, plain):
        assert given.shown(street, task)["version"] == 1


def test_limits_are_recomputed_batch_by_batch(
    ruled: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recomputing, "AT_A_TIME", 2)
    street, now = ruled, datetime(2026, 9, 30, 2, tzinfo=UTC)
    with clock.standing_at(now):
        ids = sorted(given.task(street) for _ in range(5))
        for task in ids:
            _wrong(task, due=now + timedelta(days=2))
        after, found = None, []
        while True:
            with writing() as session:
                rows = recomputing.batch(session, after)
                found.append([row.id for row in rows])
                assert recomputing.recompute(session, found[-1]) == len(rows)
            after = recomputing.last(rows)
            if after is None:
                break
    assert found == [ids[:2], ids[2:4], ids[4:]]


def test_a_calendar_that_changed_puts_a_job_that_moves_the_limits(ruled: Street) -> None:
    street, now = ruled, datetime(2026, 9, 30, 2, tzinfo=UTC)
    with clock.standing_at(now):
        task = given.task(street, kind="check")
        assert given.shown(street, task)["due"] == "2026-10-09T09:30:00.000Z"
        with writing() as session:
            regime.set_day(session, street.admin, now.date(), date(2026, 10, 8), False, "台风停工")
        while do_next(WORK):
            pass
        seen = given.shown(street, task)
    assert (seen["due"], seen["version"]) == ("2026-10-10T09:30:00.000Z", 2)
    changes = [change for change in given.on_feed(street.workers[0]) if change["kind"] == "task"]
    assert [change["body"]["due"] for change in changes] == [seen["due"]]
