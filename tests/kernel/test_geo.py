"""Datums against published points, distances, point in polygon against shapely, polygon checks."""

import math

import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from server.kernel import geo
from server.kernel.geo import Shape

# (place, WGS-84, GCJ-02, BD-09), as prcoords 1.0.2 and eviltransform 0.1.1 give them.
REFERENCE = [
    ("天安门", (39.908722, 116.397496), (39.910125, 116.403740), (39.916465, 116.410113)),
    ("上海", (31.2304, 121.4737), (31.228458, 121.478223), (31.234311, 121.484781)),
    ("广州", (23.1291, 113.2644), (23.126423, 113.269730), (23.132711, 113.276151)),
    ("深圳", (22.543847, 113.912316), (22.540796, 113.917176), (22.546667, 113.923685)),
    ("乌鲁木齐", (43.8256, 87.6168), (43.826805, 87.619649), (43.832950, 87.626100)),
    ("哈尔滨", (45.8038, 126.5350), (45.805782, 126.541040), (45.811396, 126.547659)),
    ("拉萨", (29.6520, 91.1721), (29.649210, 91.173567), (29.655264, 91.180060)),
    ("三亚", (18.2528, 109.5119), (18.251095, 109.515984), (18.256877, 109.522532)),
]
BORDER_TOWNS = [
    ("丹东", 40.12, 124.38),
    ("珲春防川", 42.43, 130.60),
    ("抚远", 48.36, 134.31),
    ("漠河北极村", 53.48, 122.37),
    ("满洲里", 49.60, 117.43),
    ("二连浩特", 43.65, 111.98),
    ("喀纳斯", 48.70, 87.02),
    ("霍尔果斯", 44.21, 80.42),
    ("红其拉甫", 36.85, 75.43),
    ("普兰", 30.29, 81.18),
    ("樟木", 27.99, 85.98),
    ("墨脱", 29.33, 95.33),
    ("瑞丽", 24.01, 97.85),
    ("磨憨", 21.19, 101.69),
    ("河口", 22.53, 103.96),
    ("友谊关", 21.98, 106.71),
    ("东兴", 21.54, 107.97),
    ("三沙永兴岛", 16.83, 112.33),
    ("平潭", 25.50, 119.79),
    ("嵊泗", 30.73, 122.45),
    ("深圳罗湖", 22.548, 114.118),
    ("深圳福田", 22.54, 114.06),
    ("深圳盐田", 22.58, 114.27),
    ("珠海拱北", 22.222, 113.55),
    ("珠海横琴", 22.13, 113.53),
]
OUTSIDE = [
    ("Seoul", 37.57, 126.98),
    ("Pyongyang", 39.03, 125.75),
    ("Hanoi", 21.03, 105.85),
    ("Haiphong", 20.86, 106.68),
    ("Hong Kong Central", 22.28, 114.16),
    ("Hong Kong Sheung Shui", 22.50, 114.13),
    ("Hong Kong airport", 22.31, 113.92),
    ("Macau", 22.19, 113.545),
    ("Macau Cotai", 22.145, 113.565),
    ("Taipei", 25.04, 121.56),
    ("Kaohsiung", 22.62, 120.30),
    ("Vladivostok", 43.12, 131.89),
    ("Ulaanbaatar", 47.9, 106.9),
    ("Almaty", 43.24, 76.9),
    ("Kathmandu", 27.72, 85.32),
    ("Thimphu", 27.47, 89.64),
    ("Tokyo", 35.68, 139.69),
    ("London", 51.5, -0.12),
    ("South Pole", -90.0, 0.0),
    ("North Pole", 90.0, 116.0),
]
SHIFTED_DATUMS = ["gcj02", "bd09"]
ids = [row[0] for row in OUTSIDE]


@pytest.mark.parametrize(("place", "wgs84", "gcj02", "bd09"), REFERENCE)
def test_published_points_are_met_in_both_directions(place, wgs84, gcj02, bd09):
    for datum, expected in (("gcj02", gcj02), ("bd09", bd09)):
        assert geo.from_wgs84(*wgs84, datum) == pytest.approx(expected, abs=1e-6), place
        assert geo.distance(*wgs84, *geo.to_wgs84(*expected, datum)) < 0.2, place


def test_the_shift_at_beijing_is_the_known_half_kilometre():
    shifted = geo.from_wgs84(39.908722, 116.397496, "gcj02")
    assert geo.distance(39.908722, 116.397496, *shifted) == pytest.approx(555, abs=5)


@given(st.floats(20, 50), st.floats(80, 125), st.sampled_from(SHIFTED_DATUMS))
def test_there_and_back_is_exact_inside(lat, lon, datum):
    assume(geo.in_china(lat, lon))
    back = geo.to_wgs84(*geo.from_wgs84(lat, lon, datum), datum)
    assert geo.distance(lat, lon, *back) < 0.001


@given(st.floats(-90, 90), st.floats(-180, 180), st.sampled_from(SHIFTED_DATUMS))
def test_any_position_can_be_converted_and_moves_little(lat, lon, datum):
    assert geo.distance(lat, lon, *geo.to_wgs84(lat, lon, datum)) < 3000
    assert geo.distance(lat, lon, *geo.from_wgs84(lat, lon, datum)) < 3000


@pytest.mark.parametrize(("town", "lat", "lon"), BORDER_TOWNS)
def test_border_towns_are_shifted(town, lat, lon):
    assert geo.in_china(lat, lon)
    assert 100 < geo.distance(lat, lon, *geo.from_wgs84(lat, lon, "gcj02")) < 1000


@pytest.mark.parametrize("datum", SHIFTED_DATUMS)
@pytest.mark.parametrize(("city", "lat", "lon"), OUTSIDE, ids=ids)
def test_places_outside_stay_where_they_are(city, lat, lon, datum):
    assert geo.from_wgs84(lat, lon, datum) == (lat, lon)
    assert geo.to_wgs84(lat, lon, datum) == (lat, lon)


def test_wgs84_is_never_touched():
    assert geo.to_wgs84(39.9, 116.4, "wgs84") == (39.9, 116.4)
    assert geo.from_wgs84(39.9, 116.4, "wgs84") == (39.9, 116.4)


@pytest.mark.parametrize("datum", ["", "WGS84", "cgcs2000", "火星"])
def test_an_unknown_datum_is_an_error(datum):
    with pytest.raises(ValueError, match="unknown datum"):
        geo.to_wgs84(39.9, 116.4, datum)
    with pytest.raises(ValueError, match="unknown datum"):
        geo.from_wgs84(39.9, 116.4, datum)


def test_nan_is_outside_and_comes_back_as_it_is():
    lat, lon = geo.to_wgs84(math.nan, 116.4, "gcj02")
    assert math.isnan(lat)
    assert lon == 116.4


# Distance

latitudes, longitudes = st.floats(-90, 90), st.floats(-180, 180)
positions = st.tuples(latitudes, longitudes)


@pytest.mark.parametrize(
    ("a", "b", "metres"),
    [
        ((0, 0), (0, 0), 0),
        ((0, 0), (0, 1), 111195.1),
        ((0, 0), (1, 0), 111195.1),
        ((60, 0), (60, 1), 55594.5),
        ((0, 179.5), (0, -179.5), 111195.1),
        ((90, 0), (-90, 0), 20015115),
        ((39.9087, 116.3975), (31.2304, 121.4737), 1067300),
    ],
)
def test_distance(a, b, metres):
    assert geo.distance(*a, *b) == pytest.approx(metres, rel=1e-3, abs=0.1)


@given(positions, positions)
def test_distance_is_symmetric_and_bounded(a, b):
    there = geo.distance(*a, *b)
    assert there == pytest.approx(geo.distance(*b, *a), abs=1e-3)
    assert 0 <= there <= math.pi * geo.EARTH_RADIUS_M


@given(positions, positions, positions)
def test_a_detour_is_never_shorter(a, b, c):
    assert geo.distance(*a, *c) <= geo.distance(*a, *b) + geo.distance(*b, *c) + 0.2


# Point in polygon


def polygon(*rings):
    return {"type": "Polygon", "coordinates": [[list(p) for p in ring] for ring in rings]}


def multi(*polygons):
    return {"type": "MultiPolygon", "coordinates": [p["coordinates"] for p in polygons]}


def box(lon, lat, size):
    east, north = lon + size, lat + size
    return [(lon, lat), (east, lat), (east, north), (lon, north), (lon, lat)]


HOLED = polygon(box(0, 0, 10), box(4, 4, 2))
TWO_PARTS = multi(HOLED, polygon(box(20, 0, 5)))


@pytest.mark.parametrize(
    ("lat", "lon", "inside"),
    [
        (1, 1, True),
        (5, 5, False),
        (4, 5, True),
        (5, 4, True),
        (4, 4, True),
        (0, 0, True),
        (10, 10, True),
        (0, 5, True),
        (10, 5, True),
        (5, 0, True),
        (5, 10, True),
        (10.001, 5, False),
        (5, -0.001, False),
        (2, 15, False),
        (2, 22, True),
        (6, 22, False),
        (math.nan, 1, False),
        (1, math.inf, False),
    ],
)
def test_contains_with_holes_parts_and_borders(lat, lon, inside):
    assert geo.contains(TWO_PARTS, lat, lon) is inside


def test_a_part_inside_a_hole_is_inside():
    island = multi(HOLED, polygon(box(4.5, 4.5, 1)))
    assert geo.contains(island, 5, 5)
    assert not geo.contains(island, 4.2, 4.2)


def test_the_bounding_box_is_latitude_first():
    assert Shape.from_geojson(polygon(box(100, 20, 2))).bbox == (20, 100, 22, 102)


def test_heights_are_ignored():
    ring = [[*p, 43.5] for p in box(0, 0, 1)]
    assert geo.contains({"type": "Polygon", "coordinates": [ring]}, 0.5, 0.5)


def star(radii):
    """A ring of as many corners as there are radii, round (30, 114), without self-intersection."""
    corners = [
        (
            114 + r * math.cos(2 * math.pi * i / len(radii)),
            30 + r * math.sin(2 * math.pi * i / len(radii)),
        )
        for i, r in enumerate(radii)
    ]
    return [*corners, corners[0]]


radii = st.lists(st.floats(0.01, 0.02), min_size=3, max_size=60)
offsets = st.floats(-0.025, 0.025)


@given(radii, st.lists(st.tuples(offsets, offsets), min_size=1, max_size=30))
def test_contains_agrees_with_shapely(lengths, points):
    ring = star(lengths)
    shape, area = Shape.from_geojson(polygon(ring)), shapely.Polygon(ring)
    for dlat, dlon in points:
        lat, lon = 30 + dlat, 114 + dlon
        assume(area.exterior.distance(shapely.Point(lon, lat)) > 1e-8)
        assert shape.contains(lat, lon) == area.contains(shapely.Point(lon, lat))


@given(st.integers(-1, 11), st.integers(-1, 11))
def test_contains_agrees_with_shapely_on_borders_and_corners(lat, lon):
    comb = [(0, 0), (10, 0), (10, 9), (8, 3), (6, 9), (6, 6), (4, 6), (4, 9), (0, 9), (0, 0)]
    shape = geo.contains(polygon(comb), lat, lon)
    assert shape == shapely.Polygon(comb).covers(shapely.Point(lon, lat))


@given(radii, st.data())
def test_corners_and_points_of_an_edge_are_inside(lengths, data):
    ring = star(lengths)
    shape = Shape.from_geojson(polygon(ring))
    index = data.draw(st.integers(0, len(ring) - 2))
    part = data.draw(st.floats(0, 1))
    (lon1, lat1), (lon2, lat2) = ring[index], ring[index + 1]
    assume(abs(lat1 - lat2) > 1e-6)
    assert shape.contains(lat1, lon1)
    assert shape.contains(lat1 + part * (lat2 - lat1), lon1 + part * (lon2 - lon1))


@given(offsets, offsets)
def test_of_two_cells_with_a_common_border_one_at_least_has_the_point(dlat, dlon):
    a, b = (114 + 0.011, 30 - 0.03), (114 - 0.007, 30 + 0.03)
    west = Shape.from_geojson(polygon([(113.9, 29.97), a, b, (113.9, 30.03), (113.9, 29.97)]))
    east = Shape.from_geojson(polygon([(114.1, 30.03), b, a, (114.1, 29.97), (114.1, 30.03)]))
    assert west.contains(30 + dlat, 114 + dlon) or east.contains(30 + dlat, 114 + dlon)


# What is wrong with a polygon

GOOD = box(114, 30, 0.01)


@pytest.mark.parametrize(
    ("geometry", "path", "code"),
    [
        (None, "type", "geometry_type"),
        ([], "type", "geometry_type"),
        ({}, "type", "geometry_type"),
        ({"type": "Point", "coordinates": [1, 2]}, "type", "geometry_type"),
        ({"type": ["Polygon"], "coordinates": []}, "type", "geometry_type"),
        ({"type": "Polygon"}, "coordinates", "geometry_empty"),
        ({"type": "Polygon", "coordinates": []}, "coordinates", "geometry_empty"),
        ({"type": "Polygon", "coordinates": "abc"}, "coordinates", "geometry_empty"),
        ({"type": "Polygon", "coordinates": [[]]}, "coordinates.0", "geometry_empty"),
        ({"type": "MultiPolygon", "coordinates": [[[]]]}, "coordinates.0.0", "geometry_empty"),
        (polygon(GOOD[:3] + GOOD[:1])["coordinates"], "type", "geometry_type"),
        (polygon(GOOD[:2] + GOOD[:1]), "coordinates.0", "ring_too_short"),
        (polygon(GOOD[:4]), "coordinates.0", "ring_open"),
        (polygon(GOOD, GOOD[:4]), "coordinates.1", "ring_open"),
        (multi(polygon(GOOD), polygon(GOOD[:4])), "coordinates.1.0", "ring_open"),
        (polygon([(30, 114), *GOOD[1:4], (30, 114)]), "coordinates.0.0", "position_out_of_range"),
        (polygon([*GOOD[:2], (181, 30), *GOOD[3:]]), "coordinates.0.2", "position_out_of_range"),
        (
            polygon([*GOOD[:2], (10**400, 30), *GOOD[3:]]),
            "coordinates.0.2",
            "position_out_of_range",
        ),
        (polygon([*GOOD[:2], (math.nan, 30), *GOOD[3:]]), "coordinates.0.2", "position_not_finite"),
        (
            polygon([*GOOD[:2], (114, math.inf), *GOOD[3:]]),
            "coordinates.0.2",
            "position_not_finite",
        ),
        (polygon([*GOOD[:2], (114,), *GOOD[3:]]), "coordinates.0.2", "position_invalid"),
        (polygon([*GOOD[:2], ("114", 30), *GOOD[3:]]), "coordinates.0.2", "position_invalid"),
        (polygon([*GOOD[:2], (True, 30), *GOOD[3:]]), "coordinates.0.2", "position_invalid"),
        ({"type": "Polygon", "coordinates": [[1, 2, 3, 1]]}, "coordinates.0.0", "position_invalid"),
        (polygon(GOOD, box(120, 40, 1)), "coordinates", "geometry_invalid"),
        (polygon([(0, 0), (1, 1), (2, 2), (0, 0)]), "coordinates", "self_intersection"),
        (polygon([(0, 0), (0, 0), (0, 0), (0, 0)]), "coordinates", "geometry_invalid"),
        (multi(polygon(GOOD), polygon(GOOD)), "coordinates", "self_intersection"),
    ],
)
def test_polygon_problems(geometry, path, code):
    first = geo.polygon_problems(geometry)[0]
    assert (first.path, first.code) == (path, code)
    assert first.detail


def test_a_self_intersection_is_told_with_its_place():
    bow_tie = polygon([(114, 30), (114.5, 30.5), (114.5, 30), (114, 30.5), (114, 30)])
    (problem,) = geo.polygon_problems(bow_tie)
    assert problem == (
        "coordinates",
        "self_intersection",
        "Self-intersection at lat 30.25, lon 114.25",
    )


@pytest.mark.parametrize("geometry", [HOLED, TWO_PARTS, polygon(GOOD), polygon(GOOD[::-1])])
def test_sound_polygons_have_no_problems(geometry):
    assert geo.polygon_problems(geometry) == []


def test_every_fault_of_a_ring_is_told_but_not_without_end():
    geometry = polygon([(114, 95), *GOOD[1:4]])
    codes = [problem.code for problem in geo.polygon_problems(geometry)]
    assert codes == ["position_out_of_range", "ring_open"]
    assert len(geo.polygon_problems(polygon([(200, 0)] * 1000))) == 50


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=5),
    max_leaves=20,
)


@given(st.sampled_from(["Polygon", "MultiPolygon"]), json_values)
def test_no_json_makes_the_check_raise(kind, coordinates):
    for problem in geo.polygon_problems({"type": kind, "coordinates": coordinates}):
        assert problem.path.startswith("coordinates")


# Overlap


def test_an_overlap_is_measured_in_square_metres():
    a, b = polygon(box(114, 30, 0.02)), polygon(box(114.01, 30.01, 0.02))
    side_m = geo.EARTH_RADIUS_M * math.radians(0.01)
    expected = side_m**2 * math.cos(math.radians(30.015))
    assert geo.overlap(a, b) == pytest.approx(expected, rel=1e-6)
    assert geo.overlap(b, a) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    "other",
    [
        polygon(box(114.01, 30, 0.01)),
        polygon(box(114.01, 30.01, 0.01)),
        polygon(box(115, 30, 0.01)),
        polygon(box(114.01 - 1e-8, 30, 0.01)),
    ],
    ids=["edge", "corner", "apart", "sliver"],
)
def test_touching_is_no_overlap(other):
    assert geo.overlap(polygon(box(114, 30, 0.01)), other) == 0.0


def test_a_cell_in_the_hole_of_another_does_not_overlap():
    assert geo.overlap(HOLED, polygon(box(4, 4, 2))) == 0.0
    assert geo.overlap(HOLED, polygon(box(3, 3, 2))) > 0


def test_the_tolerance_can_be_set():
    a, b = polygon(box(114, 30, 0.01)), polygon(box(114.01 - 1e-8, 30, 0.01))
    assert 0 < geo.overlap(a, b, tolerance_m2=0) < 10
