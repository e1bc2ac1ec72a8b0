"""Times, flags and numbers of intake."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.items.rules import (
    ExchangeClock,
    add_to_ranges,
    estimate,
    flags_of,
    gaps,
    in_ranges,
    median_offset,
    offset_ms,
    with_offset,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def test_same_boot_counts_back_from_the_receipt() -> None:
    clock = ExchangeClock(NOON, mono=600_000, boot="b", offset_ms=-5)
    assert estimate(NOON - DAY, 0, "b", clock) == (NOON - timedelta(minutes=10), "mono")


@pytest.mark.parametrize(
    ("mono", "boot", "clock", "expected", "how"),
    [
        (1, "other", ExchangeClock(NOON, 5, "b", 2000), NOON + timedelta(seconds=2), "offset"),
        (None, "b", ExchangeClock(NOON, 5, "b", 2000), NOON + timedelta(seconds=2), "offset"),
        (9, "b", ExchangeClock(NOON, 5, "b", 2000), NOON + timedelta(seconds=2), "offset"),
        (1, None, ExchangeClock(NOON, 5, None, None), NOON, "raw"),
        (0, "b", ExchangeClock(NOON, 2**53, "b", None), NOON, "raw"),
    ],
)
def test_other_estimates(
    mono: int, boot: str, clock: ExchangeClock, expected: datetime, how: str
) -> None:
    assert estimate(NOON, mono, boot, clock) == (expected, how)


def test_an_offset_that_leaves_the_calendar_falls_back_to_the_receipt() -> None:
    late = datetime(9999, 12, 31, 23, tzinfo=UTC)
    clock = ExchangeClock(NOON, offset_ms=10**10)
    assert estimate(late, None, None, clock) == (NOON, "raw")


def test_offset_is_server_minus_device_and_the_median_of_five() -> None:
    assert offset_ms(NOON, NOON + timedelta(milliseconds=1200)) == -1200
    assert offset_ms(NOON, None) is None
    offsets: list[int] = []
    for newest in (9, 1, 2, 3, 4, 5):
        offsets = with_offset(offsets, newest)
    assert offsets == [1, 2, 3, 4, 5]
    assert median_offset(offsets) == 3
    assert median_offset([]) is None
    assert with_offset([7], None) == [7]


@pytest.mark.parametrize(
    ("off_s", "ago", "loc", "outside", "flags"),
    [
        (0, timedelta(), None, False, []),
        (120, timedelta(), None, False, []),
        (121, timedelta(), None, False, ["clock"]),
        (-121, timedelta(), None, False, ["clock"]),
        (0, DAY + timedelta(seconds=1), None, False, ["late"]),
        (0, timedelta(), {"mock": True}, True, ["mock_location", "outside_area"]),
    ],
)
def test_flags(off_s: int, ago: timedelta, loc: dict, outside: bool, flags: list[str]) -> None:
    at = NOON - ago
    estimated = at + timedelta(seconds=off_s)
    received = NOON + timedelta(seconds=max(off_s, 0))
    late_after = DAY + timedelta(seconds=max(off_s, 0))
    assert flags_of(at, estimated, received, late_after, loc, outside) == flags


@pytest.mark.parametrize("at", [datetime(1970, 1, 1, tzinfo=UTC), NOON + timedelta(days=1)])
def test_a_time_that_cannot_be_is_flagged_though_nothing_contradicts_it(at: datetime) -> None:
    assert "clock" in flags_of(at, at, NOON, DAY, None, False)


NUMBERS = st.lists(st.integers(1, 60), max_size=40)


@given(NUMBERS, NUMBERS)
def test_ranges_say_exactly_which_numbers_were_seen(first: list[int], then: list[int]) -> None:
    ranges = add_to_ranges(add_to_ranges([], first), then)
    seen = set(first) | set(then)
    assert {n for n in range(1, 70) if in_ranges(ranges, n)} == seen
    missing = {n for low, high in gaps(ranges) for n in range(low, high + 1)}
    assert missing == set(range(1, max(seen, default=0) + 1)) - seen
    assert all(high + 1 < low for (_, high), (low, _) in zip(ranges, ranges[1:], strict=False))
