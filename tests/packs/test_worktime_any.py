"""Working time in any calendar: laws of the clock, and a reference that goes minute by minute."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.packs.definition import Amount, CalendarRules, Season, Span, Unit
from server.packs.worktime import OF_WORK, WorkTime
from tests.packs.calendars import Slow

WORK_UNITS = st.sampled_from([Unit.WORK_HOUR, Unit.WORK_DAY])
UNITS = st.sampled_from(list(Unit))
MOMENTS = st.datetimes(datetime(2025, 12, 1), datetime(2026, 3, 31), timezones=st.just(UTC))
NUMBERS = st.integers(1, 30)
SHARES = st.fractions(0, 1, max_denominator=50)
STEADY = [ZoneInfo(name) for name in ("Asia/Shanghai", "Asia/Kathmandu", "UTC", "Asia/Tokyo")]
ZONES = [
    *STEADY,
    *(ZoneInfo(name) for name in ("Europe/Berlin", "America/St_Johns", "Asia/Beirut")),
    *(ZoneInfo(name) for name in ("America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Apia")),
]
WILD = st.datetimes(datetime(1986, 1, 1), datetime(2012, 12, 31), timezones=st.just(UTC))


def minutes_of(spans: list[tuple[int, int]]) -> tuple[Span, ...]:
    return tuple(Span(_time(begin), _time(end)) for begin, end in spans)


def _time(minute: int) -> time:
    return time(minute // 60 % 24, minute % 60)


@st.composite
def day_hours(draw: st.DrawFn) -> tuple[Span, ...]:
    """One to three spans of a day that do not touch the wrong way round."""
    edges = draw(st.sets(st.integers(0, 24 * 60), min_size=2, max_size=6))
    ordered = sorted(edges)[: len(edges) // 2 * 2]
    return minutes_of(list(zip(ordered[::2], ordered[1::2], strict=True)))


@st.composite
def rules(draw: st.DrawFn) -> CalendarRules:
    day = st.tuples(st.integers(1, 12), st.integers(1, 29))
    seasons = st.lists(st.builds(Season, day, day, day_hours()), max_size=2)
    return CalendarRules(draw(day_hours()), tuple(draw(seasons)))


@st.composite
def workdays(draw: st.DrawFn) -> Callable[[date], bool]:
    """Some weekdays, with days on which it is otherwise."""
    weekdays = draw(st.sets(st.integers(0, 6), min_size=1))
    days = st.dates(date(2025, 12, 1), date(2026, 5, 1))
    otherwise = draw(st.sets(days, max_size=10))
    return lambda day: (day.weekday() in weekdays) != (day in otherwise)


@st.composite
def worktimes(draw: st.DrawFn, zones: list[ZoneInfo] = ZONES) -> WorkTime:
    return WorkTime(draw(rules()), draw(workdays()), draw(st.sampled_from(zones)))


@given(worktimes(), MOMENTS | WILD, NUMBERS, st.timedeltas(timedelta(0), timedelta(days=9)), UNITS)
def test_who_begins_later_ends_no_earlier(
    work: WorkTime, start: datetime, number: int, later: timedelta, unit: Unit
) -> None:
    limit = Amount(number, unit)
    assert work.add(start, limit) <= work.add(start + later, limit)


@given(worktimes(), MOMENTS | WILD, NUMBERS, NUMBERS, UNITS)
def test_who_gets_more_ends_later(
    work: WorkTime, start: datetime, number: int, more: int, unit: Unit
) -> None:
    first = work.add(start, Amount(number, unit))
    assert start <= first < work.add(start, Amount(number + more, unit))


@given(worktimes(), MOMENTS | WILD, NUMBERS, NUMBERS, UNITS)
def test_a_limit_extended_is_one_longer_limit(
    work: WorkTime, start: datetime, first: int, then: int, unit: Unit
) -> None:
    extended = work.add(work.add(start, Amount(first, unit)), Amount(then, unit))
    assert extended == work.add(start, Amount(first + then, unit))


@given(worktimes(), MOMENTS | WILD, NUMBERS, WORK_UNITS)
def test_limits_of_work_end_in_working_time(
    work: WorkTime, start: datetime, number: int, unit: Unit
) -> None:
    due = work.add(start, Amount(number, unit))
    just_before = due - timedelta(microseconds=1)
    assert work.is_working(just_before)


@given(worktimes(), MOMENTS | WILD, NUMBERS)
def test_so_many_hours_of_work_lie_between(work: WorkTime, start: datetime, number: int) -> None:
    due = work.add(start, Amount(number, Unit.WORK_HOUR))
    assert work.between(start, due, Unit.WORK_HOUR) == timedelta(hours=number)


@settings(max_examples=200, deadline=None)
@given(rules(), workdays(), st.sampled_from(STEADY), st.data())
def test_it_is_as_the_slow_clock_says(
    given_: CalendarRules, is_workday: Callable[[date], bool], tz: ZoneInfo, data: st.DataObject
) -> None:
    """Two limits in each of many calendars, in hours and in days."""
    work, slow = WorkTime(given_, is_workday, tz), Slow(given_, is_workday, tz)
    for _ in range(2):
        start = data.draw(MOMENTS).replace(second=0, microsecond=0)
        number = data.draw(st.integers(1, 3))
        hours = work.add(start, Amount(number, Unit.WORK_HOUR))
        days = work.add(start, Amount(number, Unit.WORK_DAY))
        if hours - start < timedelta(days=9):
            assert hours == slow.after_hours(start, number * 60)
            assert work.between(start, hours, Unit.WORK_DAY) == timedelta(hours=number)
        if days - start < timedelta(days=5):
            assert days == slow.after_days(start, number)
            assert work.between(start, days, Unit.WORK_HOUR) == slow.between(
                start, days, Unit.WORK_HOUR
            )
        assert work.is_working(start) == slow.works(start)


@given(worktimes(), MOMENTS | WILD, NUMBERS, UNITS, SHARES, SHARES)
def test_shares_go_from_the_beginning_to_the_end(
    work: WorkTime, start: datetime, number: int, unit: Unit, one: Fraction, other: Fraction
) -> None:
    due = work.add(start, Amount(number, unit))
    assert work.at_share(start, due, Fraction(0), unit) == start
    assert work.at_share(start, due, Fraction(1), unit) == due
    less, more = sorted((one, other))
    first, then = (work.at_share(start, due, share, unit) for share in (less, more))
    assert start <= first <= then <= due


@given(worktimes(), MOMENTS, NUMBERS, UNITS, SHARES, st.timedeltas(timedelta(0), timedelta(days=9)))
def test_what_was_left_is_left_after_standing_still(
    work: WorkTime, start: datetime, number: int, unit: Unit, share: Fraction, still: timedelta
) -> None:
    due = work.add(start, Amount(number, unit))
    suspended = work.at_share(start, due, share, unit)
    new = work.resumed(due, suspended, suspended + still, unit)
    assert new >= due
    if suspended < due:
        left = work.between(suspended, due, unit)
        assert work.between(suspended + still, new, unit) == left
        assert unit not in OF_WORK or work.is_working(new - timedelta(microseconds=1))


@pytest.mark.parametrize("tz", ZONES, ids=str)
@given(day=st.dates(date(1986, 1, 1), date(2030, 12, 31)), hours=day_hours())
def test_stretches_of_a_day_are_in_order_and_within_it(
    tz: ZoneInfo, day: date, hours: tuple[Span, ...]
) -> None:
    work = WorkTime(CalendarRules(hours), lambda day: True, tz)
    edges = [edge for d in (day, day + timedelta(days=1)) for s in work.stretches(d) for edge in s]
    assert edges == sorted(edges)
