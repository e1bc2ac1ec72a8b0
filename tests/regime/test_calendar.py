"""The calendar: what the library knows, orders, and a newer library."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import chinese_calendar
import pytest
from flask import Flask

from server.kernel import events
from server.kernel.audit import AuditEntry
from server.kernel.database import reading, writing
from server.packs.definition import CalendarRules
from server.regime import library, rules, service
from server.regime.books import books
from server.regime.models import CalendarDay
from server.regime.rules import Day
from server.regime.service.calendar import Refreshed
from tests.regime.conftest import DAY

NEW_YEAR = date(2027, 1, 1)
SATURDAY, MONDAY = date(2027, 2, 6), date(2027, 2, 8)
Told = list[date]


@pytest.fixture
def told(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Told:
    """The days of which a change was told."""
    heard: Told = []
    listeners: dict[str, list[Any]] = {name: [] for name in events.EVENTS}
    listeners[events.CALENDAR_CHANGED].append(lambda session, day: heard.append(day))
    monkeypatch.setattr(events, "_listeners", listeners)
    return heard


def refresh() -> Refreshed:
    with writing() as session:
        return service.refresh(session, DAY)


def order(day: date, working: bool, note: str = "") -> Day:
    with writing() as session:
        return service.set_day(session, "cli", DAY, day, working, note)


def take_back(day: date) -> Day:
    with writing() as session:
        return service.unset_day(session, "cli", day)


def shown(day: date) -> Day:
    with reading() as session:
        return books(session).day(day)


def works(day: date) -> bool:
    with reading() as session:
        return service.workdays(session)(day)


@pytest.fixture
def newer_library(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Install a library that knows 2027: 1 January is rest, Saturday 6 February is worked."""

    def install() -> None:
        older = library.workday

        def workday(day: date) -> bool | None:
            if day.year != 2027:
                return older(day)
            return day == SATURDAY or (day.weekday() < 5 and day != NEW_YEAR)

        monkeypatch.setattr(library, "workday", workday)

    return install


def days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)


@pytest.mark.parametrize("written", [False, True])
def test_it_is_as_the_library_says_day_by_day(app: Flask, written: bool) -> None:
    if written:
        assert refresh().written == len(list(days(date(2004, 1, 1), date(2028, 12, 31))))
    with reading() as session:
        is_workday, held = service.workdays(session), books(session)
        for day in days(date(2004, 1, 1), date(2026, 12, 31)):
            assert is_workday(day) == chinese_calendar.is_workday(day)
            assert held.day(day).source == rules.LIBRARY
    assert shown(date(2026, 10, 10)) == Day(True, rules.LIBRARY, "国庆节")
    assert shown(date(2026, 10, 1)) == Day(False, rules.LIBRARY, "国庆节")


@pytest.mark.parametrize("written", [False, True])
def test_years_without_data_are_provisional(app: Flask, written: bool) -> None:
    if written:
        refresh()
    assert shown(NEW_YEAR) == Day(True, rules.PROVISIONAL)
    assert shown(SATURDAY) == Day(False, rules.PROVISIONAL)
    assert shown(date(1999, 5, 3)).source == rules.PROVISIONAL


def test_provisional_days_go_by_the_weekdays_of_the_pack(app: Flask) -> None:
    six = CalendarRules(rules.OFFICE.hours, weekdays=frozenset({1, 2, 3, 4, 5, 6}))
    with reading() as session:
        work = books(session).worktime(six, "Asia/Shanghai")
        assert work.stretches(SATURDAY)
        assert not work.stretches(date(2026, 11, 28))
        assert not service.worktime(session, None).stretches(SATURDAY)


def test_the_first_refresh_moves_no_limit_and_the_second_writes_nothing(told: Told) -> None:
    assert refresh().first is None
    assert refresh() == Refreshed(0)
    assert told == []


def test_a_newer_library_fills_in_what_was_provisional(
    told: Told, newer_library: Callable[[], None]
) -> None:
    refresh()
    newer_library()
    assert not works(SATURDAY)
    assert refresh() == Refreshed(365, NEW_YEAR)
    assert told == [NEW_YEAR]
    assert shown(NEW_YEAR).working is False
    assert shown(SATURDAY) == Day(True, rules.LIBRARY)
    assert shown(date(2028, 1, 3)).source == rules.PROVISIONAL
    assert refresh() == Refreshed(0)


def test_orders_stand_when_the_library_grows(told: Told, newer_library: Callable[[], None]) -> None:
    refresh()
    order(SATURDAY, False, "台风")
    newer_library()
    refresh()
    assert shown(SATURDAY) == Day(False, rules.ADMIN, "台风")
    assert take_back(SATURDAY) == Day(True, rules.LIBRARY)
    assert told == [SATURDAY, NEW_YEAR, SATURDAY]


@pytest.mark.parametrize("written", [False, True])
def test_an_order_holds_until_it_is_taken_back(told: Told, written: bool) -> None:
    if written:
        refresh()
    assert order(SATURDAY, True, "调休") == Day(True, rules.ADMIN, "调休")
    assert (works(SATURDAY), works(MONDAY)) == (True, True)
    assert order(MONDAY, False, "台风停工") == Day(False, rules.ADMIN, "台风停工")
    assert not works(MONDAY)
    assert take_back(MONDAY) == Day(True, rules.PROVISIONAL)
    assert (works(SATURDAY), works(MONDAY)) == (True, True)
    assert told == [SATURDAY, MONDAY, MONDAY]


def test_an_order_that_changes_nothing_is_told_to_nobody(told: Told) -> None:
    order(date(2026, 11, 27), True, "照常")
    take_back(date(2026, 11, 27))
    assert take_back(date(2026, 11, 27)).source == rules.LIBRARY
    assert told == []


def test_an_order_moves_working_time_that_was_kept(app: Flask) -> None:
    refresh()
    day = date(2026, 11, 30)
    with reading() as session:
        assert service.worktime(session, None).stretches(day)
    order(day, False)
    with reading() as session:
        assert not service.worktime(session, None).stretches(day)


def test_what_is_rolled_back_is_not_kept_in_memory(app: Flask) -> None:
    refresh()
    with pytest.raises(ZeroDivisionError), writing() as session:
        service.set_day(session, "cli", DAY, MONDAY, False, "")
        assert not service.workdays(session)(MONDAY)
        raise ZeroDivisionError
    assert works(MONDAY)


def test_what_another_node_wrote_is_seen(app: Flask, street: object) -> None:
    """Another process has no part in this one's memory: it writes rows and a stamp."""
    refresh()
    assert works(date(2026, 11, 30))
    with writing() as session:
        service.calendar.stamp.renew(session)
        session.get_one(CalendarDay, date(2026, 11, 30)).working = False
    assert not works(date(2026, 11, 30))


def test_an_order_is_written_into_the_audit_trail(app: Flask) -> None:
    order(MONDAY, False, "台风")
    take_back(MONDAY)
    with reading() as session:
        acts = [(e.act, e.object) for e in session.query(AuditEntry).order_by(AuditEntry.no)]
    assert acts == [("calendar.set", "2027-02-08"), ("calendar.unset", "2027-02-08")]
