"""What a missed run becomes, and which rhythms are none."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.dispatch.plans import rules
from server.dispatch.plans.rules import Run
from server.dispatch.pushes.rules import Subject, Target
from server.kernel.problems import Problem
from server.packs.definition import Plan, Rhythm

NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
DAY = timedelta(days=1)
due = st.lists(st.integers(0, 400), unique=True).map(
    lambda days: [NOW - day * DAY for day in sorted(days, reverse=True)]
)


@given(due, st.sampled_from(rules.MISSED))
def test_every_occurrence_is_stood_for_exactly_once(days: list[datetime], missed: str) -> None:
    runs = rules.runs(days, missed, NOW)
    assert sum(run.stands_for for run in runs) == len(days)
    assert [run.at for run in runs] == sorted({run.at for run in runs} & set(days))


@given(due)
def test_once_makes_one_run_at_the_newest(days: list[datetime]) -> None:
    runs = rules.runs(days, "once", NOW)
    assert runs == ([Run(days[-1], len(days))] if days else [])


def test_each_makes_up_one_by_one_for_a_month() -> None:
    days = [NOW - n * DAY for n in range(40, -1, -1)]
    runs = rules.runs(days, "each", NOW)
    assert [run.at for run in runs] == [NOW - n * DAY for n in range(30, -1, -1)]
    assert [run.stands_for for run in runs] == [11] + [1] * 30


def test_each_makes_one_run_for_what_is_older() -> None:
    days = [NOW - 90 * DAY, NOW - 60 * DAY]
    assert rules.runs(days, "each", NOW) == [Run(NOW - 60 * DAY, 2)]


@pytest.mark.parametrize(
    "rhythm",
    [
        Rhythm("year"),
        Rhythm("day", weekday=1),
        Rhythm("work_day", day=3),
        Rhythm("week", nth=1, weekday=1),
        Rhythm("month", nth=1),
        Rhythm("month", weekday=1),
        Rhythm("month", nth=1, weekday=1, day=3),
    ],
)
def test_what_is_no_rhythm(rhythm: Rhythm) -> None:
    with pytest.raises(Problem, match="rhythm_invalid"):
        rules.check_rhythm(rhythm)


@pytest.mark.parametrize(
    "rhythm",
    [
        Rhythm("day", 3),
        Rhythm("work_day"),
        Rhythm("week", weekday=5),
        Rhythm("week"),
        Rhythm("month", 3),
        Rhythm("month", day=31),
        Rhythm("month", nth=-1, weekday=5),
    ],
)
def test_what_is_one(rhythm: Rhythm) -> None:
    rules.check_rhythm(rhythm)


@pytest.mark.parametrize(
    ("given_", "target"),
    [
        ({"post": "grid_worker"}, {"post": "grid_worker"}),
        ({}, {"role": "worker"}),
        ({"subject_class": "shop"}, {"subjects": []}),
    ],
)
def test_whom_a_plan_of_a_pack_is_for(given_: dict[str, str], target: object) -> None:
    assert rules.target_of(Plan("p", "巡查", "t", Rhythm("day"), **given_)) == target


@pytest.mark.parametrize(
    ("before", "changes", "allowed"),
    [
        ({"post": "w"}, {"active": False, "missed": "each", "confirm": 3}, True),
        ({"subjects": []}, {"target": Target(subjects=(Subject("x", "g"),))}, True),
        ({"subjects": []}, {"target": Target(role="worker")}, False),
        ({"post": "w"}, {"target": Target(subjects=(Subject("x", "g"),))}, False),
        ({"post": "w"}, {"name": "另名"}, False),
        ({"post": "w"}, {"rhythm": Rhythm("day")}, False),
    ],
)
def test_what_people_change_of_a_plan_of_a_pack(
    before: dict[str, object], changes: dict[str, object], allowed: bool
) -> None:
    rules.check_change(None, before, changes)
    if allowed:
        rules.check_change("xiaoshan:p:*", before, changes)
        return
    with pytest.raises(Problem, match="state_illegal"):
        rules.check_change("xiaoshan:p:*", before, changes)
