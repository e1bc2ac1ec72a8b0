"""The calendar of working days: what the library knows, what is ordered here (调休、停工)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from server.kernel import audit, events
from server.kernel.database import insert
from server.regime import library, queries, rules
from server.regime.models import CalendarDay
from server.regime.rules import Day
from server.regime.service import stamp

YEARS_AHEAD = 2
"""So many years after this one are written down, provisional where nothing is known yet."""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """How many days were written down, and the first on which limits may end otherwise."""

    written: int
    first: date | None = None


def set_day(session: Session, actor: str, today: date, day: date, working: bool, note: str) -> Day:
    """Order by hand that a day is worked, or is not: a make-up day, a typhoon. `day_beyond`."""
    rules.check_ordered(day, today)
    stamp.renew(session)
    before, after = _now(session, day), Day(working, rules.ADMIN, note)
    _put(session, {day: after})
    audit.note(session, actor, "calendar.set", day.isoformat(), working=working)
    _tell(session, {day: before}, {day: after})
    return after


def unset_day(session: Session, actor: str, day: date) -> Day:
    """Take an order back; the day is what the library says. One that was not ordered stays."""
    stamp.renew(session)
    before, after = _now(session, day), _known(day)
    if before.source != rules.ADMIN:
        return before
    _put(session, {day: after})
    audit.note(session, actor, "calendar.unset", day.isoformat())
    _tell(session, {day: before}, {day: after})
    return after


def refresh(session: Session, today: date) -> Refreshed:
    """Write down what the installed library knows by now; orders stay."""
    if not _news(queries.days(session), today):
        return Refreshed(0)
    stamp.renew(session)
    before = queries.days(session)
    after = _news(before, today)
    if not after:
        return Refreshed(0)
    _put(session, after)
    return Refreshed(len(after), _tell(session, before, after))


def _news(written: Mapping[date, Day], today: date) -> dict[date, Day]:
    """The days that are not written down as they are known now."""
    ordered = {day for day, found in written.items() if found.source == rules.ADMIN}
    known = {day: _known(day) for day in _span(today) if day not in ordered}
    return {day: found for day, found in known.items() if written.get(day) != found}


def _now(session: Session, day: date) -> Day:
    """Not from the books: they would be kept under the new stamp as they were before it."""
    row = session.get(CalendarDay, day, populate_existing=True)
    return Day(row.working, row.source, row.note) if row else _known(day)


def _known(day: date) -> Day:
    return rules.day_of(day, library.workday(day), library.name(day))


def _span(today: date) -> Iterator[date]:
    day = date(min(library.first_year(), today.year), 1, 1)
    while day.year <= today.year + YEARS_AHEAD:
        yield day
        day += timedelta(days=1)


def _put(session: Session, days: Mapping[date, Day]) -> None:
    statement = insert(session, CalendarDay)
    renewed = {name: statement.excluded[name] for name in Day._fields}
    rows = [{"day": day} | found._asdict() for day, found in days.items()]
    session.execute(statement.on_conflict_do_update(index_elements=["day"], set_=renewed), rows)


def _tell(session: Session, before: Mapping[date, Day], after: Mapping[date, Day]) -> date | None:
    """Tell of the first day that moves limits, and give it; one new in the table moves none."""
    moved = [day for day in after if day in before and rules.moves_limits(before[day], after[day])]
    if not moved:
        return None
    events.tell(session, events.CALENDAR_CHANGED, min(moved))
    return min(moved)
