"""When a photo was taken and changed: the camera's clock and the satellites'."""

from datetime import UTC, datetime

import pytest
from piexif import ImageIFD

from tests.media.reading.drawn import exif_facts, gps_facts

NOON = ((12, 1), (0, 1), (0, 1))


@pytest.mark.parametrize(
    ("day", "clock", "expected", "problems"),
    [
        ("2026:11:22", NOON, datetime(2026, 11, 22, 12, tzinfo=UTC), []),
        ("2026-11-22", NOON, datetime(2026, 11, 22, 12, tzinfo=UTC), []),
        ("2026:11:22", ((23, 1), (59, 1), (60, 1)), datetime(2026, 11, 23, tzinfo=UTC), []),
        (None, NOON, None, []),
        ("2026:11:22", None, None, []),
        ("2026:13:22", NOON, None, ["gps_time_broken"]),
        ("yesterday", NOON, None, ["gps_time_broken"]),
        ("2026:11:22", ((24, 1), (0, 1), (0, 1)), None, ["gps_time_broken"]),
        ("2026:11:22", ((12, 1), (0, 0), (0, 1)), None, ["gps_time_broken"]),
        ("2026:11:22", ((12, 1), (0, 1)), None, ["gps_time_broken"]),
    ],
)
def test_gps_time(day, clock, expected, problems):
    facts = gps_facts(GPSDateStamp=day, GPSTimeStamp=clock)
    assert (facts.gps_time, facts.problems) == (expected, problems)


@pytest.mark.parametrize(
    ("tags", "expected", "problems"),
    [
        ({"DateTimeOriginal": "2026:11:22 14:05:12"}, "2026-11-22T14:05:12", []),
        ({"DateTimeOriginal": "2026-11-22T14:05:12"}, "2026-11-22T14:05:12", []),
        ({"DateTimeDigitized": "2026:11:22 14:05:12"}, "2026-11-22T14:05:12", []),
        (
            {
                "DateTimeOriginal": "0000:00:00 00:00:00",
                "DateTimeDigitized": "2026:11:22 14:05:12",
                "OffsetTimeDigitized": "-03:30",
            },
            "2026-11-22T14:05:12-03:30",
            [],
        ),
        (
            {"DateTimeOriginal": "2026:11:22 14:05:12", "OffsetTimeOriginal": "+0800"},
            "2026-11-22T14:05:12+08:00",
            [],
        ),
        (
            {"DateTimeOriginal": "2026:11:22 14:05:12", "OffsetTimeOriginal": "   :  "},
            "2026-11-22T14:05:12",
            [],
        ),
        (
            {"DateTimeOriginal": "2026:11:22 14:05:12", "OffsetTimeOriginal": "+99:00"},
            "2026-11-22T14:05:12",
            ["offset_broken"],
        ),
        ({"DateTimeOriginal": "    :  :     :  :  "}, None, []),
        ({"DateTimeOriginal": "2026:02:30 14:05:12"}, None, ["taken_at_broken"]),
        ({"DateTimeOriginal": "2026:11:22 25:05:12"}, None, ["taken_at_broken"]),
        ({"DateTimeOriginal": "2026:11:22"}, None, ["taken_at_broken"]),
        ({"DateTimeOriginal": "今天"}, None, ["taken_at_broken"]),
        ({"OffsetTimeOriginal": "+08:00"}, None, []),
    ],
)
def test_taken_at(tags, expected, problems):
    facts = exif_facts(**{name: value.encode() for name, value in tags.items()})
    assert facts.taken_at == (datetime.fromisoformat(expected) if expected else None)
    assert facts.problems == problems


@pytest.mark.parametrize(
    ("decimals", "microsecond"),
    [("5", 500000), ("012", 12000), ("1234567", 123456), ("  ", 0), ("x", 0), ("²", 0)],
)
def test_decimals_of_a_second(decimals, microsecond):
    facts = exif_facts(DateTimeOriginal="2026:11:22 14:05:12", SubSecTimeOriginal=decimals.encode())
    assert (facts.taken_at.microsecond, facts.problems) == (microsecond, [])


@pytest.mark.parametrize(
    ("time", "offset", "expected", "problems"),
    [
        ("2026:11:22 18:00:00", None, "2026-11-22T18:00:00", []),
        ("2026:11:22 18:00:00", b"+08:00", "2026-11-22T18:00:00+08:00", []),
        ("0000:00:00 00:00:00", None, None, []),
        ("2026:13:22 18:00:00", None, None, ["changed_at_broken"]),
    ],
)
def test_changed_at(time, offset, expected, problems):
    more = {"OffsetTime": offset} if offset else {}
    facts = exif_facts({ImageIFD.DateTime: time}, **more)
    assert facts.changed_at == (datetime.fromisoformat(expected) if expected else None)
    assert facts.problems == problems


@pytest.mark.parametrize("year", ["0001", "1899", "2200", "9999"])
def test_a_year_beyond_all_calendars_is_a_slip(year):
    facts = gps_facts(GPSDateStamp=f"{year}:12:31", GPSTimeStamp=((23, 1), (59, 1), (60, 1)))
    assert (facts.gps_time, facts.problems) == (None, ["gps_time_broken"])
    facts = exif_facts(DateTimeOriginal=f"{year}:12:31 23:59:59")
    assert (facts.taken_at, facts.problems) == (None, ["taken_at_broken"])
