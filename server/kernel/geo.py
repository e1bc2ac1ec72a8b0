"""Places on the ground (空间): datums (坐标系), distances, and the polygons of grid cells (网格).

Every function takes latitude first, then longitude, in degrees. Only GeoJSON itself has longitude
first (RFC 7946, section 3.1.1); it is read here and nowhere else. Shapely is imported inside the
functions that need it: its import takes 0.2 s, and looking up a point does without it.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from server.kernel import china
from server.kernel.datums import LatLon, Shift, bd09, gcj02, inverse

if TYPE_CHECKING:
    from shapely import MultiPolygon

WGS84, GCJ02, BD09 = "wgs84", "gcj02", "bd09"

# Mean radius of the earth (IUGG); distances on this sphere are within 0.6 % of the ellipsoid's.
EARTH_RADIUS_M = 6371008.8

# A point this close to an edge (about 0.1 mm) lies on it, so that rounding loses no point that
# lies on the common edge of two cells.
_ON_EDGE_DEGREES = 1e-9
_EDGES_PER_BAND = 8

# A border drawn twice, rounded to 6 decimals, leaves slivers of about this size.
OVERLAP_TOLERANCE_M2 = 10.0

# Levels of lists above the rings, by GeoJSON type.
_DEPTHS = {"Polygon": 2, "MultiPolygon": 3}
_MAX_PROBLEMS = 50
_VALIDITY = re.compile(r"(?P<reason>.*)\[(?P<lon>\S+) (?P<lat>\S+)\]")

Geometry = Mapping[str, Any]
Edge = tuple[float, float, float, float, float]


class GeometryProblem(NamedTuple):
    """`path` into the GeoJSON ("coordinates.0.3"), a code, and a detail in English."""

    path: str
    code: str
    detail: str


# Datums (domain of the shift: server/kernel/china.py)


def to_wgs84(lat: float, lon: float, datum: str) -> LatLon:
    """(lat, lon) in WGS-84 of a position given in `datum`, exact to well below 0.1 m.

    Outside the outline nothing is shifted. In the band along it, some 600 m wide (1.3 km for
    BD-09), where a shifted position from inside and an unshifted one from outside look alike,
    inside is taken. ValueError for an unknown datum.
    """
    shift = _shift(datum)
    if shift is None or not _near_china(lat, lon):
        return lat, lon
    found = inverse(shift, lat, lon)
    return found if in_china(*found) else (lat, lon)


def from_wgs84(lat: float, lon: float, datum: str) -> LatLon:
    """(lat, lon) in `datum` of a WGS-84 or CGCS2000 position, for display. See `to_wgs84`."""
    shift = _shift(datum)
    return shift(lat, lon) if shift and in_china(lat, lon) else (lat, lon)


def in_china(lat: float, lon: float) -> bool:
    """Whether the shift applies at a WGS-84 position: inside the rough outline of china.py."""
    return _CHINA.contains(lat, lon)


def _near_china(lat: float, lon: float) -> bool:
    """Whether a shifted position can be that of a place inside; the formulas diverge far away."""
    min_lat, min_lon, max_lat, max_lon = _CHINA.bbox
    return min_lat - 0.1 < lat < max_lat + 0.1 and min_lon - 0.1 < lon < max_lon + 0.1


def _shift(datum: str) -> Shift | None:
    if datum not in _SHIFTS:
        raise ValueError(f"unknown datum: {datum!r}")
    return _SHIFTS[datum]


_SHIFTS: dict[str, Shift | None] = {
    WGS84: None,
    GCJ02: gcj02,
    BD09: bd09,
}


# Distance


def distance(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Metres between two positions, along a great circle of the mean sphere (haversine)."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    across = math.sin(math.radians(lon2 - lon1) / 2) ** 2
    h = math.sin((phi2 - phi1) / 2) ** 2 + math.cos(phi1) * math.cos(phi2) * across
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, h)))


# Point in polygon


class Shape:
    """A polygon made ready for many questions: its bounding box, and its edges by latitude band.

    `bbox` is (min_lat, min_lon, max_lat, max_lon). Plain Python: a single point takes one or
    two microseconds, with a prepared shapely geometry four.
    """

    def __init__(self, rings: Iterable[Sequence[LatLon]]) -> None:
        """Rings of (lat, lon), first = last. What an odd number of rings encloses is inside."""
        pairs = [pair for ring in rings for pair in pairwise(ring) if pair[0] != pair[1]]
        lats = [lat for pair in pairs for lat, _ in pair]
        lons = [lon for pair in pairs for _, lon in pair]
        self.bbox = (min(lats), min(lons), max(lats), max(lons))
        self._bands: list[list[Edge]] = [[] for _ in range(1 + len(pairs) // _EDGES_PER_BAND)]
        self._per_degree = len(self._bands) / (self.bbox[2] - self.bbox[0])
        for (lat1, lon1), (lat2, lon2) in pairs:
            near = _ON_EDGE_DEGREES * math.hypot(lat2 - lat1, lon2 - lon1)
            first, last = sorted((self._band(lat1), self._band(lat2)))
            for band in self._bands[first : last + 1]:
                band.append((lat1, lon1, lat2, lon2, near))

    @classmethod
    def from_geojson(cls, geometry: Geometry) -> "Shape":
        """The shape of a Polygon or MultiPolygon in which `polygon_problems` finds nothing."""
        polygons = _polygons(geometry)
        return cls([(lat, lon) for lon, lat, *_ in ring] for rings in polygons for ring in rings)

    def contains(self, lat: float, lon: float) -> bool:
        """Whether a position is inside; every border, that of a hole too, counts as inside."""
        min_lat, min_lon, max_lat, max_lon = self.bbox
        if not (min_lat <= lat <= max_lat and min_lon <= lon <= max_lon):
            return False
        inside = False
        for lat1, lon1, lat2, lon2, near in self._bands[self._band(lat)]:
            if (lat1 > lat) != (lat2 > lat):
                side = (lon2 - lon1) * (lat - lat1) - (lon - lon1) * (lat2 - lat1)
                if abs(side) <= near:
                    return True
                if (side > 0) == (lat2 > lat1):
                    inside = not inside
            elif _touches(lat, lon, lat1, lon1, lat2, lon2):
                return True
        return inside

    def _band(self, lat: float) -> int:
        return min(int((lat - self.bbox[0]) * self._per_degree), len(self._bands) - 1)


def _touches(lat: float, lon: float, lat1: float, lon1: float, lat2: float, lon2: float) -> bool:
    """Whether a point is an end of an edge that does not cross its latitude, or on a level one."""
    if lat1 == lat == lat2:
        return min(lon1, lon2) <= lon <= max(lon1, lon2)
    return (lat, lon) in ((lat1, lon1), (lat2, lon2))


def contains(geometry: Geometry, lat: float, lon: float) -> bool:
    """`Shape.contains` for one question; keep a `Shape` where there are many."""
    return Shape.from_geojson(geometry).contains(lat, lon)


_CHINA = Shape(china.ring(outline) for outline in (china.MAINLAND, china.HONG_KONG, china.MACAU))


# GeoJSON polygons


def polygon_problems(geometry: object) -> list[GeometryProblem]:
    """What is wrong with a GeoJSON Polygon or MultiPolygon in WGS-84; empty if it can be used.

    Codes: geometry_type, geometry_empty, position_invalid, position_not_finite,
    position_out_of_range, ring_too_short, ring_open; and where these are absent,
    self_intersection or geometry_invalid. At most 50 are listed.
    """
    if not isinstance(geometry, Mapping) or geometry.get("type") not in list(_DEPTHS):
        return [GeometryProblem("type", "geometry_type", "neither Polygon nor MultiPolygon")]
    depth = _DEPTHS[geometry["type"]]
    structure = _structure_problems(geometry.get("coordinates"), "coordinates", depth)
    return list(islice(structure, _MAX_PROBLEMS)) or _validity_problems(geometry)


def overlap(a: Geometry, b: Geometry, tolerance_m2: float = OVERLAP_TOLERANCE_M2) -> float:
    """Square metres that two sound geometries share; 0.0 up to the tolerance.

    A common border is no overlap. Areas are those of the mean sphere (Lambert's equal-area
    projection); edges are straight in degrees.
    """
    import shapely

    shared = shapely.intersection(_to_shapely(a), _to_shapely(b))
    area = shapely.area(shapely.transform(shared, _equal_area))
    return float(area) if area > tolerance_m2 else 0.0


def _structure_problems(node: Any, path: str, depth: int) -> Iterator[GeometryProblem]:
    """Walk `depth` levels of lists down to the rings."""
    if not isinstance(node, list | tuple) or not node:
        yield GeometryProblem(path, "geometry_empty", "a list with something in it is needed")
    elif depth == 1:
        yield from _ring_problems(node, path)
    else:
        for index, child in enumerate(node):
            yield from _structure_problems(child, f"{path}.{index}", depth - 1)


def _ring_problems(ring: Sequence[Any], path: str) -> Iterator[GeometryProblem]:
    for index, position in enumerate(ring):
        yield from _position_problems(position, f"{path}.{index}")
    if len(ring) < 4:
        yield GeometryProblem(path, "ring_too_short", f"{len(ring)} positions, at least 4 needed")
    if ring[0] != ring[-1]:
        yield GeometryProblem(path, "ring_open", "the last position differs from the first")


def _position_problems(position: Any, path: str) -> Iterator[GeometryProblem]:
    if not _is_position(position):
        yield GeometryProblem(path, "position_invalid", "[longitude, latitude] is needed")
        return
    for name, value, limit in (("longitude", position[0], 180), ("latitude", position[1], 90)):
        if isinstance(value, float) and not math.isfinite(value):
            yield GeometryProblem(path, "position_not_finite", f"{name} {value}")
        elif not -limit <= value <= limit:
            detail = f"{name} beyond ±{limit}; the order is longitude, latitude"
            yield GeometryProblem(path, "position_out_of_range", detail)


def _is_position(position: Any) -> bool:
    return (
        isinstance(position, list | tuple)
        and len(position) >= 2
        and all(isinstance(n, int | float) and not isinstance(n, bool) for n in position[:2])
    )


def _validity_problems(geometry: Geometry) -> list[GeometryProblem]:
    """The first breach of the OGC rules, with the place where it is."""
    import shapely

    verdict = shapely.is_valid_reason(_to_shapely(geometry))
    found = _VALIDITY.fullmatch(verdict)
    if found is None:
        return []
    code = "self_intersection" if "elf-intersection" in found["reason"] else "geometry_invalid"
    detail = f"{found['reason']} at lat {found['lat']}, lon {found['lon']}"
    return [GeometryProblem("coordinates", code, detail)]


def _polygons(geometry: Geometry) -> Sequence[Any]:
    """The coordinates as those of a MultiPolygon."""
    coordinates = geometry["coordinates"]
    return [coordinates] if geometry["type"] == "Polygon" else coordinates


def _to_shapely(geometry: Geometry) -> "MultiPolygon":
    """x is longitude, y latitude; heights are dropped."""
    import shapely

    flat = [[[p[:2] for p in ring] for ring in rings] for rings in _polygons(geometry)]
    return shapely.MultiPolygon([(rings[0], rings[1:]) for rings in flat])


def _equal_area(lon_lat: Any) -> Any:
    """Metres of an (n, 2) array of degrees on a map that keeps areas."""
    import numpy

    lon, lat = numpy.radians(lon_lat).T
    return numpy.column_stack((EARTH_RADIUS_M * lon, EARTH_RADIUS_M * numpy.sin(lat)))
