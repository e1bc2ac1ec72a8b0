"""Each container's own ways: where it keeps its size and its EXIF."""

import io
import zlib

import pytest
from piexif import ImageIFD
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from server.media.reading import PhotoFacts
from tests.media.reading.drawn import (
    FRAME,
    HEADER,
    WUHAN,
    block,
    facts_of,
    jpeg,
    picture,
    png,
    webp,
)
from tests.media.reading.drawn_heic import box, full, heic

MADE = block({ImageIFD.Make: "华为".encode(), ImageIFD.Orientation: 6}, gps=WUHAN)
TIFF = MADE[6:]
DIGITS = MADE.hex().encode()
PROFILE = b"\nexif\n%8d\n%s\n" % (len(MADE), DIGITS)


@pytest.mark.parametrize(
    "data",
    [
        b"\0" * 100,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\xff\xd8\xff\xe1",
        b"RIFF\x10\0\0\0WEBPVP8 ",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 30,
        b"GIF89a" + b"\0" * 30,
        b"%PDF-1.7",
        b"\0\0\0\x18ftypheic" + b"\0" * 12,
    ],
)
def test_what_is_no_picture(data):
    facts = facts_of(data)
    assert (facts.width, facts.height, facts.problems) == (None, None, ["unreadable_image"])


def test_an_empty_file():
    assert facts_of(b"") == PhotoFacts(problems=["empty_file"])


@pytest.mark.parametrize(
    "data",
    [
        jpeg((0xE1, MADE), FRAME),
        jpeg(FRAME, (0xE1, MADE)),
        jpeg((0xE0, b"JFIF\0"), (0xE1, b"http://ns.adobe.com/xap/1.0/\0"), (0xE1, MADE), FRAME),
        jpeg((0xE1, MADE), (0xE1, b"Exif\0\0rubbish"), FRAME),
        b"\xff\xd8\xff\xff" + jpeg((0xE1, MADE), FRAME)[2:],
        png(HEADER, (b"eXIf", TIFF), (b"IDAT", b"")),
        png(HEADER, (b"IDAT", b"pixels"), (b"eXIf", MADE), (b"IEND", b"")),
        png(HEADER, (b"tEXt", b"Raw profile type exif\0" + PROFILE)),
        png(HEADER, (b"zTXt", b"Raw profile type APP1\0\0" + zlib.compress(PROFILE))),
        webp((b"VP8X", bytes([8, 0, 0, 0, 7, 0, 0, 5, 0, 0])), (b"EXIF", TIFF)),
        webp((b"VP8 ", b"\0\0\0\x9d\x01\x2a\x08\0\x06\0\0"), (b"EXIF", MADE)),
        webp((b"VP8L", bytes([0x2F, 7, 0x40, 1, 0])), (b"EXIF", TIFF)),
    ],
)
def test_wherever_it_stands(data):
    facts = facts_of(data)
    assert (facts.make, facts.orientation, facts.problems) == ("华为", 6, [])
    assert (facts.width, facts.height) == (8, 6)


def test_a_second_picture_in_the_file_is_not_read():
    assert facts_of(jpeg(FRAME) + jpeg((0xE1, MADE), FRAME)).make is None


@pytest.mark.parametrize(
    "text",
    [
        b"Raw profile type exif\0" + b"no profile",
        b"Raw profile type exif\0\nexif\n  4\n00112",
    ],
)
def test_a_raw_profile_that_is_none(text):
    assert facts_of(png(HEADER, (b"tEXt", text))).problems == ["exif_broken"]


def test_a_compressed_profile_that_is_a_bomb():
    bomb = zlib.compress(b"\nexif\n 9\n" + b"00" * 30_000_000, 9)
    facts = facts_of(png(HEADER, (b"zTXt", b"Raw profile type exif\0\0" + bomb)))
    assert facts.problems == ["exif_too_large", "exif_broken"]


def test_other_texts_of_a_png_are_left_alone():
    info = PngInfo()
    info.add_text("Title", "题目", zip=True)
    out = io.BytesIO()
    Image.new("RGB", (8, 6)).save(out, "PNG", pnginfo=info)
    assert facts_of(out.getvalue()) == PhotoFacts(width=8, height=6, format="PNG")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("size", [(1, 1), (8, 6), (1023, 17), (3001, 2)])
def test_sizes(kind, size):
    facts = facts_of(picture(kind=kind, size=size))
    assert (facts.width, facts.height, facts.format) == (*size, kind)


def test_a_lossless_webp():
    out = io.BytesIO()
    Image.new("RGB", (301, 17)).save(out, "WEBP", lossless=True)
    facts = facts_of(out.getvalue())
    assert (facts.width, facts.height, facts.problems) == (301, 17, [])


# HEIC


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize(("turns", "size"), [(0, (800, 600)), (1, (600, 800)), (2, (800, 600))])
def test_heic_needs_no_decoder(inside, wide, turns, size):
    facts = facts_of(heic(TIFF, inside=inside, wide=wide, turns=turns))
    assert (facts.make, facts.format, facts.problems) == ("华为", "HEIC", [])
    assert (facts.width, facts.height, facts.orientation) == (*size, 1)
    assert facts.lat == pytest.approx(30.593)


def test_heic_without_exif():
    entries = full(b"iinf", 0, b"\0\0")
    assert facts_of(heic(TIFF, iinf=entries)) == PhotoFacts(width=800, height=600, format="HEIC")
    assert facts_of(heic(TIFF, iinf=None)).problems == []


@pytest.mark.parametrize(
    "changes",
    [
        {"skip": 0xFFFFFFFF},
        {"skip": 10_000},
        {"iloc": None},
        {"iloc": full(b"iloc", 1, b"\x44\0\0\0")},
        {"iloc": full(b"iloc", 1, b"\x00\0\0\2" + bytes(4) + b"\0\0\xff\xff" * 2)},
        {"iloc": full(b"iloc", 2, b"\x00\0" + b"\xff" * 4 + b"\0\0\0\1\0\0\0\0\xff\xff" * 2000)},
        {"iinf": full(b"iinf", 0, b"\xff\xff", full(b"infe", 2, b"\0"))},
        {"iinf": box(b"iinf", b"\0")},
    ],
)
def test_broken_tables_of_a_heic(changes):
    facts = facts_of(heic(TIFF, **changes))
    assert (facts.make, facts.problems[-1:]) == (None, ["exif_broken"])


@pytest.mark.parametrize(
    "changes",
    [
        {"iprp": None},
        {"pitm": None},
        {"iprp": box(b"iprp", full(b"ipma", 0, bytes(4)))},
        {"iprp": box(b"iprp", full(b"ipma", 0, b"\0\0\0\1\0\1\1\x09"))},
    ],
)
def test_a_heic_that_hides_its_size(changes):
    facts = facts_of(heic(TIFF, **changes))
    assert (facts.make, facts.width, facts.problems) == ("华为", None, ["unreadable_image"])


@pytest.mark.parametrize(
    ("length", "problems"),
    [(1, ["unreadable_image"]), (7, ["unreadable_image"]), (0xFFFFFFF0, ["unreadable_image"])],
)
def test_boxes_of_impossible_lengths(length, problems):
    head = box(b"ftyp", b"heic", bytes(4))
    assert facts_of(head + length.to_bytes(4) + b"free" + bytes(50)).problems == problems
