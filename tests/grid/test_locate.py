"""Which cell a place lies in."""

from datetime import date

from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from server.grid.locate import Locator, Place, locator, renew_stamp
from server.grid.models import Area
from server.kernel.database import reading, writing
from server.kernel.geo import Shape
from tests import factories
from tests.factories import SIDE, SOUTH, WEST, Street, square

DAY = date(2026, 6, 1)


def test_the_deepest_area_wins(street: Street) -> None:
    with reading() as session:
        places = locator(session, DAY)
    for index, grid in enumerate(street.grids):
        assert places.locate(*street.point(index)) == (grid, False)
    assert places.locate(SOUTH - 1, WEST) == (None, False)
    assert places.locate(SOUTH + SIDE / 2, WEST + 4 * SIDE) == (None, False)


def test_an_area_above_is_found_where_no_cell_is_drawn(app: Flask) -> None:
    street = factories.street()
    with writing() as session:
        session.get_one(Area, street.grids[0]).geometry = None
    with reading() as session:
        assert locator(session, DAY).locate(*street.point(0))[0] == street.communities[0]


def test_on_a_common_border_the_older_cell_is_meant(street: Street) -> None:
    with reading() as session:
        places = locator(session, DAY)
    assert places.locate(SOUTH + SIDE / 2, WEST + SIDE)[0] == street.grids[0]


def test_whether_it_is_an_own_area_and_which_of_them_are_drawn(street: Street) -> None:
    with writing() as session:
        session.get_one(Area, street.grids[2]).geometry = None
    with reading() as session:
        places = locator(session, DAY)
    own = places.drawn([*street.grids[:3], street.communities[0]])
    assert [place.area for place in own] == [*street.grids[:2], street.communities[0]]
    assert places.locate(*street.point(1), own[:2]) == (street.grids[1], True)
    assert places.locate(*street.point(2), own[:2]) == (street.communities[0], False)
    assert places.locate(*street.point(2), own) == (street.communities[0], True)


def test_areas_count_from_their_first_day_to_their_last(street: Street) -> None:
    with writing() as session:
        grid = session.get_one(Area, street.grids[0])
        grid.valid_from, grid.valid_to = DAY, DAY
    found = []
    for day in (date(2026, 5, 31), DAY, date(2026, 6, 2)):
        with reading() as session:
            found.append(locator(session, day).locate(*street.point(0))[0])
    assert found == [street.communities[0], street.grids[0], street.communities[0]]


def test_shapes_are_kept_until_areas_change(street: Street) -> None:
    with writing() as session:
        renew_stamp(session)
    with reading() as session:
        first = locator(session, DAY)
        assert locator(session, DAY) is first
    with writing() as session:
        renew_stamp(session)
        session.get_one(Area, street.grids[0]).geometry = None
    with reading() as session:
        assert locator(session, DAY).locate(*street.point(0))[0] == street.communities[0]


@given(
    st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50), st.integers(1, 40)), max_size=8),
    st.integers(-60, 100),
    st.integers(-60, 100),
)
def test_bands_find_what_asking_every_shape_finds(
    squares: list[tuple[int, int, int]], y: int, x: int
) -> None:
    lat, lon = y / 1000, x / 1000
    places = [
        Place(str(n), n % 3, Shape.from_geojson(square(s / 1000, w / 1000, side / 1000, 0.02)))
        for n, (s, w, side) in enumerate(squares)
    ]
    around = [place for place in places if place.shape.contains(lat, lon)]
    best = min(around, key=lambda place: (-place.depth, place.area), default=None)
    assert Locator(places).locate(lat, lon)[0] == (best and best.area)


def test_an_area_of_ones_own_comes_before_a_deeper_one_of_another_tree(app: Flask) -> None:
    street, other = factories.street(), factories.street()
    with reading() as session:
        places = locator(session, DAY)
    point = street.point(0)
    for own, found in (
        (other.grids[0], (other.grids[0], True)),
        (other.communities[0], (other.communities[0], True)),
        (other.grids[5], (street.grids[0], False)),
    ):
        assert places.locate(*point, places.drawn([own])) == found
