"""What holds where and when, kept in memory between requests.

The key are two stamps: that of packs and days, and that of areas, which a pack is found by. Stamps
are random, so that two databases never share one. Without them nothing is kept.
"""

from datetime import date, datetime
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.grid.models import AreaStamp
from server.kernel.prepared import Prepared
from server.packs.definition import CalendarRules, Pack
from server.packs.worktime import WorkTime
from server.regime import library, queries, rules
from server.regime.models import RegimeStamp
from server.regime.rules import Day, Term, Terms


class Books:
    """The terms of packs and the days of the calendar, as they stood at one stamp.

    `packs` are those that were asked for, by ref.
    """

    def __init__(self, terms: Terms, days: dict[date, Day]) -> None:
        self.terms, self._days = terms, days
        self.packs: dict[str, Pack] = {}
        self._worktimes: dict[tuple[CalendarRules, str], WorkTime] = {}

    def day(self, day: date) -> Day:
        """What a day is."""
        known = self._days.get(day)
        return known or rules.day_of(day, library.workday(day), library.name(day))

    def is_workday(self, day: date, weekdays: frozenset[int] = rules.WEEK) -> bool:
        """Whether a day is worked; where nothing is known yet, by its weekday."""
        found = self._days.get(day) or rules.day_of(day, library.workday(day))
        if found.source == rules.PROVISIONAL:
            return day.isoweekday() in weekdays
        return found.working

    def worktime(self, calendar: CalendarRules, timezone: str) -> WorkTime:
        """Working time by the hours of a pack, in its time zone."""
        key = (calendar, timezone)
        if key not in self._worktimes:
            weekdays = calendar.weekdays
            self._worktimes[key] = WorkTime(
                calendar, lambda day: self.is_workday(day, weekdays), ZoneInfo(timezone)
            )
        return self._worktimes[key]

    def ref(self, area: str | None, day: date) -> str | None:
        """How records name the pack in force."""
        term = self.term(area, day)
        return term and term.ref

    def term(self, area: str | None, day: date) -> Term | None:
        """The term in force."""
        return self.terms.at(area, day) if self.terms else None


class Stamps(NamedTuple):
    """What the books are known by; None before the first change."""

    regime: str | None
    areas: str | None


_stamp, _areas = RegimeStamp.__table__.c, AreaStamp.__table__.c
_STAMPS = Prepared(
    select(
        select(_stamp.stamp).scalar_subquery().label("regime"),
        select(_areas.stamp).scalar_subquery().label("areas"),
    )
)
_kept: tuple[Stamps, Books] | None = None


def books(session: Session) -> Books:
    """What holds now; one tiny query unless something changed."""
    global _kept
    row = _STAMPS.first(session)
    if row.regime is None:
        return Books(Terms((), {}), {})
    stamps = Stamps(row.regime, row.areas)
    if stamps.areas is None:
        return _load(session)
    kept = _kept
    if kept is None or kept[0] != stamps:
        kept = _kept = (stamps, _load(session))
    return kept[1]


def _load(session: Session) -> Books:
    terms = Terms(queries.terms(session), queries.areas_above(session))
    return Books(terms, queries.days(session))


class Refs:
    """The pack in force where and when something was captured; read once, if anybody asks."""

    def __init__(self, session: Session, timezone: str) -> None:
        self._session, self._zone = session, ZoneInfo(timezone)

    @cached_property
    def _books(self) -> Books:
        return books(self._session)

    def at(self, area: str | None, moment: datetime) -> str | None:
        """How a record of that moment in `area` names its pack; None where none holds."""
        if not self._books.terms:
            return None
        try:
            return self._books.ref(area, moment.astimezone(self._zone).date())
        except OverflowError:  # a phone that believes it is the end of the year 9999
            return None
