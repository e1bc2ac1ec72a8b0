"""Files that mean harm or broke on the way: nothing raises, nothing grows, a word says why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from piexif import GPSIFD, ImageIFD

from server.media.reading import WORDS, PhotoFacts
from server.media.reading.tiff import rebuild
from tests.media.reading.drawn import (
    ASCII,
    FRAME,
    HEADER,
    LONG,
    SHORT,
    WUHAN,
    block,
    directory,
    facts_of,
    jpeg,
    picture,
    png,
    tiff,
    webp,
)
from tests.media.reading.drawn_heic import heic

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
    facts = facts_of(picture(b"Exif\0\0" + exif, kind))
    assert (facts.problems, facts.orientation) == (problems, orientation)
    assert (facts.width, facts.height, facts.make) == (8, 6, None)


def test_a_directory_of_65535_entries():
    many = tiff(*[(ImageIFD.Make, ASCII, 4, 0x41414141)] * 5000)
    assert facts_of(picture(b"Exif\0\0" + many)).make == "AAAA"


FULL = picture(block(image={ImageIFD.Make: b"HUAWEI"}, exif={}, gps=WUHAN))


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=12))
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_no_changed_bytes_make_it_raise(changes):
    data = bytearray(FULL)
    for index, value in changes:
        data[index] = value
    facts = facts_of(bytes(data))
    assert facts.lat is None or -90 <= facts.lat <= 90
    assert facts.lon is None or -180 <= facts.lon <= 180


@given(st.integers(0, len(FULL)))
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_no_cut_makes_it_raise(length):
    assert isinstance(facts_of(FULL[:length]), PhotoFacts)


@given(st.binary(max_size=300))
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_no_block_makes_it_raise(noise):
    data = picture(b"Exif\0\0II*\0\x08\0\0\0" + noise)
    assert facts_of(data).width == 8


def test_a_directory_named_a_thousand_times_is_read_once():
    inner = directory(*[(GPSIFD.GPSLatitudeRef, ASCII, 2, 0x4E)] * 1000)
    outer = [(ImageIFD.GPSTag, LONG, 1, 8 + 2 + 1000 * 12 + 4)] * 1000
    hostile = tiff(*outer, rest=inner)
    safe, _ = rebuild(hostile)
    assert len(safe) < len(hostile) + 200


@pytest.mark.parametrize(
    ("numbers", "problem"),
    [
        ([0] * 6, "gps_broken"),
        ([91, 1, 0, 1, 0, 1], "gps_out_of_range"),
        ([0xFFFFFFFF, 1, 0, 1, 0, 1], "gps_out_of_range"),
        ([0xFFFFFFFF, 1, 0xFFFFFFFF, 1, 0, 1], "gps_broken"),
        ([0, 1] * 3, "gps_null"),
    ],
)
def test_hostile_rationals(numbers, problem):
    gps = {
        GPSIFD.GPSLatitudeRef: "N",
        GPSIFD.GPSLongitudeRef: "E",
        GPSIFD.GPSLatitude: tuple(zip(numbers[::2], numbers[1::2], strict=True)),
        GPSIFD.GPSLongitude: tuple(zip(numbers[::2], numbers[1::2], strict=True)),
    }
    facts = facts_of(picture(block(gps=gps)))
    assert (facts.lat, facts.lon, facts.problems) == (None, None, [problem])


ZEROS = bytes(0xFFFF - 2 - 6)


@pytest.mark.parametrize(
    ("data", "problems"),
    [
        (jpeg(FRAME, (0xE1, b"Exif\0\0")), ["exif_broken"]),
        (jpeg(FRAME, (0xE1, b"Exif\0\0" + ZEROS)), ["exif_broken"]),
        (jpeg(FRAME, (0xE1, b"http://ns.adobe.com/xap/1.0/\0<x/>")), []),
        (jpeg(FRAME, tail=b"\xff" * 70_000), ["read_limit"]),
        (jpeg(*[(0xFE, b"")] * 30_000, FRAME), ["unreadable_image", "read_limit"]),
        (jpeg((0xC4, FRAME[1])), ["unreadable_image"]),
        (jpeg((0xC0, bytes(9))), ["unreadable_image"]),
        (jpeg(FRAME, tail=b"\xff\xe1\0\1"), []),
        (png(HEADER, (b"eXIf", b"")), ["exif_broken"]),
        (png(HEADER, (b"eXIf", bytes(65_536))), ["exif_broken"]),
        (png(HEADER, (b"eXIf", bytes(3_000_000))), ["exif_too_large", "exif_broken"]),
        (png(HEADER, *[(b"IDAT", b"")] * 30_000), ["read_limit"]),
        (png(HEADER, *[(b"IDAT", bytes(8192))] * 2000), []),
        (png(HEADER) + b"\xff\xff\xff\xffeXIf", ["exif_too_large", "exif_broken"]),
        (webp((b"EXIF", b"II*\0")), ["unreadable_image", "exif_broken"]),
        (webp((b"VP8 ", bytes(10))), ["unreadable_image"]),
        (webp((b"VP8L", bytes(5))), ["unreadable_image"]),
    ],
)
def test_hostile_containers(data, problems):
    assert facts_of(data).problems == problems


@pytest.mark.parametrize(
    "whole",
    [FULL, picture(block(gps=WUHAN), "PNG"), picture(block(gps=WUHAN), "WEBP"), heic(block())],
    ids=["JPEG", "PNG", "WEBP", "HEIC"],
)
@given(st.data())
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_no_harm_is_done_by_any_bytes_of_any_container(whole, data):
    harmed = bytearray(whole)
    places = st.tuples(st.integers(0, min(len(whole) - 1, 400)), st.integers(0, 255))
    for index, value in data.draw(st.lists(places, max_size=12)):
        harmed[index] = value
    facts = facts_of(bytes(harmed[: data.draw(st.integers(0, len(harmed)))]))
    assert WORDS.issuperset(facts.problems)
    assert facts.lat is None or (-90 <= facts.lat <= 90 and -180 <= facts.lon <= 180)


def test_bytes_say_what_a_file_is_and_not_its_name():
    assert facts_of(picture(kind="PNG")).format == "PNG"
