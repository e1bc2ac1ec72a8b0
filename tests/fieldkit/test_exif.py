import io
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import piexif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from fieldkit.errors import InputError
from fieldkit.exif import Facts, read_facts, write_facts

AT = datetime(2026, 11, 22, 14, 5, 12, tzinfo=timezone(timedelta(hours=8)))


def _jpeg(path: Path, exif: dict | None = None) -> Path:
    image = Image.new("RGB", (16, 12), "gray")
    image.save(path, exif=piexif.dump(exif) if exif else b"")
    return path


def _gps(**changes) -> dict:
    gps = {
        piexif.GPSIFD.GPSLatitudeRef: b"N",
        piexif.GPSIFD.GPSLatitude: ((30, 1), (16, 1), (2676, 100)),
        piexif.GPSIFD.GPSLongitudeRef: b"E",
        piexif.GPSIFD.GPSLongitude: ((120, 1), (9, 1), (1836, 100)),
    }
    for name, value in changes.items():
        gps[getattr(piexif.GPSIFD, name)] = value
    return {"GPS": {key: value for key, value in gps.items() if value is not None}}


def test_time_and_position_of_a_photo(tmp_path: Path) -> None:
    exif = _gps() | {
        "Exif": {
            piexif.ExifIFD.DateTimeOriginal: b"2026:11:22 14:05:12",
            piexif.ExifIFD.OffsetTimeOriginal: b"+08:00",
        }
    }
    facts = read_facts(_jpeg(tmp_path / "p.jpg", exif))
    assert facts == Facts(30.2741, 120.1551, datetime(2026, 11, 22, 14, 5, 12), "+08:00")
    assert facts.loc() == {"lat": 30.2741, "lon": 120.1551, "src": "gps"}


def test_the_file_s_time_stands_in_for_the_camera_s(tmp_path: Path) -> None:
    exif = {"0th": {piexif.ImageIFD.DateTime: b"2026:11:22 14:05:12"}}
    assert read_facts(_jpeg(tmp_path / "p.jpg", exif)).taken == datetime(2026, 11, 22, 14, 5, 12)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"GPSLatitudeRef": b"S", "GPSLongitudeRef": b"W"}, (-30.2741, -120.1551)),
        ({"GPSLatitudeRef": None}, (None, None)),
        ({"GPSLatitudeRef": b"X"}, (None, None)),
        ({"GPSLongitude": None}, (None, None)),
        ({"GPSLatitude": ((30, 1), (16, 1))}, (None, None)),
        ({"GPSLatitude": ((30, 1), (16, 1), (0, 0))}, (None, None)),
        ({"GPSLatitude": ((91, 1), (0, 1), (0, 1))}, (None, None)),
        ({"GPSLongitude": ((180, 1), (0, 1), (1, 1))}, (None, None)),
        (
            {
                "GPSLatitude": ((0, 1), (0, 1), (0, 1)),
                "GPSLongitude": ((0, 1), (0, 1), (0, 1)),
            },
            (None, None),
        ),
    ],
)
def test_positions_good_and_bad(tmp_path: Path, changes: dict, expected: tuple) -> None:
    facts = read_facts(_jpeg(tmp_path / "p.jpg", _gps(**changes)))
    assert (facts.lat, facts.lon) == expected
    assert (facts.loc() is None) == (expected == (None, None))


@pytest.mark.parametrize("text", [b"0000:00:00 00:00:00", b"yesterday", b"", b"\xff\xfe"])
def test_a_time_that_is_none(tmp_path: Path, text: bytes) -> None:
    exif = _gps() | {"Exif": {piexif.ExifIFD.DateTimeOriginal: text}}
    facts = read_facts(_jpeg(tmp_path / "p.jpg", exif))
    assert facts.taken is None
    assert facts.lat == 30.2741


def test_what_is_readable_beside_broken_parts_is_read(tmp_path: Path) -> None:
    """The GPS pointer leads behind the end of the data, as one console's pictures have it."""
    exif = _gps() | {"Exif": {piexif.ExifIFD.DateTimeOriginal: b"2026:11:22 14:05:12"}}
    good = _jpeg(tmp_path / "good.jpg", exif).read_bytes()
    pointer = good.index(b"\x88\x25\x00\x04\x00\x00\x00\x01")
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(good[: pointer + 8] + b"\0\0\xff\xff" + good[pointer + 12 :])
    assert read_facts(broken) == Facts(taken=datetime(2026, 11, 22, 14, 5, 12))


@pytest.mark.parametrize("content", [b"", b"text", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_photo_has_no_facts(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "p.jpg"
    path.write_bytes(content)
    assert read_facts(path) == Facts()


def test_a_missing_file_has_no_facts(tmp_path: Path) -> None:
    assert read_facts(tmp_path / "missing.jpg") == Facts()


def _whole_photo() -> bytes:
    buffer = io.BytesIO()
    exif = _gps() | {"Exif": {piexif.ExifIFD.DateTimeOriginal: b"2026:11:22 14:05:12"}}
    Image.new("RGB", (8, 8)).save(buffer, "jpeg", exif=piexif.dump(exif))
    return buffer.getvalue()


WHOLE = _whole_photo()


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 400), st.binary(min_size=1, max_size=8), st.integers(0, len(WHOLE)))
def test_no_damage_makes_it_raise(tmp_path_factory, place: int, damage: bytes, end: int) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.jpg"
    path.write_bytes((WHOLE[:place] + damage + WHOLE[place + len(damage) :])[:end])
    facts = read_facts(path)
    assert facts.lat is None or -90 <= facts.lat <= 90
    assert facts.lon is None or -180 <= facts.lon <= 180


@settings(max_examples=50, deadline=None)
@given(st.floats(-90, 90), st.floats(-180, 180))
def test_what_is_written_is_read_back(tmp_path_factory, lat: float, lon: float) -> None:
    base = tmp_path_factory.getbasetemp()
    source, target = base / "source.jpg", base / "target.jpg"
    source.write_bytes(WHOLE)
    write_facts(source, target, at=AT, lat=lat, lon=lon)
    facts = read_facts(target)
    assert (facts.taken, facts.offset) == (AT.replace(tzinfo=None), "+08:00")
    if (round(lat, 7), round(lon, 7)) != (0, 0) and facts.lat is not None:
        assert facts.lat == pytest.approx(lat, abs=1e-7)
        assert facts.lon == pytest.approx(lon, abs=1e-7)
    assert source.read_bytes() == WHOLE


def test_camera_and_orientation_are_kept(tmp_path: Path) -> None:
    tags = {piexif.ImageIFD.Model: b"P40", piexif.ImageIFD.Orientation: 6}
    source = _jpeg(tmp_path / "s.jpg", {"0th": tags})
    write_facts(source, tmp_path / "t.jpg", at=AT, lat=30.0, lon=120.0)
    zeroth = piexif.load(str(tmp_path / "t.jpg"))["0th"]
    assert {tag: zeroth[tag] for tag in tags} == tags


def test_a_damaged_length_does_not_take_gigabytes(tmp_path: Path) -> None:
    """Six bytes make an entry claim to be some thousand million values long."""
    path = tmp_path / "p.jpg"
    path.write_bytes(WHOLE[:143] + b"\x06\x55\xf1\x65\x52\x68" + WHOLE[149:])
    code = (
        "import resource, sys; from fieldkit.exif import read_facts;"
        "resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30)); read_facts(sys.argv[1]);"
        # Not ru_maxrss, which a child inherits from whoever forked it.
        "print(next(x for x in open('/proc/self/status') if x.startswith('VmHWM')).split()[1])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, check=True)
    assert int(done.stdout) < 200 * 1024


def test_broken_exif_is_replaced_in_the_copy(tmp_path: Path) -> None:
    source = tmp_path / "s.jpg"
    source.write_bytes(WHOLE.replace(b"MM\x00*", b"XX\x00*"))
    write_facts(source, tmp_path / "t.jpg", at=AT, lat=30.0, lon=120.0)
    assert read_facts(tmp_path / "t.jpg").lat == 30.0


@pytest.mark.parametrize("content", [b"", b"no photo", b"\x89PNG\r\n\x1a\n....", None])
def test_nothing_is_written_into_what_is_no_jpeg(tmp_path: Path, content: bytes | None) -> None:
    source = tmp_path / "s.jpg"
    if content is not None:
        source.write_bytes(content)
    with pytest.raises(InputError) as caught:
        write_facts(source, tmp_path / "t.jpg", at=AT, lat=30.0, lon=120.0)
    assert caught.value.key == "bad_exif"
