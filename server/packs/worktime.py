"""Working time (工作时间) and what a limit (时限) runs to in it. Pure.

Days are counted as 民法典 201 and 203 count them: the day on which a limit begins is not one of
them, and it ends when the work of its last day ends. A limit may be extended from where it ended:
midnight sharp is therefore 24:00 of the day before, never the beginning of another day.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from itertools import islice
from typing import NamedTuple
from zoneinfo import ZoneInfo

from server.kernel.problems import Problem
from server.packs.definition import Amount, CalendarRules, Season, Span, Unit
from server.packs.localtime import DAY, day_ending_at, instant, midnight

LOOKED_AHEAD = 800
"""Days in a row without working time after which a calendar is held to have none."""

MIDNIGHT = time()
NONE = timedelta()
TICK = timedelta(microseconds=1)
PLAIN = {Unit.MINUTE: timedelta(minutes=1), Unit.HOUR: timedelta(hours=1)}
OF_WORK = {Unit.WORK_HOUR, Unit.WORK_DAY}


class NoWorkingTime(Problem):
    """The calendar has no working time in the LOOKED_AHEAD days after a day."""

    def __init__(self, after: date) -> None:
        super().__init__("no_working_time", extra={"after": after.isoformat()})


class Stretch(NamedTuple):
    """Working time from one instant to another, both UTC."""

    begin: datetime
    end: datetime


class WorkTime:
    """The working time that `rules` give the days for which `is_workday` is true, in zone `tz`.

    All instants are aware; those given back are in UTC.
    """

    def __init__(
        self, rules: CalendarRules, is_workday: Callable[[date], bool], tz: ZoneInfo
    ) -> None:
        self._rules, self._is_workday, self._tz = rules, is_workday, tz
        self._days: dict[date, tuple[Stretch, ...]] = {}

    def add(self, start: datetime, amount: Amount) -> datetime:
        """When a limit of `amount` that begins at `start` is over; NoWorkingTime.

        Work hours end within working time or on its edge. Work days end with the hours of the last
        day, natural days with its 24:00.
        """
        if amount.number < 1:
            raise ValueError("a limit is at least one of its unit")
        if amount.unit in PLAIN:
            return start + amount.number * PLAIN[amount.unit]
        if amount.unit is Unit.WORK_HOUR:
            return self._walk(start, timedelta(hours=amount.number))
        day = day_ending_at(start, self._tz)
        if amount.unit is Unit.NATURAL_DAY:
            return midnight(day + (amount.number + 1) * DAY, self._tz)
        return self._close(day, amount.number)

    def between(self, start: datetime, end: datetime, unit: Unit) -> timedelta:
        """The working time from `start` to `end` for units of work, for others the plain time.

        Less than nothing if `end` is before `start`.
        """
        if unit not in OF_WORK:
            return end - start
        if end < start:
            return -self.between(end, start, unit)
        return sum((s.end - s.begin for s in self._within(start, end)), NONE)

    def at_share(self, start: datetime, due: datetime, share: Fraction, unit: Unit) -> datetime:
        """When `share` (0 to 1) of the time from `start` to `due` is over.

        Where a limit of work has no working time at all, of the plain time.
        """
        if due <= start or share >= 1:
            return due
        if share <= 0:
            return start
        whole = self.between(start, due, unit)
        if unit in OF_WORK and whole > NONE:
            return min(due, self._walk(start, _part(whole, share)))
        return start + _part(due - start, share)

    def resumed(
        self, due: datetime, suspended: datetime, resumed: datetime, unit: Unit
    ) -> datetime:
        """The new `due` of a limit that stood still from `suspended` to `resumed` (挂账).

        As much is left of it as was; what was over then stays over.
        """
        if suspended >= due or resumed <= suspended:
            return due
        left = self.between(suspended, due, unit)
        return max(due, self._walk(resumed, left) if unit in OF_WORK else resumed + left)

    def is_working(self, at: datetime) -> bool:
        """Whether `at` lies in working time; the end of a stretch no longer does."""
        day = day_ending_at(at, self._tz)
        return any(s.begin <= at < s.end for d in (day, day + DAY) for s in self.stretches(d))

    def stretches(self, day: date) -> tuple[Stretch, ...]:
        """The working time of a local day, in order; none on a day of rest."""
        if day not in self._days:
            self._days[day] = self._of_day(day) if self._is_workday(day) else ()
        return self._days[day]

    def _of_day(self, day: date) -> tuple[Stretch, ...]:
        """A clock put forward may shorten a stretch, or leave nothing of it."""
        found: list[Stretch] = []
        last, over = midnight(day, self._tz), midnight(day + DAY, self._tz)
        for span in _hours_of(self._rules, day):
            begin = max(last, instant(day, span.begin, self._tz))
            end = over if span.end == MIDNIGHT else min(over, instant(day, span.end, self._tz))
            if begin < end:
                found.append(Stretch(begin, end))
                last = end
        return tuple(found)

    def _walk(self, start: datetime, left: timedelta) -> datetime:
        """Where `left` of working time after `start` is used up."""
        for day in self._working_days(day_ending_at(start, self._tz)):
            for stretch in self.stretches(day):
                begin = max(start, stretch.begin)
                if begin <= stretch.end and left <= stretch.end - begin:
                    return begin + left
                left -= max(NONE, stretch.end - begin)
        raise AssertionError("working days never end")

    def _close(self, day: date, number: int) -> datetime:
        """When the hours of the working day that comes as `number` after `day` are over."""
        following = self._working_days(day + DAY)
        last = next(islice(following, number - 1, None))
        return self.stretches(last)[-1].end

    def _working_days(self, first: date) -> Iterator[date]:
        """The days with working time from `first` on, without end."""
        seen, day = first, first
        while day - seen < LOOKED_AHEAD * DAY:
            if self.stretches(day):
                yield day
                seen = day
            day += DAY
        raise NoWorkingTime(seen)

    def _within(self, start: datetime, end: datetime) -> Iterator[Stretch]:
        day, last = day_ending_at(start, self._tz), day_ending_at(end, self._tz)
        while day <= last:
            for stretch in self.stretches(day):
                begin, until = max(start, stretch.begin), min(end, stretch.end)
                if begin < until:
                    yield Stretch(begin, until)
            day += DAY


def _hours_of(rules: CalendarRules, day: date) -> tuple[Span, ...]:
    """The hours of the first season that `day` lies in, else the common ones."""
    return next((s.hours for s in rules.seasons if _in_season(s, day)), rules.hours)


def _in_season(season: Season, day: date) -> bool:
    at = (day.month, day.day)
    if season.begin <= season.end:
        return season.begin <= at <= season.end
    return at >= season.begin or at <= season.end


def _part(whole: timedelta, share: Fraction) -> timedelta:
    return int(whole // TICK * share) * TICK
