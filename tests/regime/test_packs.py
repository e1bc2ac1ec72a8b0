"""Packs are installed, hold where and when they should, and cost no query again."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from server.grid.models import AreaStamp
from server.grid.scope import Holding, Scope
from server.grid.service import areas
from server.kernel.database import reading, writing
from server.kernel.ids import uuid7
from server.kernel.problems import Problem
from server.packs.definition import Amount, Unit
from server.packs.reading import PackMistakes
from server.regime import books, service
from server.regime.models import PackTerm, PackText
from server.regime.service import Installation
from tests import factories
from tests.executed import executed
from tests.factories import Street
from tests.packs.calendars import local
from tests.regime.conftest import DAY, Hold, text

LATER = DAY + timedelta(days=30)


def ref(area: str | None, day: date = DAY) -> str | None:
    with reading() as session:
        pack = service.in_force(session, area, day)
        return pack.ref if pack else None


def install(wanted: Installation, today: date = DAY) -> str:
    with writing() as session:
        return service.install(session, "cli", today, wanted).id


def test_without_a_pack_none_holds_and_hours_are_those_of_an_office(street: Street) -> None:
    assert ref(street.grids[0]) is None
    with reading() as session:
        work = service.worktime(session, None)
    due = work.add(local("2026-09-30 10:00"), Amount(3, Unit.WORK_DAY))
    assert due == local("2026-10-10 17:30")


def test_the_nearest_area_wins(street: Street, hold: Hold) -> None:
    hold("all")
    hold("street", area=street.street)
    hold("community", area=street.communities[0], from_day=LATER)
    assert ref(street.grids[0]) == "street@1"
    assert ref(street.grids[0], LATER) == "community@1"
    assert ref(street.grids[5], LATER) == "street@1"
    assert ref(factories.street().grids[0]) == "all@1"
    assert ref(None) == "all@1"
    assert ref(None, DAY - timedelta(days=1)) is None


def test_a_newer_version_takes_the_place_from_its_day_on(street: Street, hold: Hold) -> None:
    hold(version=1)
    hold(version=2, from_day=LATER)
    assert [ref(None, day) for day in (DAY, LATER - timedelta(days=1), LATER)] == [
        "river@1",
        "river@1",
        "river@2",
    ]


def test_the_hours_of_the_pack_count(street: Street) -> None:
    install(Installation(text(hours="09:00-10:00"), DAY))
    with reading() as session:
        work = service.worktime(session, service.in_force(session, None, DAY))
    assert work.add(local("2026-11-26 12:00"), Amount(1, Unit.WORK_HOUR)) == local(
        "2026-11-27 10:00"
    )


def test_the_same_again_changes_nothing(street: Street) -> None:
    wanted = Installation(text(), DAY, street.street)
    assert install(wanted) == install(wanted)
    with reading() as session:
        assert len(session.scalars(select(PackTerm)).all()) == 1


def test_back_to_an_older_version_on_the_same_day(street: Street, hold: Hold) -> None:
    hold(version=1)
    hold(version=2)
    hold(version=1)
    assert ref(None) == "river@1"


def test_a_version_once_installed_never_changes(street: Street) -> None:
    install(Installation(text(), DAY))
    with pytest.raises(Problem) as refused:
        install(Installation(text() + "# other bytes\n", LATER))
    assert refused.value.code == "pack_changed"
    assert ref(None, LATER) == "river@1"
    with reading() as session:
        assert session.get_one(PackText, ("river", 1)).text == text()


@pytest.mark.parametrize(
    ("wanted", "code", "field"),
    [
        (Installation(text(), DAY - timedelta(days=1)), "pack_past", "from"),
        (Installation(text(), DAY, uuid7()), "reference_unknown", "area"),
    ],
)
def test_what_is_refused(street: Street, wanted: Installation, code: str, field: str) -> None:
    with pytest.raises(Problem) as refused:
        install(wanted)
    assert (refused.value.code, list(refused.value.errors)) == (code, [field])
    with reading() as session:
        assert session.scalars(select(PackText)).all() == []


def test_a_text_with_mistakes_is_refused(street: Street) -> None:
    with pytest.raises(PackMistakes):
        install(Installation("pack: {id: x}", DAY))


def test_an_area_that_moves_is_under_the_pack_of_its_new_parent(street: Street, hold: Hold) -> None:
    hold("first", area=street.communities[0])
    hold("second", area=street.communities[1])
    assert ref(street.grids[0]) == "first@1"
    with writing() as session:
        scope = Scope(street.admin, DAY, (Holding("admin", None),))
        areas.change(session, scope, street.grids[0], 1, {"parent": street.communities[1]})
    assert ref(street.grids[0]) == "second@1"


def test_once_known_it_is_asked_with_one_statement(street: Street, hold: Hold) -> None:
    hold()
    ref(street.grids[0])
    with reading() as session, executed() as statements:
        for grid in street.grids:
            service.in_force(session, grid, DAY)
    asked = [text for text, _ in statements if text != "BEGIN"]
    assert len(asked) == len(street.grids)
    assert all("stamp" in text for text in asked)


def test_without_a_stamp_of_areas_nothing_is_kept(app: Flask) -> None:
    street = factories.street()
    install(Installation(text(), DAY, street.street))
    with writing() as session:
        assert session.scalars(select(AreaStamp)).all() == []
    assert ref(street.grids[0]) == "river@1"
    grid = factories.area(
        street.tree, "grid", street.communities[0], "新网格", "330199001001009", None
    )
    assert ref(grid) == "river@1"


def test_what_another_node_installs_is_seen(street: Street, hold: Hold) -> None:
    hold()
    assert ref(None, LATER) == "river@1"
    kept = books._kept
    hold(version=2, from_day=LATER)
    books._kept = kept  # as it is in a process that did not install it
    assert ref(None, LATER) == "river@2"
