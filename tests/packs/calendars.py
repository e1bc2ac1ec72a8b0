"""Calendars, hours and a slow reference of working time for the tests of `worktime`."""

from collections.abc import Callable, Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar

from server.packs.definition import CalendarRules, Season, Span, Unit

SHANGHAI = ZoneInfo("Asia/Shanghai")
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def span(text: str) -> Span:
    """`08:30-12:00` as a span of a day; `24:00` is midnight."""
    begin, end = text.split("-")
    return Span(time.fromisoformat(begin), time.fromisoformat(end.replace("24:00", "00:00")))


def hours(*spans: str) -> tuple[Span, ...]:
    return tuple(span(text) for text in spans)


OFFICE = CalendarRules(hours("08:30-12:00", "14:00-17:30"))


def season(begin: tuple[int, int], end: tuple[int, int], *spans: str) -> Season:
    return Season(begin, end, hours(*spans))


def china(day: date) -> bool:
    """Workdays of 2004-2026 as ordered by the State Council; Monday to Friday before and after."""
    known = 2004 <= day.year <= 2026
    return chinese_calendar.is_workday(day) if known else day.weekday() < 5


def local(text: str, tz: ZoneInfo = SHANGHAI, fold: int = 0) -> datetime:
    """A local time as the instant in UTC; `24:00` is midnight after the day."""
    if text.endswith("24:00"):
        return local(text.replace("24:00", "00:00"), tz) + DAY
    return datetime.fromisoformat(text).replace(tzinfo=tz, fold=fold).astimezone(UTC)


def shown(at: datetime, tz: ZoneInfo = SHANGHAI) -> str:
    return at.astimezone(tz).strftime("%Y-%m-%d %H:%M")


class Slow:
    """Working time minute by minute, by what a clock on the wall shows; zones without jumps."""

    def __init__(
        self, rules: CalendarRules, is_workday: Callable[[date], bool], tz: ZoneInfo
    ) -> None:
        self.rules, self.is_workday, self.tz = rules, is_workday, tz
        self.seen: dict[datetime, bool] = {}

    def works(self, minute: datetime) -> bool:
        """Whether the minute that begins then is one of work."""
        if minute not in self.seen:
            self.seen[minute] = self._works(minute)
        return self.seen[minute]

    def _works(self, minute: datetime) -> bool:
        wall = minute.astimezone(self.tz)
        if not self.is_workday(wall.date()):
            return False
        return any(
            s.begin <= wall.time() and (wall.time() < s.end or s.end == time())
            for s in self.hours_on(wall.date())
        )

    def hours_on(self, day: date) -> Collection[Span]:
        for s in self.rules.seasons:
            at = (day.month, day.day)
            inside = at >= s.begin and at <= s.end
            over_new_year = s.begin > s.end and (at >= s.begin or at <= s.end)
            if inside or over_new_year:
                return s.hours
        return self.rules.hours

    def after_hours(self, start: datetime, minutes: int) -> datetime:
        """Where so many minutes of work are over."""
        at = start
        while minutes:
            minutes -= self.works(at)
            at += MINUTE
        return at

    def after_days(self, start: datetime, number: int) -> datetime:
        """The last minute of work of the day that comes as `number` after the day of `start`."""
        at = self.midnight_after(start)
        for _ in range(number):
            while not self.has_work(at):
                at += DAY
            end = self.end_of_work(at)
            at += DAY
        return end

    def midnight_after(self, start: datetime) -> datetime:
        at = start
        while at.astimezone(self.tz).time() != time():
            at += MINUTE
        return at

    def has_work(self, midnight: datetime) -> bool:
        return any(self.works(midnight + n * MINUTE) for n in range(24 * 60))

    def end_of_work(self, midnight: datetime) -> datetime:
        at = midnight + DAY
        while not self.works(at - MINUTE):
            at -= MINUTE
        return at

    def between(self, start: datetime, end: datetime, unit: Unit) -> timedelta:
        minutes = int((end - start) / MINUTE)
        return sum(self.works(start + n * MINUTE) for n in range(minutes)) * MINUTE
