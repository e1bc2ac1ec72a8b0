"""When a plan is due again: tables, and laws of any rhythm."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.packs.definition import Rhythm
from server.packs.rhythm import due_days, occurrences
from tests.packs.calendars import DAY, SHANGHAI, china, local, shown

BERLIN = ZoneInfo("Europe/Berlin")


def days(rhythm: Rhythm, first: str, last: str) -> list[str]:
    """The days from `first` to `last` on which it is due, as month-day, in China."""
    found = due_days(rhythm, date.fromisoformat(first), date.fromisoformat(last), china)
    return [day.isoformat()[5:] for day in found]


@pytest.mark.parametrize(
    ("rhythm", "first", "last", "due"),
    [
        # Every working day: 10 October is a Saturday on which is worked.
        (Rhythm("work_day"), "2026-09-29", "2026-10-11", "09-29 09-30 10-08 10-09 10-10"),
        (Rhythm("work_day", 3, from_day=date(2026, 9, 29)), "2026-09-30", "2026-10-12", "10-09"),
        (Rhythm("work_day", 2), "2025-12-30", "2026-01-09", "12-30 01-04 01-06 01-08"),
        (Rhythm("day"), "2026-12-30", "2027-01-02", "12-30 12-31 01-01 01-02"),
        (
            Rhythm("day", 3, from_day=date(2026, 11, 5)),
            "2026-11-01",
            "2026-11-12",
            "11-05 11-08 11-11",
        ),
        (Rhythm("week", weekday=5), "2026-11-01", "2026-11-30", "11-06 11-13 11-20 11-27"),
        (Rhythm("week"), "2026-11-01", "2026-11-15", "11-02 11-09"),
        (
            Rhythm("week", 2, weekday=5, from_day=date(2026, 11, 11)),
            *("2026-11-01", "2026-12-15", "11-13 11-27 12-11"),
        ),
        (
            Rhythm("week", 2, weekday=1, from_day=date(2026, 11, 11)),
            *("2026-11-01", "2026-12-15", "11-23 12-07"),
        ),
        (
            Rhythm("week", from_day=date(2026, 11, 11)),
            "2026-11-01",
            "2026-11-30",
            "11-11 11-18 11-25",
        ),
        (Rhythm("month", day=25), "2026-11-01", "2027-02-01", "11-25 12-25 01-25"),
        (Rhythm("month"), "2026-11-02", "2027-01-31", "12-01 01-01"),
        (
            Rhythm("month", day=31),
            *("2027-12-31", "2028-06-30", "12-31 01-31 02-29 03-31 04-30 05-31 06-30"),
        ),
        (Rhythm("month", day=30), "2027-01-01", "2027-03-31", "01-30 02-28 03-30"),
        # The first Monday of the month, the last Friday, a fifth Thursday that few months have.
        (Rhythm("month", weekday=1, nth=1), "2026-11-01", "2027-02-28", "11-02 12-07 01-04 02-01"),
        (Rhythm("month", weekday=5, nth=-1), "2026-11-01", "2027-02-28", "11-27 12-25 01-29 02-26"),
        (Rhythm("month", weekday=4, nth=5), "2026-11-01", "2027-04-30", "12-31 04-29"),
        (
            Rhythm("month", 3, day=25, from_day=date(2026, 2, 1)),
            *("2026-01-01", "2026-12-31", "02-25 05-25 08-25 11-25"),
        ),
        (
            Rhythm("month", 3, from_day=date(2026, 8, 31)),
            *("2026-01-01", "2027-05-31", "08-31 11-30 02-28 05-31"),
        ),
        (
            Rhythm("month", 3, day=25, from_day=date(2026, 2, 26)),
            "2026-01-01",
            "2026-06-30",
            "05-25",
        ),
        (Rhythm("month", 3), "2026-02-01", "2026-12-31", "04-01 07-01 10-01"),
        (Rhythm("month", 12, day=1), "2026-02-01", "2028-12-31", "01-01 01-01"),
    ],
)
def test_due_days(rhythm: Rhythm, first: str, last: str, due: str) -> None:
    assert " ".join(days(rhythm, first, last)) == due


@pytest.mark.parametrize(
    ("after", "upto", "due"),
    [
        ("2026-11-26 07:59", "2026-11-26 08:00", ["2026-11-26 08:00"]),
        ("2026-11-26 08:00", "2026-11-27 07:59", []),
        ("2026-11-26 08:00", "2026-11-27 08:00", ["2026-11-27 08:00"]),
        ("2026-11-26 09:00", "2026-11-26 08:00", []),
    ],
)
def test_the_beginning_of_an_interval_is_not_in_it(after: str, upto: str, due: list[str]) -> None:
    found = occurrences(Rhythm("day"), local(after), local(upto), china, SHANGHAI)
    assert [shown(at) for at in found] == due


def test_midnight_is_the_beginning_of_its_day() -> None:
    weekly = Rhythm("week", weekday=5, at=time(0))
    found = occurrences(
        weekly, local("2026-11-26 12:00"), local("2026-12-04 00:00"), china, SHANGHAI
    )
    assert [shown(at) for at in found] == ["2026-11-27 00:00", "2026-12-04 00:00"]


@pytest.mark.parametrize(
    ("tz", "at", "around", "due"),
    [
        ("Europe/Berlin", time(2, 30), date(2026, 3, 29), "2026-03-29T01:30+00:00"),
        ("Europe/Berlin", time(2, 30), date(2026, 10, 25), "2026-10-25T00:30+00:00"),
        ("Europe/Berlin", time(8), date(2026, 3, 29), "2026-03-29T06:00+00:00"),
        ("Asia/Shanghai", time(8), date(1986, 5, 4), "1986-05-03T23:00+00:00"),
        ("Asia/Shanghai", time(8), date(1986, 9, 14), "1986-09-14T00:00+00:00"),
        ("Asia/Beirut", time(0, 30), date(2026, 3, 29), "2026-03-28T22:30+00:00"),
        ("Pacific/Apia", time(8), date(2011, 12, 30), None),
    ],
)
def test_days_on_which_the_clock_leaps(tz: str, at: time, around: date, due: str | None) -> None:
    zone = ZoneInfo(tz)
    begin = datetime.combine(around - DAY, time(23, 59), zone).astimezone(UTC)
    end = datetime.combine(around + DAY, time(0), zone).astimezone(UTC) - timedelta(microseconds=1)
    found = occurrences(Rhythm("day", at=at), begin, end, china, zone)
    assert found == ([datetime.fromisoformat(due)] if due else [])


ZONES = st.sampled_from(
    [SHANGHAI, BERLIN, *map(ZoneInfo, ("Pacific/Apia", "America/St_Johns", "Asia/Beirut"))]
)
MOMENTS = st.datetimes(datetime(1986, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


@st.composite
def rhythms(draw: st.DrawFn) -> Rhythm:
    unit = draw(st.sampled_from(["work_day", "day", "week", "month"]))
    weekday = draw(st.none() | st.integers(1, 7))
    nth = draw(st.none() | st.sampled_from([1, 2, 3, 4, 5, -1])) if weekday else None
    return Rhythm(
        unit,
        count=draw(st.integers(1, 5)),
        weekday=weekday,
        day=draw(st.none() | st.integers(1, 31)),
        nth=nth,
        at=time(draw(st.integers(0, 23)), draw(st.integers(0, 59))),  # as packs write it: no fold
        from_day=draw(st.none() | st.dates(date(1985, 1, 1), date(2030, 1, 1))),
    )


def asked(rhythm: Rhythm, begin: datetime, end: datetime, tz: ZoneInfo) -> list[datetime]:
    return occurrences(rhythm, begin, end, lambda day: day.weekday() < 5, tz)


SPANS = st.timedeltas(timedelta(0), timedelta(days=100))


@given(rhythms(), MOMENTS, SPANS, SPANS, ZONES)
def test_two_intervals_give_what_both_together_give(
    rhythm: Rhythm, begin: datetime, first: timedelta, then: timedelta, tz: ZoneInfo
) -> None:
    middle, end = begin + first, begin + first + then
    parts = asked(rhythm, begin, middle, tz) + asked(rhythm, middle, end, tz)
    assert parts == asked(rhythm, begin, end, tz)


@given(rhythms(), MOMENTS, SPANS, ZONES)
def test_nothing_is_due_twice_nor_outside(
    rhythm: Rhythm, begin: datetime, span: timedelta, tz: ZoneInfo
) -> None:
    found = asked(rhythm, begin, begin + span, tz)
    assert found == sorted(set(found))
    assert all(begin < at <= begin + span for at in found)


@given(rhythms(), MOMENTS, ZONES)
def test_it_is_due_at_its_hour_unless_the_clock_leapt(
    rhythm: Rhythm, begin: datetime, tz: ZoneInfo
) -> None:
    for at in asked(rhythm, begin, begin + timedelta(days=100), tz):
        wall = at.astimezone(tz)
        late = datetime.combine(date(2000, 1, 1), wall.time()) - datetime.combine(
            date(2000, 1, 1), rhythm.at
        )
        # Newfoundland leapt two hours in 1988.
        assert late % DAY in (timedelta(0), *(timedelta(minutes=m) for m in (30, 60, 120)))


@given(rhythms(), st.dates(date(1990, 1, 1), date(2030, 1, 1)))
def test_every_so_many_means_so_many(rhythm: Rhythm, first: date) -> None:
    found = list(due_days(rhythm, first, first + 400 * DAY, lambda day: day.weekday() < 5))
    least: dict[str, Any] = {"work_day": 1, "day": 1, "week": 7, "month": 22}
    gaps = [(then - one).days for one, then in zip(found, found[1:], strict=False)]
    at_least = 1 if rhythm.unit == "work_day" else least[rhythm.unit] * rhythm.count
    assert all(gap >= at_least for gap in gaps)
