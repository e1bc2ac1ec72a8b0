"""The place a photo was taken at, and where it looked."""

import pytest

from tests.media.reading.drawn import gps_facts


@pytest.mark.parametrize(
    ("changes", "lat", "lon"),
    [
        ({"GPSLatitudeRef": "S"}, -30.593, 114.3055),
        ({"GPSLongitudeRef": "w"}, 30.593, -114.3055),
        ({"GPSLatitude": ((305930, 10000), (0, 1), (0, 1))}, 30.593, 114.3055),
        ({"GPSLatitude": ((30, 1), (3558, 100))}, 30.593, 114.3055),
        ({"GPSLatitude": ((90, 1), (0, 1), (0, 1))}, 90, 114.3055),
        ({"GPSLatitude": ((30, 1), (59, 1), (60, 1))}, 31, 114.3055),
        ({"GPSLatitude": ((0, 1), (0, 1), (0, 1))}, 0, 114.3055),
    ],
)
def test_positions(changes, lat, lon):
    facts = gps_facts(**changes)
    assert (facts.lat, facts.lon) == (pytest.approx(lat), pytest.approx(lon))
    assert facts.problems == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"GPSLatitude": ((91, 1), (0, 1), (0, 1))}, "gps_out_of_range"),
        ({"GPSLatitude": ((90, 1), (0, 1), (1, 1))}, "gps_out_of_range"),
        ({"GPSLongitude": ((181, 1), (0, 1), (0, 1))}, "gps_out_of_range"),
        ({"GPSLatitude": ((0, 0), (0, 0), (0, 0))}, "gps_broken"),
        ({"GPSLatitude": ((30, 1), (35, 1), (0, 0))}, "gps_broken"),
        ({"GPSLatitude": ((30, 1), (61, 1), (0, 1))}, "gps_broken"),
        ({"GPSLatitude": ((30, 1), (1, 1), (1, 1), (1, 1))}, "gps_broken"),
        ({"GPSLatitude": None}, "gps_broken"),
        ({"GPSLongitude": None}, "gps_broken"),
        ({"GPSLatitudeRef": None}, "gps_no_hemisphere"),
        ({"GPSLongitudeRef": "N"}, "gps_no_hemisphere"),
        ({"GPSLongitudeRef": ""}, "gps_no_hemisphere"),
        (
            {
                "GPSLatitude": ((0, 1), (0, 1), (0, 1)),
                "GPSLongitude": ((0, 1), (0, 1), (0, 1)),
            },
            "gps_null",
        ),
    ],
)
def test_unusable_positions_are_none_with_a_reason(changes, problem):
    facts = gps_facts(**changes)
    assert (facts.lat, facts.lon) == (None, None)
    assert problem in facts.problems


@pytest.mark.parametrize(
    ("changes", "alt", "direction", "problems"),
    [
        ({"GPSAltitude": (435, 10)}, 43.5, None, []),
        ({"GPSAltitude": (435, 10), "GPSAltitudeRef": 0}, 43.5, None, []),
        ({"GPSAltitude": (435, 10), "GPSAltitudeRef": 1}, -43.5, None, []),
        ({"GPSAltitude": (0, 0)}, None, None, ["alt_broken"]),
        ({"GPSImgDirection": (2955, 10)}, None, 295.5, []),
        ({"GPSImgDirection": (361, 1)}, None, None, ["direction_broken"]),
        ({"GPSImgDirection": (1, 0)}, None, None, ["direction_broken"]),
    ],
)
def test_altitude_and_direction(changes, alt, direction, problems):
    facts = gps_facts(**changes)
    assert (facts.alt, facts.direction, facts.problems) == (alt, direction, problems)
    assert facts.lat == pytest.approx(30.593)


@pytest.mark.parametrize(
    ("said", "datum"),
    [
        (None, None),
        ("WGS-84", "WGS-84"),
        ("GCJ-02", "GCJ-02"),
        ("国测局".encode(), "国测局"),
        ("  ", None),
        ("x" * 300, "x" * 32),
    ],
)
def test_the_datum_is_kept_as_said(said, datum):
    facts = gps_facts(GPSMapDatum=said)
    assert (facts.datum, facts.lat, facts.problems) == (datum, pytest.approx(30.593), [])


@pytest.mark.parametrize(
    ("ref", "north"), [("T", "true"), ("M", "magnetic"), ("X", None), (None, None)]
)
def test_the_north_that_a_direction_counts_from(ref, north):
    assert gps_facts(GPSImgDirection=(90, 1), GPSImgDirectionRef=ref).north == north
