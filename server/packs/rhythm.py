"""When something is due again (周期): the days and instants that a rhythm names. Pure.

Without `from_day`, days, weeks and months are counted from Monday, 1 January 2001, so that every
third month begins a quarter; working days are counted anew each year.
"""

from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from server.packs.definition import Rhythm
from server.packs.localtime import DAY, exists, instant

IsWorkday = Callable[[date], bool]
ORIGIN = date(2001, 1, 1)
WEEK = timedelta(days=7)
LAST = -1


def occurrences(
    rhythm: Rhythm, after: datetime, upto: datetime, is_workday: IsWorkday, tz: ZoneInfo
) -> list[datetime]:
    """The instants (UTC) in (`after`, `upto`] at which the rhythm is due, in order.

    At most one a day; a day that the zone left out has none. Where the clock is put forward over
    `at` the instant comes so much later, where it is put back it is the first of the two.
    """
    # A clock put forward over midnight moves an instant into the next day.
    first, last = after.astimezone(tz).date() - DAY, upto.astimezone(tz).date()
    days = (day for day in due_days(rhythm, first, last, is_workday) if exists(day, tz))
    instants = (instant(day, rhythm.at, tz) for day in days)
    return [at for at in instants if after < at <= upto]


def due_days(rhythm: Rhythm, first: date, last: date, is_workday: IsWorkday) -> Iterator[date]:
    """The days from `first` to `last`, both included, on which the rhythm is due."""
    first = max(first, rhythm.from_day or first)
    if rhythm.unit == "work_day":
        yield from _work_days(rhythm, first, last, is_workday)
        return
    falls = FALLS[rhythm.unit]
    while first <= last:
        if falls(rhythm, first):
            yield first
        first += DAY


def _work_days(rhythm: Rhythm, first: date, last: date, is_workday: IsWorkday) -> Iterator[date]:
    """Those whose number since counting began is a multiple of `count`."""
    day = first if rhythm.count == 1 else rhythm.from_day or date(first.year, 1, 1)
    passed = 0
    while day <= last:
        if rhythm.from_day is None and (day.month, day.day) == (1, 1):
            passed = 0
        if is_workday(day):
            if day >= first and passed % rhythm.count == 0:
                yield day
            passed += 1
        day += DAY


def _on_day(rhythm: Rhythm, day: date) -> bool:
    return (day - (rhythm.from_day or ORIGIN)).days % rhythm.count == 0


def _in_week(rhythm: Rhythm, day: date) -> bool:
    begin = rhythm.from_day or ORIGIN
    weeks = (_monday(day) - _monday(begin)) // WEEK
    return day.isoweekday() == (rhythm.weekday or begin.isoweekday()) and weeks % rhythm.count == 0


def _in_month(rhythm: Rhythm, day: date) -> bool:
    begin = rhythm.from_day or ORIGIN
    if (_months(day) - _months(begin)) % rhythm.count:
        return False
    if rhythm.nth is not None and rhythm.weekday is not None:
        return day.isoweekday() == rhythm.weekday and _is_nth(day, rhythm.nth)
    return day.day == min(rhythm.day or begin.day, _length(day))


def _is_nth(day: date, nth: int) -> bool:
    """Whether `day` is the `nth` of its weekday in its month."""
    if nth == LAST:
        return day.day + 7 > _length(day)
    return (day.day + 6) // 7 == nth


FALLS: dict[str, Callable[[Rhythm, date], bool]] = {
    "day": _on_day,
    "week": _in_week,
    "month": _in_month,
}


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _months(day: date) -> int:
    return day.year * 12 + day.month


def _length(day: date) -> int:
    return monthrange(day.year, day.month)[1]
