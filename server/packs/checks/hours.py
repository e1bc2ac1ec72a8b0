"""Working hours, seasons and the shift: in order, apart, and long enough for every zone."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time, timedelta
from typing import Any

from server.packs.checks.found import Found
from server.packs.definition import Amount, Pack, Season, Span, Unit
from server.packs.mistakes import Path

A_DAY = 24 * 60
MINUTES = {Unit.MINUTE: 1, Unit.HOUR: 60}
ANY_YEAR = 2001


def calendar(pack: Pack, _data: Mapping[str, Any]) -> Iterator[Found]:
    """Hours of the year and of each season."""
    yield from _in_order(("calendar", "hours"), pack.calendar.hours)
    for index, season in enumerate(pack.calendar.seasons):
        yield from _in_order(("calendar", "seasons", index, "hours"), season.hours)
    yield from _apart(pack.calendar.seasons)


def _in_order(path: Path, hours: Sequence[Span]) -> Iterator[Found]:
    before: Span | None = None
    for index, span in enumerate(hours):
        here = (*path, index)
        if minute(span.begin) >= minute(span.end, ending=True):
            yield Found(here, "hours_reversed", {"value": _said(span)})
        elif before is not None and minute(span.begin) < minute(before.end, ending=True):
            code = "hours_unordered" if span.end <= before.begin else "hours_overlap"
            yield Found(here, code, {"value": _said(span), "other": _said(before)})
        else:
            before = span


def _apart(seasons: Sequence[Season]) -> Iterator[Found]:
    taken: dict[date, int] = {}
    for index, season in enumerate(seasons):
        days = list(_days(season))
        others = {taken[day] for day in days if day in taken}
        if others:
            yield Found(
                ("calendar", "seasons", index), "seasons_overlap", {"other": min(others) + 1}
            )
        taken |= dict.fromkeys(days, index)


def _days(season: Season) -> Iterator[date]:
    """Every day of a season in a year without 02-29, which is never its edge."""
    day, last = date(ANY_YEAR, *season.begin), date(ANY_YEAR, *season.end)
    while True:
        yield day
        if day == last:
            return
        day = (day + timedelta(days=1)).replace(year=ANY_YEAR)


def shift(pack: Pack, _data: Mapping[str, Any]) -> Iterator[Found]:
    """The shift ends after it begins, and so do its emergencies."""
    if pack.shift is None:
        return
    if minute(pack.shift.begin) >= minute(pack.shift.end, ending=True):
        yield Found(("shift", "to"), "shift_reversed")
    for one in pack.shift.emergencies:
        path: Path = ("shift", "emergency", one.code)
        if one.end is not None and minute(one.begin) >= minute(one.end, ending=True):
            yield Found((*path, "to"), "shift_reversed")
        if one.first_report is not None and one.first_report < one.begin:
            values = {"value": _clock(one.first_report), "begin": _clock(one.begin)}
            yield Found((*path, "first_report"), "report_too_early", values)


def zones(pack: Pack, _data: Mapping[str, Any]) -> Iterator[Found]:
    """A zone is walked at least once in a shift."""
    if pack.shift is None:
        return
    length = minute(pack.shift.end, ending=True) - minute(pack.shift.begin)
    for zone in pack.zones:
        every = minutes(zone.every)
        if every is not None and 0 < length < every:
            values = {"every": every, "length": length}
            yield Found(("zones", zone.code, "every"), "zone_longer_than_shift", values)


def minutes(amount: Amount) -> int | None:
    """The amount in minutes; None for units of working time and days."""
    factor = MINUTES.get(amount.unit)
    return None if factor is None else amount.number * factor


def minute(at: time, ending: bool = False) -> int:
    """Minutes since 00:00; as an end, 00:00 is 24:00."""
    passed = at.hour * 60 + at.minute
    return A_DAY if ending and passed == 0 else passed


def _clock(at: time) -> str:
    return at.strftime("%H:%M")


def _said(span: Span) -> str:
    return f"{_clock(span.begin)}-{_clock(span.end)}"
