"""Working time by tables: what the calendar of China, hours, seasons and zones make of limits."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from server.packs.definition import Amount, CalendarRules, Unit
from server.packs.worktime import NoWorkingTime, WorkTime
from tests.packs.calendars import OFFICE, SHANGHAI, china, hours, local, season, shown

CHINA = WorkTime(OFFICE, china, SHANGHAI)
EVERY_DAY = {1, 2, 3, 4, 5, 6, 7}


def amount(text: str) -> Amount:
    number, unit = text.split()
    return Amount(int(number), Unit(unit))


def daily(*spans: str, tz: str = "Asia/Shanghai", **more: object) -> WorkTime:
    """Working time on every day of the year."""
    return WorkTime(CalendarRules(hours(*spans), **more), lambda day: True, ZoneInfo(tz))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("start", "limit", "due"),
    [
        # The week of the National Day; 10 October is a Saturday on which is worked.
        ("2026-09-30 10:00", "3 work_day", "2026-10-10 17:30"),
        ("2026-09-30 17:30", "1 work_hour", "2026-10-08 09:30"),
        ("2026-10-09 16:30", "2 work_hour", "2026-10-10 09:30"),
        # Each make-up day of 2026 is the next working day of the Friday or Saturday before it.
        ("2026-01-03 12:00", "1 work_day", "2026-01-04 17:30"),
        ("2026-02-13 12:00", "1 work_day", "2026-02-14 17:30"),
        ("2026-02-27 12:00", "1 work_day", "2026-02-28 17:30"),
        ("2026-05-08 12:00", "1 work_day", "2026-05-09 17:30"),
        ("2026-09-18 12:00", "1 work_day", "2026-09-20 17:30"),
        ("2026-10-09 12:00", "1 work_day", "2026-10-10 17:30"),
        # Before hours, at their edges, at lunch, after them, on a day of rest.
        ("2026-11-26 06:00", "1 work_hour", "2026-11-26 09:30"),
        ("2026-11-26 08:30", "3 work_hour", "2026-11-26 11:30"),
        ("2026-11-26 08:30", "7 work_hour", "2026-11-26 17:30"),
        ("2026-11-26 11:30", "1 work_hour", "2026-11-26 14:30"),
        ("2026-11-26 12:00", "1 work_hour", "2026-11-26 15:00"),
        ("2026-11-26 12:45", "1 work_hour", "2026-11-26 15:00"),
        ("2026-11-26 14:00", "1 work_hour", "2026-11-26 15:00"),
        ("2026-11-26 17:30", "1 work_hour", "2026-11-27 09:30"),
        ("2026-11-26 23:59", "8 work_hour", "2026-11-30 09:30"),
        ("2026-11-28 10:00", "4 work_hour", "2026-11-30 14:30"),
        ("2026-11-26 08:30", "35 work_hour", "2026-12-02 17:30"),
        # The day on which it begins does not count, whatever the hour.
        ("2026-11-26 00:01", "1 work_day", "2026-11-27 17:30"),
        ("2026-11-26 23:59", "1 work_day", "2026-11-27 17:30"),
        ("2026-11-27 09:00", "1 work_day", "2026-11-30 17:30"),
        ("2026-11-28 09:00", "1 work_day", "2026-11-30 17:30"),
        ("2026-12-30 09:00", "3 work_day", "2027-01-04 17:30"),
        # Plain time knows no rest.
        ("2026-09-30 23:50", "30 minute", "2026-10-01 00:20"),
        ("2026-09-30 23:50", "48 hour", "2026-10-02 23:50"),
        ("2026-09-30 10:00", "3 natural_day", "2026-10-03 24:00"),
        ("2026-09-30 23:59", "1 natural_day", "2026-10-01 24:00"),
        # The leap day of 2028.
        ("2028-02-28 09:00", "1 natural_day", "2028-02-29 24:00"),
        ("2028-02-28 09:00", "1 work_day", "2028-02-29 17:30"),
        ("2028-02-28 17:00", "1 work_hour", "2028-02-29 09:00"),
        ("2027-02-28 09:00", "1 natural_day", "2027-03-01 24:00"),
    ],
)
def test_limits_in_the_calendar_of_china(start: str, limit: str, due: str) -> None:
    assert CHINA.add(local(start), amount(limit)) == local(due)


@pytest.mark.parametrize(
    ("start", "limit", "due"),
    [
        ("2026-06-30 17:00", "2 work_hour", "2026-07-01 10:00"),
        ("2026-07-01 12:00", "1 work_hour", "2026-07-01 16:00"),
        ("2026-08-31 18:00", "1 work_hour", "2026-09-01 09:30"),
        ("2026-06-30 09:00", "1 work_day", "2026-07-01 18:00"),
        ("2026-08-31 09:00", "1 work_day", "2026-09-01 17:30"),
        ("2026-12-31 16:00", "2 work_hour", "2027-01-01 10:30"),
        ("2026-11-30 17:30", "1 work_hour", "2026-12-01 10:00"),
        ("2026-12-31 09:00", "1 work_day", "2027-01-01 16:30"),
        ("2027-02-28 09:00", "1 work_day", "2027-03-01 17:30"),
    ],
)
def test_seasons_have_their_own_hours(start: str, limit: str, due: str) -> None:
    summer = season((7, 1), (8, 31), "08:30-12:00", "15:00-18:00")
    winter = season((12, 1), (2, 29), "09:00-16:30")
    work = daily("08:30-12:00", "14:00-17:30", seasons=(summer, winter))
    assert shown(work.add(local(start), amount(limit))) == shown(local(due))


def test_of_two_seasons_the_first_holds() -> None:
    may = season((5, 1), (5, 31), "10:00-11:00")
    spring = season((3, 1), (5, 31), "09:00-12:00")
    work = daily("08:00-09:00", seasons=(may, spring))
    assert work.add(local("2026-04-30 12:00"), amount("1 work_day")) == local("2026-05-01 11:00")


@pytest.mark.parametrize(
    ("start", "limit", "due"),
    [
        ("2026-11-26 20:00", "1 work_hour", "2026-11-26 23:00"),
        ("2026-11-26 22:00", "2 work_hour", "2026-11-26 24:00"),
        ("2026-11-26 24:00", "1 work_hour", "2026-11-27 23:00"),
        ("2026-11-26 10:00", "1 work_day", "2026-11-27 24:00"),
        ("2026-11-26 24:00", "1 work_day", "2026-11-27 24:00"),
        ("2026-11-27 00:01", "1 work_day", "2026-11-28 24:00"),
        ("2026-11-26 24:00", "1 natural_day", "2026-11-27 24:00"),
    ],
)
def test_hours_until_midnight(start: str, limit: str, due: str) -> None:
    assert daily("22:00-24:00").add(local(start), amount(limit)) == local(due)


def test_work_round_the_clock() -> None:
    work = daily("00:00-24:00")
    start = local("2026-11-26 20:30")
    assert work.add(start, amount("30 work_hour")) == start + timedelta(hours=30)
    assert work.add(start, amount("1 work_day")) == local("2026-11-27 24:00")
    assert work.is_working(local("2026-11-26 24:00")) and work.is_working(start)


def test_edges_of_working_time() -> None:
    moments = ("08:29", "08:30", "11:59", "12:00", "13:59", "14:00", "17:29", "17:30")
    at_work = [CHINA.is_working(local(f"2026-11-26 {moment}")) for moment in moments]
    assert at_work == [False, True, True, False, False, True, True, False]
    assert not CHINA.is_working(local("2026-10-01 10:00"))
    assert CHINA.is_working(local("2026-10-10 10:00"))
    assert not daily("22:00-24:00").is_working(local("2026-11-26 24:00"))


@pytest.mark.parametrize(
    ("tz", "start", "limit", "due"),
    [
        # China put its clocks forward at 02:00 on 1986-05-04 and back at 02:00 on 1986-09-14.
        ("Asia/Shanghai", "1986-05-03T23:00+08:00", "4 work_hour", "1986-05-04T03:00+08:00"),
        ("Asia/Shanghai", "1986-05-04T01:00+08:00", "1 work_day", "1986-05-06T00:00+09:00"),
        ("Asia/Shanghai", "1986-05-03T12:00+08:00", "1 natural_day", "1986-05-05T00:00+09:00"),
        ("Asia/Shanghai", "1986-09-13T23:00+09:00", "4 work_hour", "1986-09-14T02:00+08:00"),
        ("Asia/Shanghai", "1991-09-14T12:00+09:00", "1 natural_day", "1991-09-16T00:00+08:00"),
        ("Europe/Berlin", "2026-03-29T00:30+01:00", "2 work_hour", "2026-03-29T03:30+02:00"),
        ("Europe/Berlin", "2026-10-25T00:30+02:00", "3 work_hour", "2026-10-25T02:30+01:00"),
        ("America/New_York", "2026-03-07T12:00-05:00", "1 natural_day", "2026-03-09T00:00-04:00"),
        # Beirut goes from 24:00 to 01:00, Samoa left out 30 December 2011.
        ("Asia/Beirut", "2026-03-28T12:00+02:00", "1 work_day", "2026-03-30T00:00+03:00"),
        ("Asia/Beirut", "2026-03-27T12:00+02:00", "1 work_day", "2026-03-29T01:00+03:00"),
        ("Pacific/Apia", "2011-12-29T12:00-10:00", "1 work_day", "2012-01-01T00:00+14:00"),
    ],
)
def test_clocks_put_forward_and_back(tz: str, start: str, limit: str, due: str) -> None:
    work = daily("00:00-24:00", tz=tz)
    at = work.add(datetime.fromisoformat(start), amount(limit))
    assert at == datetime.fromisoformat(due)


def test_hours_that_the_clock_leaps_over_are_not_worked() -> None:
    work = daily("01:00-02:30", "02:45-03:30", tz="Europe/Berlin")
    stretches = [
        (s.begin.isoformat(timespec="minutes"), s.end.isoformat(timespec="minutes"))
        for s in work.stretches(date(2026, 3, 29))
    ]
    assert stretches == [("2026-03-29T00:00+00:00", "2026-03-29T01:30+00:00")]


@pytest.mark.parametrize(
    ("start", "end", "worked"),
    [
        ("2026-11-26 08:30", "2026-11-26 17:30", 7 * 60),
        ("2026-11-26 00:00", "2026-11-26 24:00", 7 * 60),
        ("2026-11-26 11:00", "2026-11-26 14:30", 90),
        ("2026-11-26 12:00", "2026-11-26 14:00", 0),
        ("2026-09-30 17:00", "2026-10-08 09:00", 60),
        ("2026-11-26 10:00", "2026-11-26 10:00", 0),
        ("2026-11-26 10:00", "2026-11-26 09:00", -60),
    ],
)
def test_working_time_between(start: str, end: str, worked: int) -> None:
    found = [CHINA.between(local(start), local(end), unit) for unit in Unit]
    plain = local(end) - local(start)
    work = timedelta(minutes=worked)
    assert found == [plain, plain, work, work, plain]


def test_yellow_comes_in_working_time() -> None:
    start = local("2026-11-26 08:30")
    due = CHINA.add(start, amount("10 work_hour"))
    assert shown(due) == "2026-11-27 11:30"
    yellow = CHINA.at_share(start, due, Fraction(7, 10), Unit.WORK_HOUR)
    assert shown(yellow) == "2026-11-26 17:30"
    plain = CHINA.at_share(start, due, Fraction(7, 10), Unit.HOUR)
    assert shown(plain) == "2026-11-27 03:24"


def test_a_share_of_a_limit_without_working_time_is_one_of_plain_time() -> None:
    start, due = local("2026-11-26 20:00"), local("2026-11-26 22:00")
    assert CHINA.at_share(start, due, Fraction(1, 2), Unit.WORK_DAY) == local("2026-11-26 21:00")


def test_a_share_of_a_limit_that_is_over_is_its_end() -> None:
    due = local("2026-11-26 10:00")
    assert CHINA.at_share(due + timedelta(hours=1), due, Fraction(0), Unit.HOUR) == due


@pytest.mark.parametrize(
    ("unit", "due", "suspended", "resumed", "new"),
    [
        ("work_hour", "11-26 16:00", "11-26 10:00", "11-26 11:00", "11-26 17:00"),
        ("work_hour", "11-26 16:00", "11-26 10:00", "11-27 10:00", "11-27 16:00"),
        ("work_day", "11-27 17:30", "11-26 17:00", "11-28 12:00", "12-01 09:00"),
        ("work_day", "11-27 17:30", "11-26 20:00", "11-27 08:00", "11-27 17:30"),
        ("natural_day", "11-27 24:00", "11-26 10:00", "11-27 12:00", "11-29 02:00"),
        ("hour", "11-26 16:00", "11-26 10:00", "11-27 10:00", "11-27 16:00"),
        ("hour", "11-26 16:00", "11-26 16:00", "11-27 10:00", "11-26 16:00"),
        ("hour", "11-26 16:00", "11-26 11:00", "11-26 10:00", "11-26 16:00"),
        ("work_hour", "11-26 22:00", "11-26 09:00", "11-26 09:30", "11-27 09:00"),
        ("work_day", "11-28 22:00", "11-27 09:00", "11-27 07:00", "11-28 22:00"),
    ],
)
def test_a_limit_that_stood_still(
    unit: str, due: str, suspended: str, resumed: str, new: str
) -> None:
    was, stood, went = (local(f"2026-{text}") for text in (due, suspended, resumed))
    assert CHINA.resumed(was, stood, went, Unit(unit)) == local(f"2026-{new}")


@pytest.mark.parametrize("limit", ["1 work_day", "1 work_hour"])
@pytest.mark.parametrize(
    "work",
    [
        WorkTime(OFFICE, lambda day: False, SHANGHAI),
        WorkTime(CalendarRules(()), lambda day: True, SHANGHAI),
        WorkTime(OFFICE, lambda day: day < date(2026, 11, 26), SHANGHAI),
    ],
)
def test_a_calendar_without_working_time_is_an_error(work: WorkTime, limit: str) -> None:
    with pytest.raises(NoWorkingTime) as told:
        work.add(local("2026-11-26 10:00"), amount(limit))
    assert told.value.code == "no_working_time"
    assert told.value.extra["after"] in ("2026-11-25", "2026-11-26", "2026-11-27")


def test_a_calendar_without_working_time_has_plain_limits() -> None:
    work = WorkTime(OFFICE, lambda day: False, SHANGHAI)
    start = datetime(2026, 11, 26, 2, tzinfo=UTC)
    assert work.add(start, amount("2 hour")) == start + timedelta(hours=2)
    assert work.between(start, start + timedelta(days=9), Unit.WORK_DAY) == timedelta()


def test_a_working_day_without_hours_counts_as_none() -> None:
    closed = season((11, 27), (11, 29))
    work = daily("09:00-17:00", seasons=(closed,))
    assert shown(work.add(local("2026-11-26 10:00"), amount("1 work_day"))) == "2026-11-30 17:00"


@pytest.mark.parametrize("unit", list(Unit))
@pytest.mark.parametrize("number", [0, -1])
def test_a_limit_is_at_least_one(number: int, unit: Unit) -> None:
    with pytest.raises(ValueError, match="at least one"):
        CHINA.add(local("2026-11-26 10:00"), Amount(number, unit))
