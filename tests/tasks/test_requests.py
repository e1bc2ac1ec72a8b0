"""Requests of the worker and late work: the pure rules."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.packs.definition import Amount, Deadline, Extension, Unit
from server.tasks import requests, settling
from server.tasks.settling import LateWork
from server.tasks.standing import STATES, Standing
from tests.tasks.packs import WORKTIME

NOW = datetime(2026, 9, 30, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
TASK = Standing("task", "wang", state="accepted", due=NOW + HOUR)
ONCE = Deadline(Amount(1, Unit.HOUR), extension=Extension(1, Amount(2, Unit.HOUR)))
MOMENTS = st.none() | st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)).map(
    lambda moment: moment.replace(tzinfo=UTC)
)


def test_what_is_asked_is_kept_as_the_wire_writes_it() -> None:
    said = {"reason": "等配件", "until": NOW + HOUR, "to": "li"}
    assert requests.asked("request_extension", said, NOW) == {
        "kind": "extension",
        "reason": "等配件",
        "at": "2026-09-30T02:00:00.000Z",
        "until": "2026-09-30T03:00:00.000Z",
    }
    assert requests.asked("request_transfer", said, NOW) == {
        "kind": "transfer",
        "reason": "等配件",
        "at": "2026-09-30T02:00:00.000Z",
        "to": "li",
    }
    assert requests.asked("request_extension", {}, NOW)["until"] is None
    assert requests.asked("request_transfer", {}, NOW)["to"] is None


def test_how_late_an_extension_may_end() -> None:
    assert requests.latest_end(TASK, ONCE, WORKTIME) == NOW + 3 * HOUR
    assert requests.latest_end(TASK, None, WORKTIME) is None
    assert requests.latest_end(TASK, replace(ONCE, extension=None), WORKTIME) is None
    assert requests.latest_end(replace(TASK, due=None), ONCE, WORKTIME) is None


@pytest.mark.parametrize(("had", "used_up"), [(0, False), (1, True), (2, True)])
def test_how_often_a_limit_may_be_extended(had: int, used_up: bool) -> None:
    task = replace(TASK, extensions=had)
    assert requests.is_used_up(task, ONCE) is used_up
    assert not requests.is_used_up(task, None)


@pytest.mark.parametrize(
    ("hours", "latest", "wrong"),
    [
        (0, 3, "due_past"),
        (1, 3, "extension_none"),
        (2, 3, ""),
        (3, 3, ""),
        (4, 3, "extension_beyond"),
        (400, None, ""),
        (24 * 3654, None, "due_far"),
    ],
)
def test_where_an_extension_may_end(hours: int, latest: int | None, wrong: str) -> None:
    end = None if latest is None else NOW + latest * HOUR
    assert requests.wrong_end(TASK, NOW + hours * HOUR, end, NOW) == wrong


@given(MOMENTS, MOMENTS, st.integers(1, 900))
def test_an_end_that_is_taken_is_later_and_allowed(
    due: datetime | None, latest: datetime | None, hours: int
) -> None:
    until = NOW + hours * HOUR
    task = replace(TASK, due=due)
    if not requests.wrong_end(task, until, latest, NOW):
        assert due is None or until > due
        assert latest is None or until <= latest


@pytest.mark.parametrize("state", STATES)
def test_late_work_becomes_the_result_and_is_its_workers_again(state: str) -> None:
    flags = ("double_work", "explanation_asked", "incomplete")
    task = replace(TASK, state=state, flags=flags, assignment=2, version=7, closed_at=NOW)
    after = settling.accepted(task, LateWork("li", NOW + 2 * HOUR, "item"))
    assert (after.state, after.assignee, after.assignment, after.version) == ("done", "li", 3, 8)
    assert (after.done_at, after.closed_at, after.late) == (NOW + 2 * HOUR, None, True)
    assert after.flags == ("explanation_asked",)
    own = settling.accepted(task, LateWork("wang", NOW, "item"))
    assert (own.assignee, own.assignment, own.late) == ("wang", 2, False)


def test_what_is_settled_stays_as_it_was() -> None:
    task = replace(TASK, flags=("done_after_cancel", "double_work"))
    assert settling.settled(task) == replace(TASK, version=2)
