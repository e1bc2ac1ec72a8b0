"""Which area a place lies in (定位到网格): the shapes of all live areas, kept between requests.

The cache is keyed by the day and by the stamp that every change of areas renews. A stamp is random:
two databases never share one. Before the first change there is none, and nothing is kept.
"""

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.grid.models import Area, AreaClosure, AreaStamp
from server.grid.queries import lives_on
from server.kernel.database import insert
from server.kernel.geo import Shape
from server.kernel.ids import uuid7
from server.kernel.prepared import Prepared

BANDS_PER_DEGREE = 200


class Place(NamedTuple):
    """An area with its shape; `depth` counts the areas above it."""

    area: str
    depth: int
    shape: Shape


class Locator:
    """The shapes of the areas that are live on one day, by bands of latitude."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._places: dict[str, Place] = {}
        self._bands: dict[int, list[Place]] = {}
        for place in sorted(places, key=_before):
            self._places[place.area] = place
            for band in _bands(place.shape):
                self._bands.setdefault(band, []).append(place)

    def drawn(self, areas: Collection[str]) -> list[Place]:
        """Those of `areas` that have a shape, in the order in which they are looked at."""
        return sorted((self._places[a] for a in areas if a in self._places), key=_before)

    def locate(self, lat: float, lon: float, own: Sequence[Place] = ()) -> tuple[str | None, bool]:
        """The area that contains the position (WGS-84 degrees) or None; whether it is an own one.

        Trees may lie over each other: one of the places `own` comes before any other. Among equals
        the deepest, and on a common border, and where several are equally deep, the oldest.
        """
        # Most captures lie in an own area: the shapes of the others are then not looked at.
        found = _first(own, lat, lon)
        if found is not None:
            return found, True
        return _first(self._bands.get(_band(lat), ()), lat, lon), False


def _before(place: Place) -> tuple[int, str]:
    return -place.depth, place.area


def _first(places: Iterable[Place], lat: float, lon: float) -> str | None:
    return next((place.area for place in places if place.shape.contains(lat, lon)), None)


def _bands(shape: Shape) -> Iterator[int]:
    south, _, north, _ = shape.bbox
    return iter(range(_band(south), _band(north) + 1))


def _band(lat: float) -> int:
    return math.floor(lat * BANDS_PER_DEGREE)


_STAMP = Prepared(select(AreaStamp.__table__.c.stamp))
_kept: tuple[tuple[str, date], Locator] | None = None


def locator(session: Session, day: date) -> Locator:
    """The shapes of the areas that are live on `day`; one tiny query unless areas changed."""
    global _kept
    row = _STAMP.first(session)
    if row is None:
        return _load(session, day)
    kept = _kept
    if kept is None or kept[0] != (row.stamp, day):
        kept = _kept = ((row.stamp, day), _load(session, day))
    return kept[1]


def renew_stamp(session: Session) -> None:
    """Call first in a transaction that changes areas: others who do so wait until it ends."""
    statement = insert(session, AreaStamp).values(id=1, stamp=uuid7())
    renewed = {"stamp": statement.excluded.stamp}
    session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=renewed))


def _load(session: Session, day: date) -> Locator:
    depth = (
        select(AreaClosure.descendant, func.max(AreaClosure.depth).label("depth"))
        .group_by(AreaClosure.descendant)
        .subquery()
    )
    rows = session.execute(
        select(Area.id, depth.c.depth, Area.geometry)
        .join(depth, depth.c.descendant == Area.id)
        .where(Area.geometry.is_not(None), lives_on(day))
    )
    return Locator(Place(row.id, row.depth, Shape.from_geojson(row.geometry)) for row in rows)
