"""Where an item was captured, for a member of the first grid."""

from datetime import date

import pytest
from flask import Flask

from server.items.whereabouts import Place, Whereabouts
from server.kernel.database import reading
from server.kernel.geo import distance, from_wgs84
from tests import factories
from tests.factories import Street

DAY = date(2026, 11, 22)


@pytest.fixture
def street(app: Flask) -> Street:
    return factories.street()


def place(member: str, lat: float | None = None, lon: float = 0, datum: str = "wgs84") -> Place:
    loc = None if lat is None else {"lat": lat, "lon": lon, "datum": datum}
    with reading() as session:
        return Whereabouts(session, member, DAY).of(loc)


def test_without_a_position_it_is_the_home_area(street: Street) -> None:
    assert place(street.workers[0]) == Place(None, None, street.grids[0], False)


def test_the_deepest_area_that_contains_it(street: Street) -> None:
    assert place(street.workers[0], *street.point(0)).area == street.grids[0]
    assert place(street.supervisor, *street.point(4)).area == street.grids[4]


@pytest.mark.parametrize(("cell", "outside"), [(0, False), (1, True), (3, True)])
def test_another_grid_is_outside_for_a_worker(street: Street, cell: int, outside: bool) -> None:
    found = place(street.workers[0], *street.point(cell))
    assert (found.area, found.outside) == (street.grids[cell], outside)


@pytest.mark.parametrize(("cell", "outside"), [(0, False), (1, False), (3, True)])
def test_a_leader_is_inside_in_all_grids_below(street: Street, cell: int, outside: bool) -> None:
    assert place(street.leader, *street.point(cell)).outside == outside


def test_nowhere_is_the_home_area_and_outside(street: Street) -> None:
    assert place(street.workers[0], -30.0, 10.0) == Place(-30.0, 10.0, street.grids[0], True)


def test_on_the_border_of_two_grids_ones_own_comes_first(street: Street) -> None:
    lat, _ = street.point(0)
    border = round(factories.WEST + factories.SIDE, 6)
    for worker in (0, 1):
        found = place(street.workers[worker], lat, border)
        assert (found.area, found.outside) == (street.grids[worker], False)


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_the_datum_is_undone(street: Street, datum: str) -> None:
    lat, lon = street.point(1)
    shifted = from_wgs84(lat, lon, datum)
    assert distance(lat, lon, *shifted) > 300
    found = place(street.workers[1], *shifted, datum)
    assert found.area == street.grids[1]
    assert found.lat is not None and found.lon is not None
    assert distance(lat, lon, found.lat, found.lon) < 1


def test_whoever_has_no_post_is_nowhere_at_home_and_never_outside(street: Street) -> None:
    stranger = factories.member()
    assert place(stranger) == Place(None, None, None, False)
    found = place(stranger, *street.point(2))
    assert (found.area, found.outside) == (street.grids[2], False)


def test_a_post_that_ended_counts_no_longer(street: Street) -> None:
    gone = factories.member()
    factories.post(gone, "worker", street.grids[5], to_day=date(2026, 11, 21))
    factories.post(gone, "worker", street.grids[2])
    assert place(gone).area == street.grids[2]
    assert place(gone, *street.point(5)).outside
