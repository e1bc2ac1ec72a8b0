"""Which area a place lies in (定位到网格): the shapes of all live areas, kept between requests.

The cache is keyed by the day and by the stamp that every change of areas renews. A stamp is random:
two databases never share one. Before the first change there is none, and nothing is kept.
"""

import math
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from itertools import chain
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.grid.models import Area, AreaClosure, AreaStamp
from server.grid.queries import lives_on
from server.kernel.database import insert
from server.kernel.geo import Shape
from server.kernel.ids import uuid7

BANDS_PER_DEGREE = 200


class Place(NamedTuple):
    """An area with its shape; `depth` counts the areas above it."""

    area: str
    depth: int
    shape: Shape


class Locator:
    """The shapes of the areas that are live on one day, by bands of latitude."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._shapes: dict[str, Shape] = {}
        self._bands: dict[int, list[Place]] = {}
        for place in sorted(places, key=lambda p: (-p.depth, p.area)):
            self._shapes[place.area] = place.shape
            for band in _bands(place.shape):
                self._bands.setdefault(band, []).append(place)

    def locate(self, lat: float, lon: float, first: Collection[str] = ()) -> str | None:
        """The area that contains the position (WGS-84 degrees), or None.

        Trees may lie over each other: one of the areas `first` comes before any other. Among equals
        the deepest, and on a common border, and where several are equally deep, the oldest.
        """
        near = self._bands.get(_band(lat), ())
        # Most captures lie in an own area: the shapes of the others are then not looked at.
        own = (place for place in near if place.area in first)
        others = (place for place in near if place.area not in first)
        containing = (place.area for place in chain(own, others) if place.shape.contains(lat, lon))
        return next(containing, None)

    def inside(self, areas: Collection[str], lat: float, lon: float) -> bool:
        """Whether the position lies in one of `areas`; true if none of them is drawn."""
        shapes = [self._shapes[area] for area in areas if area in self._shapes]
        return not shapes or any(shape.contains(lat, lon) for shape in shapes)


def _bands(shape: Shape) -> Iterator[int]:
    south, _, north, _ = shape.bbox
    return iter(range(_band(south), _band(north) + 1))


def _band(lat: float) -> int:
    return math.floor(lat * BANDS_PER_DEGREE)


_kept: tuple[tuple[str, date], Locator] | None = None


def locator(session: Session, day: date) -> Locator:
    """The shapes of the areas that are live on `day`; one tiny query unless areas changed."""
    global _kept
    stamp = session.scalar(select(AreaStamp.stamp))
    if stamp is None:
        return _load(session, day)
    kept = _kept
    if kept is None or kept[0] != (stamp, day):
        kept = _kept = ((stamp, day), _load(session, day))
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
