"""Joining sign-ins and sign-outs, in whatever order they come."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.patrol import rules
from server.patrol.rules import Mark, Standing, Verdict

MORNING = datetime(2026, 11, 22, 0, tzinfo=UTC)
EVENING = MORNING + timedelta(hours=9)
NAMED = Standing("shift", "wang", "phone")


def mark(item: str, at: datetime, member: str = "wang") -> Mark:
    return Mark(member, "phone", "grid", item, at, [{"what": "巡查"}])


def test_a_start_opens_and_its_end_closes() -> None:
    verdict, shift = rules.start(NAMED, mark("s", MORNING))
    assert (verdict, rules.state_of(shift)) == (Verdict.TAKEN, "open")
    verdict, shift = rules.end(shift, mark("e", EVENING))
    assert (verdict, rules.state_of(shift)) == (Verdict.TAKEN, "closed")
    assert (shift.started_at, shift.ended_at) == (MORNING, EVENING)
    assert rules.flags_of(shift) == []


def test_an_end_without_its_start_is_held_and_joined_later() -> None:
    verdict, shift = rules.end(NAMED, mark("e", EVENING))
    assert (verdict, rules.state_of(shift)) == (Verdict.HELD, "end_only")
    verdict, shift = rules.start(shift, mark("s", MORNING))
    assert (verdict, rules.state_of(shift)) == (Verdict.TAKEN, "closed")
    assert (shift.start_item, shift.end_item) == ("s", "e")


@pytest.mark.parametrize("step", [rules.start, rules.end])
def test_a_second_mark_has_no_effect(step: rules.Step) -> None:
    _, shift = step(NAMED, mark("first", MORNING))
    assert step(shift, mark("second", EVENING)) == (Verdict.DUPLICATE, shift)


@pytest.mark.parametrize("step", [rules.start, rules.end])
def test_a_shift_belongs_to_one_member(step: rules.Step) -> None:
    _, shift = rules.start(NAMED, mark("s", MORNING))
    assert step(shift, mark("x", EVENING, "li")) == (Verdict.FORBIDDEN, shift)


@given(st.permutations(["s1", "s2", "e1", "e2"]), st.booleans())
def test_whatever_the_order_the_first_of_each_stands(order: list[str], reversed_: bool) -> None:
    shift = NAMED
    start, end = (EVENING, MORNING) if reversed_ else (MORNING, EVENING)
    for name in order:
        step, at = (rules.start, start) if name[0] == "s" else (rules.end, end)
        _, shift = step(shift, mark(name, at))
    assert shift.start_item == next(name for name in order if name[0] == "s")
    assert shift.end_item == next(name for name in order if name[0] == "e")
    assert (shift.started_at, shift.ended_at, shift.area) == (start, end, "grid")
    assert rules.flags_of(shift) == (["clock"] if reversed_ else [])
