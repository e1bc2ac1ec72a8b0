"""Walking inside a grid cell (网格): points and patrol tracks that stay within its polygon."""

import math
import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from fieldkit.gpx import Fix

Ring = Sequence[tuple[float, float]]
"""Corners (lat, lon) in degrees, WGS-84."""

METRES_PER_DEGREE = 111_320.0
_SPEED = 1.2
_WANDER_M = 4.0
_TRIES = 200


def outer_ring(geometry: Mapping[str, Any]) -> Ring:
    """The outer ring of a GeoJSON Polygon, or of the first part of a MultiPolygon."""
    rings = geometry["coordinates"]
    if geometry["type"] == "MultiPolygon":
        rings = rings[0]
    return [(position[1], position[0]) for position in rings[0]]


def is_inside(ring: Ring, lat: float, lon: float) -> bool:
    """Whether the point lies within the ring, by counting the edges east of it."""
    inside = False
    for (lat1, lon1), (lat2, lon2) in zip(ring, (*ring[1:], ring[0]), strict=True):
        if (lat1 > lat) != (lat2 > lat):
            crossing = lon1 + (lat - lat1) / (lat2 - lat1) * (lon2 - lon1)
            inside ^= lon < crossing
    return inside


def a_point(rng: random.Random, ring: Ring) -> tuple[float, float]:
    """A random point (lat, lon) within the ring; of a sliver that is never hit, its corner."""
    lats, lons = zip(*ring, strict=True)
    for _ in range(_TRIES):
        # Rounded before it is judged: a point close to the border may be rounded across it.
        lat = round(rng.uniform(min(lats), max(lats)), 6)
        lon = round(rng.uniform(min(lons), max(lons)), 6)
        if is_inside(ring, lat, lon):
            return lat, lon
    return ring[0]


def a_patrol(
    rng: random.Random, ring: Ring, start: datetime, points: int, every: float
) -> list[Fix]:
    """A walk of `points` fixes, one every `every` seconds, never outside of the ring.

    A real receiver never stands still: each fix wanders a few metres.
    """
    lat, lon = a_point(rng, ring)
    heading = rng.uniform(0, 2 * math.pi)
    fixes = []
    for number in range(points):
        heading += rng.gauss(0, 0.4)
        goal = _moved(lat, lon, heading, _SPEED * every)
        if is_inside(ring, *goal):
            lat, lon = goal
        else:
            heading += math.pi
        seen = _moved(lat, lon, rng.uniform(0, 2 * math.pi), abs(rng.gauss(0, _WANDER_M)))
        shown = seen if is_inside(ring, *seen) else (lat, lon)
        at = start + timedelta(seconds=number * every)
        fixes.append(Fix(at, *shown, round(rng.uniform(3, 15), 1)))
    return fixes


def far_from(ring: Ring) -> tuple[float, float]:
    """A point (lat, lon) about 5 km north of the ring."""
    lat, lon = max(ring)
    return _moved(lat, lon, 0, 5000)


def _moved(lat: float, lon: float, heading: float, metres: float) -> tuple[float, float]:
    """The point `metres` away; `heading` in radians from north, eastwards."""
    north = metres * math.cos(heading) / METRES_PER_DEGREE
    east = metres * math.sin(heading) / (METRES_PER_DEGREE * math.cos(math.radians(lat)))
    return round(lat + north, 6), round(lon + east, 6)
