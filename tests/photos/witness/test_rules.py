"""A photo's words against its item's: each flag, each limit, each kindness."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kernel import geo
from server.photos.witness import rules
from server.photos.witness.rules import (
    EDITED,
    EXIF_FAR,
    EXIF_MISSING,
    EXIF_TIME,
    Claim,
    Found,
    Limits,
    Witness,
)

SHANGHAI = timezone(timedelta(hours=8))
LIMITS = Limits(far_m=500, time_s=1800, zone=ZoneInfo("Asia/Shanghai"))
AT = datetime(2026, 11, 22, 14, 5, 12, tzinfo=SHANGHAI)
HERE = (39.908823, 116.39747)
"""Tian'anmen, where GCJ-02 lies 555.6 m from WGS-84."""
METRE = 180 / (geo.EARTH_RADIUS_M * 3.141592653589793)
"""Degrees of latitude."""


def claim(lat=HERE[0], lon=HERE[1], acc=0.0, at=AT) -> Claim:
    return Claim(at, lat, lon, acc)


def far(lat, lon, datum="WGS-84", against=None) -> float | None:
    found = rules.far(against or claim(), Witness(lat=lat, lon=lon, datum=datum), LIMITS)
    return None if found is None else found.number


# Place


@pytest.mark.parametrize(
    ("metres", "acc", "number"),
    [
        (0, 0, None),
        (499.9, 0, None),
        (500.1, 0, 500.1),
        (510, 15, None),
        (520, 15, 520),
        (3499.9, 1e7, None),
        (3500.1, 1e7, 3500.1),
    ],
)
def test_the_limit_and_the_accuracy_of_the_fix(metres, acc, number):
    found = far(HERE[0] + metres * METRE, HERE[1], against=claim(acc=acc))
    assert found == (number if number is None else pytest.approx(number, abs=0.05))


def test_the_limit_itself_is_allowed():
    exact = geo.distance(*HERE, 40.0, 116.0)
    photo = Witness(lat=40.0, lon=116.0, datum="WGS-84")
    at_limit, below = (Limits(far_m, 1, UTC) for far_m in (exact, exact - 0.001))
    assert rules.far(claim(), photo, at_limit) is None
    assert rules.far(claim(), photo, below) == Found(EXIF_FAR, round(exact, 1))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("WGS-84", ("wgs84",)),
        ("WGS 84", ("wgs84",)),
        ("wgs_1984", ("wgs84",)),
        ("CGCS2000", ("wgs84",)),
        ("GCJ-02", ("gcj02",)),
        ("gcj02", ("gcj02",)),
        ("BD-09", ("bd09",)),
        ("BD09LL", ("bd09",)),
        (None, ("wgs84", "gcj02")),
        ("TOKYO", ("wgs84", "gcj02")),
        ("国测局", ("wgs84", "gcj02")),
    ],
)
def test_datums(said, meant):
    assert rules.datums(said) == meant


@pytest.mark.parametrize(
    ("written", "said", "number"),
    [
        ("gcj02", "GCJ-02", None),
        ("gcj02", None, None),
        ("gcj02", "WGS-84", 555.6),
        ("wgs84", None, None),
        ("wgs84", "GCJ-02", 555.6),
        ("bd09", "BD-09", None),
        ("bd09", "WGS-84", 1335.0),
    ],
)
def test_the_shift_of_the_map(written, said, number):
    found = far(*geo.from_wgs84(*HERE, written), datum=said)
    assert found == (number if number is None else pytest.approx(number, rel=0.05))


def test_across_the_date_line():
    fiji = claim(lat=-17.0, lon=179.999)
    assert far(-17.0, -179.999, against=fiji) is None
    assert far(-17.0, -179.99, against=fiji) == pytest.approx(1170, abs=5)


@pytest.mark.parametrize(
    ("against", "photo"),
    [
        (Claim(AT), Witness(lat=1.0, lon=1.0)),
        (claim(), Witness()),
        (Claim(AT, 1.0, None), Witness(lat=1.0, lon=1.0)),
        (claim(), Witness(lat=1.0)),
    ],
)
def test_half_a_place_is_none(against, photo):
    assert rules.far(against, photo, LIMITS) is None


PLACES = st.tuples(st.floats(-90, 90), st.floats(-180, 180))
CHINESE = st.tuples(st.floats(23, 42), st.floats(104, 118))


@given(PLACES, PLACES, st.sampled_from([None, "WGS-84", "GCJ-02", "BD-09", "?"]))
def test_a_finding_is_beyond_its_limit_and_on_this_earth(here, there, datum):
    number = far(*there, datum=datum, against=claim(*here))
    assert number is None or 500 <= number <= 20_015_200


@given(CHINESE, st.sampled_from(["wgs84", "gcj02", "bd09"]))
def test_the_same_place_in_its_own_datum_is_never_far(here, datum):
    assert far(*geo.from_wgs84(*here, datum), datum=datum, against=claim(*here)) is None


@given(CHINESE, CHINESE)
def test_silence_is_never_worse_than_a_word(here, there):
    silent, said = (far(*there, datum=datum, against=claim(*here)) for datum in (None, "WGS-84"))
    assert silent is None or (said is not None and silent <= said)


# Time


def late(taken: datetime | None, gps: datetime | None = None, at: datetime = AT) -> float | None:
    photo = Witness(taken_at=taken, gps_time=gps)
    found = rules.out_of_time(claim(at=at), photo, LIMITS)
    return None if found is None else found.number


@pytest.mark.parametrize(
    ("seconds", "number"),
    [(0, None), (1800, None), (-1800, None), (1800.1, 1800.1), (-1800.1, -1800.1), (9e4, 9e4)],
)
def test_seconds_from_the_item_to_the_photo(seconds, number):
    assert late(AT + timedelta(seconds=seconds)) == number


@pytest.mark.parametrize(
    ("taken", "at", "number"),
    [
        ("2026-11-22T14:05:12", AT, None),
        ("2026-11-22T14:05:12", AT.astimezone(UTC), None),
        ("2026-11-22T06:05:12", AT, None),
        ("2026-11-22T11:05:12", AT.astimezone(timezone(timedelta(hours=5))), None),
        ("2026-11-22T11:05:12", AT, -10_800),
        ("2026-11-22T15:05:12", AT, 3600),
        ("2026-11-22T06:05:12+08:00", AT, -28_800),
        ("2026-11-21T14:05:12", AT, -86_400),
        ("1970-01-01T00:00:00", AT, -1_795_356_312),
    ],
)
def test_offsets(taken, at, number):
    """A time without one is the deployment's, the phone's or UTC; with one it is what it says."""
    assert late(datetime.fromisoformat(taken), at=at) == number


def test_the_satellites_speak_where_the_shutter_is_silent():
    yesterday = AT - timedelta(days=1)
    assert late(AT, gps=yesterday) is None
    assert late(None, gps=yesterday) == -86_400
    assert late(None) is None


OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 31), timezones=OFFSETS)


@given(TIMES, TIMES)
def test_the_number_is_the_difference(taken, at):
    seconds = (taken - at).total_seconds()
    assert late(taken, at=at) == (round(seconds, 1) if abs(seconds) > 1800 else None)


@given(TIMES, TIMES)
def test_without_an_offset_nothing_is_worse(taken, at):
    naive = late(taken.astimezone(at.tzinfo).replace(tzinfo=None), at=at)
    aware = late(taken, at=at)
    assert naive is None or aware is not None


# What is missing, and what was changed


@pytest.mark.parametrize(
    ("photo", "found"),
    [
        (Witness(), Found(EXIF_MISSING)),
        (Witness(software="camera", changed_at=AT), Found(EXIF_MISSING)),
        (Witness(lat=30.0, lon=120.0), None),
        (Witness(taken_at=AT), None),
        (Witness(gps_time=AT), None),
    ],
)
def test_missing(photo, found):
    assert rules.missing(photo) == found


def test_zero_degrees_are_a_place():
    assert rules.missing(Witness(lat=0.0, lon=10.0)) is None


@pytest.mark.parametrize(
    ("software", "named"),
    [
        ("Adobe Photoshop CC (Macintosh)", True),
        ("GIMP 2.4.5", True),
        ("Adobe Lightroom 6.1.1", True),
        ("snapseed 2.0", True),
        ("美图秀秀 9.9", True),
        ("醒图", True),
        ("MEITU", True),
        ("Photoshop25", True),
        ("15.2.1", False),
        ("Nikon Transfer 1.1 W", False),
        ("Capituna Pitumba 1", False),
        ("今日水印相机", False),
        ("HUAWEI P60", False),
    ],
)
def test_editors(software, named):
    photo = Witness(taken_at=AT, software=software)
    assert rules.edited(photo) == (Found(EDITED) if named else None)


NAIVE = AT.replace(tzinfo=None)


@pytest.mark.parametrize(
    ("taken", "changed", "number"),
    [
        (NAIVE, NAIVE + timedelta(seconds=120), None),
        (NAIVE, NAIVE + timedelta(seconds=120.5), 120.5),
        (NAIVE, NAIVE - timedelta(days=1), None),
        (AT, AT.astimezone(UTC), None),
        (AT, NAIVE + timedelta(hours=1), 3600),
        (AT, datetime(2026, 11, 22, 14, 5, 12, tzinfo=UTC), 28_800),
        (None, NAIVE, None),
        (NAIVE, None, None),
    ],
)
def test_a_file_changed_after_the_shutter(taken, changed, number):
    found = rules.edited(Witness(taken_at=taken, changed_at=changed))
    assert found == (None if number is None else Found(EDITED, number))


def test_all_that_is_odd_is_found_once():
    photo = Witness(40.5, 116.0, "WGS-84", AT - timedelta(days=1), None, AT, "Snapseed")
    found = rules.judge(claim(), photo, LIMITS)
    assert [finding.flag for finding in found] == [EXIF_FAR, EXIF_TIME, EDITED]
    assert rules.judge(claim(), Witness(*HERE, "WGS-84", AT), LIMITS) == []
