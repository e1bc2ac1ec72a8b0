"""Up a level, by the timetable."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.duty import rising
from server.duty.rising import Ladder, Rise
from server.packs.definition import Amount, CalendarRules, EscalationStep, Unit
from server.packs.worktime import WorkTime

START = datetime(2026, 12, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
PLAIN = WorkTime(CalendarRules(hours=()), lambda day: True, ZoneInfo("Asia/Shanghai"))
"""Of it only plain hours are asked."""


def _step(level: str, hours: int, to: str) -> EscalationStep:
    return EscalationStep(level, Amount(hours, Unit.HOUR), to)


STEPS = (_step("grid", 2, "community"), _step("community", 4, "street"))
LADDER = Ladder(STEPS, PLAIN.add)
BOTH = {"community": ["head"], "street": ["chief"]}


def _climbed(now: datetime, holders: dict, owner: str = "wang", level: str = "grid") -> list[Rise]:
    return rising.climb(LADDER, level, owner, START, holders, now)


FIRST = Rise("grid", "community", START, "head", START + 4 * HOUR)
SECOND = Rise("community", "street", START + 4 * HOUR, "chief", None)


@pytest.mark.parametrize(
    ("holders", "hours", "rises"),
    [
        (BOTH, -1, []),
        (BOTH, 0, [FIRST]),
        (BOTH, 3, [FIRST]),
        (BOTH, 4, [FIRST, SECOND]),
        (BOTH, 24, [FIRST, SECOND]),
        ({"street": ["chief"]}, 0, [Rise("grid", "street", START, "chief", None)]),
        (
            {"community": ["wang", "li"]},
            0,
            [Rise("grid", "community", START, "li", START + 4 * HOUR)],
        ),
        ({"community": ["wang"]}, 0, [Rise("grid", "street", START, None, None)]),
        ({}, 24, [Rise("grid", "street", START, None, None)]),
        # Who stands in from above is handed nothing down.
        (
            {"community": ["head"], "street": ["wang"]},
            24,
            [Rise("grid", "street", START, None, None)],
        ),
    ],
)
def test_steps(holders: dict, hours: int, rises: list[Rise]) -> None:
    assert _climbed(START + hours * HOUR, holders) == rises


def test_a_level_without_a_step_is_the_top() -> None:
    assert _climbed(START, BOTH, "chief", "street") == [Rise("street", "street", START, None, None)]


@given(
    st.lists(
        st.builds(_step, st.sampled_from("abcd"), st.integers(1, 5), st.sampled_from("abcd")),
        max_size=6,
    ),
    st.dictionaries(st.sampled_from("abcd"), st.lists(st.sampled_from("xyz"), max_size=2)),
    st.integers(0, 40),
)
def test_any_timetable_ends_and_no_step_is_taken_early(
    steps: list[EscalationStep], holders: dict, hours: int
) -> None:
    now = START + hours * HOUR
    rises = rising.climb(Ladder(steps, PLAIN.add), "a", "x", START, holders, now)
    assert 1 <= len(rises) <= rising.MOST_STEPS
    owner, due = "x", START
    for rise in rises:
        assert rise.due_at == due <= now
        assert rise.owner != owner
        owner, due = rise.owner or owner, rise.next_at
    assert due is None or due > now
