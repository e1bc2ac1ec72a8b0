"""The clock of a task: which limit it has, its light, what stops it and what moves it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.packs.definition import Deadline, Unit
from server.tasks import clock
from server.tasks.clock import Light
from server.tasks.standing import NewTask, Standing, Terms
from tests.tasks.packs import PACK, WORKTIME, days

NEW = NewTask("wang", "走访", "area")
# Wednesday before the National Day, 10:00 in Shanghai.
START = datetime(2026, 9, 30, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 6, 1), timezones=st.just(UTC))
SPANS = st.timedeltas(MINUTE, timedelta(days=40))


def _started(new: NewTask = NEW, level: str | None = "grid") -> NewTask:
    return clock.started(new, PACK, WORKTIME, level, START)


@pytest.mark.parametrize(
    ("fields", "level", "limit"),
    [
        ({"template": "quick", "category": "cjj:event:0101"}, "street", (30, "minute")),
        ({"template": "bare", "category": "cjj:event:0101"}, "street", (2, "work_day")),
        ({"category": "cjj:event:0101", "kind": "verify"}, "street", (2, "work_day")),
        ({"category": "cjj:event:9999", "kind": "verify"}, "street", (2, "work_hour")),
        ({}, "street", (4, "work_day")),
        ({}, "grid", (5, "work_day")),
        ({"template": "unheard-of"}, None, (5, "work_day")),
    ],
)
def test_the_most_particular_limit_holds(
    fields: dict[str, Any], level: str | None, limit: tuple[int, str]
) -> None:
    begun = _started(replace(NEW, **fields), level)
    assert (begun.limit_number, begun.limit_unit) == limit
    assert (begun.pack, begun.clock_from) == ("test@2", START)


def test_working_days_go_round_the_holidays() -> None:
    begun = clock.started(
        NEW,
        replace(PACK, deadlines=replace(PACK.deadlines, default=days(3))),
        WORKTIME,
        None,
        START,
    )
    # 8, 9 and 10 October; the last is a Saturday that is worked.
    assert begun.due == datetime(2026, 10, 10, 9, 30, tzinfo=UTC)


def test_a_due_that_was_set_wins_and_is_yellow_at_the_packs_share() -> None:
    due = START + timedelta(hours=10)
    begun = _started(replace(NEW, due=due, kind="verify"))
    assert (begun.due, begun.limit_number, begun.limit_unit) == (due, None, None)
    assert begun.yellow_at == START + timedelta(hours=5)


def test_without_a_pack_only_a_due_makes_a_clock() -> None:
    bare = clock.started(NEW, None, WORKTIME, "grid", START)
    assert (bare.due, bare.yellow_at, bare.pack, bare.clock_from) == (None, None, None, START)
    due = START + timedelta(hours=10)
    begun = clock.started(replace(NEW, due=due), None, WORKTIME, "grid", START)
    assert begun.yellow_at == START + timedelta(hours=7)


def test_acceptance_is_waited_for_by_the_limit_and_goes_up_by_the_level() -> None:
    quick = _started(replace(NEW, template="quick"))
    assert quick.accept_by == START + 10 * MINUTE
    assert quick.escalate_at == datetime(2026, 10, 8, 9, 30, tzinfo=UTC)
    assert _started(level="community").escalate_at is None
    assert _started().accept_by is None


def _limits(due: int | None, yellow: int | None, suspended: int | None = None) -> Standing:
    def moment(minutes: int | None) -> datetime | None:
        return None if minutes is None else START + minutes * MINUTE

    return Standing(
        "task", "wang", due=moment(due), yellow_at=moment(yellow), suspended_at=moment(suspended)
    )


@pytest.mark.parametrize(
    ("task", "at", "light"),
    [
        (_limits(None, None), 0, "none"),
        (_limits(10, 7), 6, "green"),
        (_limits(10, 7), 7, "yellow"),
        (_limits(10, 7), 9, "yellow"),
        (_limits(10, 7), 10, "red"),
        (_limits(10, None), 9, "green"),
        (_limits(10, 7, 1), 20, "suspended"),
        (_limits(None, None, 1), 0, "suspended"),
        (replace(_limits(10, 7), done_at=START), 20, "none"),
        (replace(_limits(10, 7, 1), closed_at=START), 20, "none"),
    ],
)
def test_lights(task: Standing, at: int, light: str) -> None:
    assert clock.light(task, START + at * MINUTE) == light


@given(MOMENTS, SPANS, SPANS, st.sampled_from(list(Unit)))
def test_what_is_left_when_it_stops_is_left_when_it_goes_on(
    start: datetime, way: timedelta, stood: timedelta, unit: Unit
) -> None:
    since, until = start + way / 2, start + way / 2 + stood
    task = Standing("task", "wang", clock_from=start, due=start + way, limit_unit=unit)
    task = clock.suspended(replace(task, yellow_at=start + way / 4), since)
    assert clock.light(task, start + 10 * way) is Light.SUSPENDED
    after = clock.resumed(task, WORKTIME, until)
    assert after.suspended_at is None and after.due is not None and task.due is not None
    left = WORKTIME.between(since, task.due, unit)
    assert WORKTIME.between(until, after.due, unit) >= left - timedelta(seconds=1)
    assert after.due >= task.due
    assert after.yellow_at == task.yellow_at


def test_a_clock_that_does_not_stand_is_not_resumed() -> None:
    task = _limits(10, 7)
    assert clock.resumed(task, WORKTIME, START) is task


def test_an_extension_moves_the_end_and_the_yellow_light() -> None:
    task = replace(_limits(10, 7), clock_from=START, limit_number=10, limit_unit="minute")
    later = clock.extended(task, START + 20 * MINUTE, None, WORKTIME)
    assert (later.due, later.yellow_at) == (START + 20 * MINUTE, START + 14 * MINUTE)
    assert (later.extensions, later.limit_number, later.limit_unit) == (1, None, "minute")


def test_a_calendar_that_changed_moves_what_follows_from_a_limit_alone() -> None:
    wrong = START + timedelta(days=100)
    task = Standing(
        "task", "wang", clock_from=START, due=wrong, limit_number=1, limit_unit="work_day"
    )
    assert clock.recomputed(task, None, WORKTIME).due == datetime(2026, 10, 8, 9, 30, tzinfo=UTC)
    extended = replace(task, limit_number=None)
    assert clock.recomputed(extended, None, WORKTIME) is extended


@given(MOMENTS, SPANS)
def test_late_is_what_was_done_after_the_limit(due: datetime, after: timedelta) -> None:
    task = Standing("task", "wang", due=due)
    assert not clock.is_late(task, due)
    assert clock.is_late(task, due + after)
    assert not clock.is_late(replace(task, due=None), due + after)


@pytest.mark.parametrize(
    ("estimated", "how", "counted"),
    [(5, "mono", 5), (5, "offset", 5), (5, "raw", 9), (30, "mono", 9), (-5, "offset", 0)],
)
def test_which_moment_counts(estimated: int, how: str, counted: int) -> None:
    task = Standing("task", "wang", clock_from=START)
    at = clock.counted(task, START + estimated * MINUTE, START + 9 * MINUTE, how)
    assert at == START + counted * MINUTE


def test_a_new_owner_has_the_limit_of_before_and_is_waited_for_anew() -> None:
    task = replace(_limits(10, 7), clock_from=START, terms=Terms("area", template="quick"))
    later = START + 5 * MINUTE
    handed = clock.handed_on(task, PACK, WORKTIME, "grid", later)
    assert (handed.due, handed.yellow_at) == (task.due, task.yellow_at)
    assert handed.accept_by == later + 10 * MINUTE
    stopped = clock.handed_on(clock.suspended(task, START), PACK, WORKTIME, "grid", later)
    assert stopped.accept_by == START + 10 * MINUTE


def test_no_limit_is_no_deadline() -> None:
    assert clock.deadline_of(None, NEW, "grid") is None
    assert isinstance(clock.deadline_of(PACK, Terms(kind="verify"), None), Deadline)
