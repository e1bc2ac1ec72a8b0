"""What every container tells alike, and the texts and numbers of the image itself."""

import tracemalloc
from datetime import UTC, datetime, timedelta, timezone

import pytest
from piexif import GPSIFD, ExifIFD, ImageIFD

from server.media.reading import PhotoFacts
from tests.media.reading.drawn import ASCII, WUHAN, block, facts_of, picture, tiff


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
    assert facts_of(data) == PhotoFacts(
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


@pytest.mark.parametrize(
    ("value", "problems"), [(0, ["orientation_broken"]), (9, ["orientation_broken"])]
)
def test_an_impossible_orientation(value, problems):
    facts = facts_of(picture(block(image={ImageIFD.Orientation: value})))
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
    assert facts_of(picture(block(image={ImageIFD.Make: value}))).make == expected


def test_a_text_without_its_nul_keeps_its_last_letter():
    facts = facts_of(picture(b"Exif\0\0" + tiff((ImageIFD.Model, ASCII, 3, 0x333231))))
    assert facts.model == "123"


def test_a_picture_without_exif_has_no_problems():
    assert facts_of(picture()) == PhotoFacts(width=8, height=6, format="JPEG")


def test_no_pixel_is_decoded():
    huge = picture(block(gps=WUHAN), "PNG", (6000, 6000))
    tracemalloc.start()
    assert facts_of(huge).width == 6000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


def test_a_truncated_picture_still_tells_its_facts():
    data = picture(block(gps=WUHAN), size=(400, 400))
    facts = facts_of(data[: len(data) // 2])
    assert (facts.width, facts.lat) == (400, pytest.approx(30.593))


def test_moments_are_columns_as_written():
    columns = PhotoFacts(taken_at=datetime(2026, 11, 22, 14, 5, 12)).columns()
    assert (columns["taken_at"], columns["changed_at"]) == ("2026-11-22T14:05:12", None)
    assert not {"alt", "problems"} & columns.keys()
