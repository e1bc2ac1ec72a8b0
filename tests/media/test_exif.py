"""EXIF of drawn pictures, of hostile ones, and of real ones where the folder of photos is there."""

import os
import struct
import tracemalloc
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path

import piexif
import pytest
from hypothesis import given
from hypothesis import strategies as st
from piexif import GPSIFD, ExifIFD, ImageIFD
from PIL import Image

from server.media.exif import PhotoFacts, heic_is_supported, read

PHOTOS = Path(os.environ.get("GEWU_PHOTOS", Path(__file__).parents[3] / "shared" / "photos"))
REAL = sorted(PHOTOS.glob("*.[jJhH][pPeE]*"))

WUHAN = {
    GPSIFD.GPSLatitudeRef: "N",
    GPSIFD.GPSLatitude: ((30, 1), (35, 1), (3480, 100)),
    GPSIFD.GPSLongitudeRef: "E",
    GPSIFD.GPSLongitude: ((114, 1), (18, 1), (1980, 100)),
}


def picture(exif: bytes = b"", kind: str = "JPEG", size: tuple[int, int] = (8, 6)) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "red").save(out, kind, exif=exif)
    return out.getvalue()


def block(image=None, exif=None, gps=None) -> bytes:
    return piexif.dump({"0th": image or {}, "Exif": exif or {}, "GPS": gps or {}})


def gps_facts(**changes) -> PhotoFacts:
    """Facts of a picture from Wuhan with some GPS tags changed, or removed by None."""
    tags = WUHAN | {getattr(GPSIFD, name): value for name, value in changes.items()}
    kept = {tag: value for tag, value in tags.items() if value is not None}
    return read(picture(block(gps=kept)))


def exif_facts(**tags) -> PhotoFacts:
    return read(picture(block(exif={getattr(ExifIFD, n): value for n, value in tags.items()})))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_everything_is_read_from_every_format(kind):
    data = picture(
        block(
            image={
                ImageIFD.Make: "华为".encode(),
                ImageIFD.Model: b"  P60 \0\0",
                ImageIFD.Software: b"camera 2.1",
                ImageIFD.Orientation: 6,
            },
            exif={
                ExifIFD.DateTimeOriginal: "2026:11:22 14:05:12",
                ExifIFD.OffsetTimeOriginal: "+08:00",
            },
            gps=WUHAN
            | {
                GPSIFD.GPSAltitudeRef: 1,
                GPSIFD.GPSAltitude: (235, 10),
                GPSIFD.GPSDateStamp: "2026:11:22",
                GPSIFD.GPSTimeStamp: ((6, 1), (5, 1), (1250, 100)),
                GPSIFD.GPSImgDirection: (3600, 10),
            },
        ),
        kind,
    )
    assert read(data) == PhotoFacts(
        width=8,
        height=6,
        format=kind,
        lat=pytest.approx(30.593),
        lon=pytest.approx(114.3055),
        alt=-23.5,
        direction=0,
        gps_time=datetime(2026, 11, 22, 6, 5, 12, 500000, tzinfo=UTC),
        taken_at=datetime(2026, 11, 22, 14, 5, 12, tzinfo=timezone(timedelta(hours=8))),
        orientation=6,
        make="华为",
        model="P60",
        software="camera 2.1",
        problems=[],
    )


def test_a_file_is_read_like_its_bytes(tmp_path):
    path = tmp_path / "照片.jpg"
    path.write_bytes(picture(block(gps=WUHAN)))
    assert read(path) == read(str(path)) == read(path.read_bytes())


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "none.jpg")


def test_a_picture_without_exif_has_no_problems():
    assert read(picture()) == PhotoFacts(width=8, height=6, format="JPEG")


def test_no_pixel_is_decoded():
    huge = picture(block(gps=WUHAN), "PNG", (6000, 6000))
    tracemalloc.start()
    assert read(huge).width == 6000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


def test_a_truncated_picture_still_tells_its_facts():
    data = picture(block(gps=WUHAN), size=(400, 400))
    facts = read(data[: len(data) // 2])
    assert (facts.width, facts.lat) == (400, pytest.approx(30.593))


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "empty_file"),
        (b"\0" * 100, "unreadable_image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unreadable_image"),
        (b"\xff\xd8", "unreadable_image"),
        (b"\xff\xd8\xff\xe1", "unreadable_image"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "unreadable_image"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 30, "unreadable_image"),
        (b"GIF89a" + b"\0" * 30, "unreadable_image"),
    ],
)
def test_what_is_no_picture(data, problem):
    assert read(data) == PhotoFacts(problems=[problem])


def test_a_gif_is_not_a_photo():
    out = BytesIO()
    Image.new("P", (2, 2)).save(out, "GIF")
    assert read(out.getvalue()).problems == ["unreadable_image"]


def test_heic_without_its_decoder_is_named():
    facts = read(b"\0\0\0\x18ftypheic" + b"\0" * 12)
    assert facts.problems == (["unreadable_image"] if heic_is_supported() else ["heic_unsupported"])


@pytest.mark.parametrize("pixels", [100, 10])
def test_too_many_pixels(monkeypatch, pixels):
    """Up to twice Pillow's limit it warns, above it raises."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", pixels)
    data = picture(size=(12, 10))
    if pixels == 100:
        with pytest.warns(Image.DecompressionBombWarning):
            facts = read(data)
    else:
        facts = read(data)
    assert facts.problems == ["too_many_pixels"]
    assert facts.width == (12 if pixels == 100 else None)


@pytest.mark.filterwarnings("error")
def test_the_warning_may_be_an_error(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert read(picture(size=(12, 10))).problems == ["too_many_pixels"]


def test_no_limit_of_pixels_is_no_problem(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    assert read(picture(size=(12, 10))).problems == []


# Place


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


# Time

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


# Image


@pytest.mark.parametrize(
    ("value", "problems"), [(0, ["orientation_broken"]), (9, ["orientation_broken"])]
)
def test_an_impossible_orientation(value, problems):
    facts = read(picture(block(image={ImageIFD.Orientation: value})))
    assert (facts.orientation, facts.problems) == (None, problems)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"HUAWEI\0", "HUAWEI"),
        ("小米".encode(), "小米"),
        ("小米".encode("gb18030"), "小米"),
        (b"\xffa", "\ufffda"),
        (b"a\x1b[31m\nb", "a[31mb"),
        (b"   \0\0  ", None),
        (b"8.3\0rest", "8.3"),
        (b"x" * 500, "x" * 200),
    ],
)
def test_texts_are_cleaned(value, expected):
    assert read(picture(block(image={ImageIFD.Make: value}))).make == expected


def test_a_text_without_its_nul_keeps_its_last_letter():
    facts = read(picture(b"Exif\0\0" + tiff((ImageIFD.Model, ASCII, 3, 0x333231))))
    assert facts.model == "123"


# Hostile blocks

ASCII, SHORT, LONG, RATIONAL = 2, 3, 4, 5


def tiff(*entries: tuple[int, int, int, int], rest: bytes = b"", first: int = 8) -> bytes:
    """A block with one directory of (tag, type, count, value), each value a LONG."""
    body = b"".join(struct.pack("<HHLL", *entry) for entry in entries)
    return b"II*\0" + struct.pack("<LH", first, len(entries)) + body + bytes(4) + rest


ORIENTED = (ImageIFD.Orientation, SHORT, 1, 6)
HOSTILE = [
    ("no TIFF", b"garbage garbage", ["exif_broken"], None),
    ("only a header", b"II*\0", ["exif_broken"], None),
    ("no directory", b"II*\0\x08\0\0\0", ["exif_truncated"], None),
    ("directory beyond the end", tiff(ORIENTED, first=0xFFFFFFF0), ["exif_truncated"], None),
    ("cut in an entry", tiff(ORIENTED, ORIENTED)[:-8], ["exif_truncated"], 6),
    (
        "a count of four billion",
        tiff((ImageIFD.Make, 1, 0xFFFFFFFF, 8), ORIENTED),
        ["exif_entry_broken"],
        6,
    ),
    (
        "a value beyond the end",
        tiff((ImageIFD.Make, ASCII, 20, 0xFFFFFF), ORIENTED),
        ["exif_entry_broken"],
        6,
    ),
    ("a count of zero", tiff((ImageIFD.Make, ASCII, 0, 8), ORIENTED), ["exif_entry_broken"], 6),
    ("an unknown type", tiff((ImageIFD.Make, 99, 1, 8), ORIENTED), ["exif_entry_broken"], 6),
    ("itself as EXIF", tiff((ImageIFD.ExifTag, LONG, 1, 8), ORIENTED), [], 6),
    ("itself as GPS", tiff((ImageIFD.GPSTag, LONG, 1, 8), ORIENTED), [], 6),
    (
        "a pointer beyond the end",
        tiff((ImageIFD.GPSTag, LONG, 1, 0xFFFFFFFF), ORIENTED),
        ["exif_truncated"],
        6,
    ),
    (
        "a pointer that is a text",
        tiff((ImageIFD.GPSTag, ASCII, 4, 0x41414141), ORIENTED),
        ["exif_entry_broken"],
        6,
    ),
    (
        "an orientation of two",
        tiff((ImageIFD.Orientation, SHORT, 2, 6)),
        ["orientation_broken"],
        None,
    ),
    ("a make that is a number", tiff((ImageIFD.Make, LONG, 1, 7), ORIENTED), [], 6),
]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    ("exif", "problems", "orientation"),
    [row[1:] for row in HOSTILE],
    ids=[row[0] for row in HOSTILE],
)
@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_hostile_blocks(exif, problems, orientation, kind):
    facts = read(picture(b"Exif\0\0" + exif, kind))
    assert (facts.problems, facts.orientation) == (problems, orientation)
    assert (facts.width, facts.height, facts.make) == (8, 6, None)


def test_a_directory_of_65535_entries():
    many = tiff(*[(ImageIFD.Make, ASCII, 4, 0x41414141)] * 5000)
    assert read(picture(b"Exif\0\0" + many)).make == "AAAA"


FULL = picture(block(image={ImageIFD.Make: b"HUAWEI"}, exif={}, gps=WUHAN))


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=12))
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_no_changed_bytes_make_it_raise(changes):
    data = bytearray(FULL)
    for index, value in changes:
        data[index] = value
    facts = read(bytes(data))
    assert facts.lat is None or -90 <= facts.lat <= 90
    assert facts.lon is None or -180 <= facts.lon <= 180


@given(st.integers(0, len(FULL)))
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_no_cut_makes_it_raise(length):
    assert isinstance(read(FULL[:length]), PhotoFacts)


@given(st.binary(max_size=300))
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_no_block_makes_it_raise(noise):
    data = picture(b"Exif\0\0II*\0\x08\0\0\0" + noise)
    assert read(data).width == 8


# Real photos

EXPECTED = {
    "45-gps_ifd.jpg": {"model": "Gran Turismo 5", "lat": None, "problems": ["exif_entry_broken"]},
    "67-0_length_string.jpg": {"make": "samsung", "lat": 51.025, "lon": 7.59194, "alt": 340},
    "DSCN0010.jpg": {"lat": 43.46745, "lon": 11.88513, "model": "COOLPIX P6000"},
    "iphone_hdr_YES.jpg": {"lat": 40.44697, "lon": -3.72475, "direction": 211.2013},
    "jolla.jpg": {"make": "Jolla", "taken_at": datetime(2014, 9, 21, 16, 0, 56)},
    "landscape_3.jpg": {"orientation": 3},
    "portrait_6.jpg": {"orientation": 6},
    "image00971.jpg": {"lat": None, "make": None, "taken_at": None},
}


@pytest.mark.parametrize("path", REAL, ids=[path.name for path in REAL])
def test_real_photos(path):
    facts = read(path)
    assert facts.format in ("JPEG", "HEIC")
    for name, value in ({"problems": []} | EXPECTED.get(path.name, {})).items():
        if path.suffix != ".HEIC":
            expected = pytest.approx(value, abs=1e-4) if isinstance(value, float) else value
            assert getattr(facts, name) == expected, name


@pytest.mark.parametrize("path", [path for path in REAL if path.suffix == ".HEIC"])
def test_real_heic(path):
    facts = read(path)
    if heic_is_supported():
        assert (facts.make, facts.problems) == ("Apple", [])
    else:
        assert facts.problems == ["heic_unsupported"]
