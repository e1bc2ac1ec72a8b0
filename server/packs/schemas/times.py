"""Times that a pack is written in: times of day, stretches, days, periods, zones."""

import re
from datetime import date, time
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from server.packs.definition import Span
from server.packs.schemas.base import Fact, fault, near, short

CLOCK_PATTERN = "^([01]?[0-9]|2[0-3]):[0-5][0-9]$"
SPAN_PATTERN = "^(?!24:)[0-9]{1,2}:[0-9]{2}-[0-9]{1,2}:[0-9]{2}$"
MIDNIGHT = "24:00"
MONTH_DAY_PATTERN = "^[0-9]{2}-[0-9]{2}$"
DATE_PATTERN = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
PERIOD_PATTERN = "^P[1-9][0-9]{0,2}[DWMY]$"


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


class TimeZone(Fact):
    """The name of a time zone."""

    def taken(self, value: Any) -> str:
        known = _zones()
        if not isinstance(value, str) or value not in known:
            quoted = short(value)
            same = sorted(one for one in known if one[:2].lower() == quoted[:2].lower())
            raise fault("zone_time_unknown", value=quoted, near=near(quoted, same))
        return value

    def shape(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^[A-Za-z0-9_+/-]+$"}


class Clock(Fact):
    """A time of day, `07:15`."""

    pattern = CLOCK_PATTERN

    def taken(self, value: Any) -> time:
        if isinstance(value, str) and re.fullmatch(self.pattern, value):
            return clock(value)
        raise fault("midnight_begins" if value == MIDNIGHT else "not_time", value=short(value))

    def shape(self) -> dict[str, Any]:
        return {"type": "string", "pattern": self.pattern}


class EndClock(Clock):
    """A time of day at which something ends; `24:00` is midnight after it, 00:00 in the pack."""

    pattern = f"{CLOCK_PATTERN}|^{MIDNIGHT}$"


def clock(text: str) -> time:
    """`7:15` → 07:15, `24:00` → 00:00; ValueError for what is no time."""
    hour, minute = (int(part) for part in text.split(":"))
    return time(0) if text == MIDNIGHT else time(hour, minute)


class Hours(Fact):
    """A stretch of a day, `08:30-12:00`."""

    def taken(self, value: Any) -> Span:
        try:
            if isinstance(value, str) and value.startswith(f"{MIDNIGHT}-"):
                raise fault("midnight_begins", value=short(value))
            if not isinstance(value, str) or not re.fullmatch(SPAN_PATTERN, value):
                raise ValueError("not a span")
            begin, end = value.split("-")
            return Span(clock(begin), clock(end))
        except ValueError:
            raise fault("not_span", value=short(value)) from None

    def shape(self) -> dict[str, Any]:
        return {"type": "string", "pattern": SPAN_PATTERN}


class MonthDay(Fact):
    """A day of every year, `06-01`."""

    def taken(self, value: Any) -> tuple[int, int]:
        if value == "02-29":
            raise fault("leap_day")
        try:
            if not isinstance(value, str) or not re.fullmatch(MONTH_DAY_PATTERN[1:-1], value):
                raise ValueError("not a day")
            day = date(2001, int(value[:2]), int(value[3:]))
        except ValueError:
            raise fault("not_month_day", value=short(value)) from None
        return day.month, day.day

    def shape(self) -> dict[str, Any]:
        return {"type": "string", "pattern": MONTH_DAY_PATTERN}


class Day(Fact):
    """A date, `2026-01-31`."""

    def taken(self, value: Any) -> date:
        try:
            if not isinstance(value, str) or not re.fullmatch(DATE_PATTERN[1:-1], value):
                raise ValueError("not a date")
            return date.fromisoformat(value)
        except ValueError:
            raise fault("not_date", value=short(value)) from None

    def shape(self) -> dict[str, Any]:
        return {"type": "string", "pattern": DATE_PATTERN}


class Period(Fact):
    """How far apart visits may be: `P1W`, `P3M`."""

    def taken(self, value: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(PERIOD_PATTERN[1:-1], value):
            raise fault("not_period", value=short(value))
        return value

    def shape(self) -> dict[str, Any]:
        return {"type": "string", "pattern": PERIOD_PATTERN}
