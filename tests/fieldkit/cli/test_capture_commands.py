"""shift, track, report, form, visit: what is asked for is in the line."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import piexif
import pytest
from PIL import Image

from fieldkit.store import Store
from tests.fieldkit.cli.conftest import Run

GPS = {
    piexif.GPSIFD.GPSLatitudeRef: b"N",
    piexif.GPSIFD.GPSLatitude: ((30, 1), (30, 1), (0, 1)),
    piexif.GPSIFD.GPSLongitudeRef: b"E",
    piexif.GPSIFD.GPSLongitude: ((120, 1), (15, 1), (0, 1)),
}


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "near.jpg"
    Image.new("RGB", (8, 8)).save(path, exif=piexif.dump({"GPS": GPS}))
    return path


def _last(kept: Store) -> dict[str, Any]:
    return json.loads(kept.row("SELECT line FROM items ORDER BY n DESC")["line"])


def test_a_report_takes_its_place_from_the_photo(enrolled: Run, kept: Store, photo: Path) -> None:
    said = enrolled("report", "--photo", photo, "--category", "0103", "--text", "井盖破损").output
    assert "待传 1 条" in said
    line = _last(kept)
    assert line["loc"] == {"lat": 30.5, "lon": 120.25, "src": "gps"}
    assert line["body"] == {"category": "0103", "text": "井盖破损", "self_fixed": False}
    (entry,) = line["media"]
    assert kept.media_path(entry["sha256"]).read_bytes() == photo.read_bytes()


def test_a_position_by_hand_goes_before_the_photo_s(
    enrolled: Run, kept: Store, photo: Path
) -> None:
    place = ["--lat", 30.1, "--lon", 120.1, "--acc", 5]
    enrolled("report", "--photo", photo, "--category", "1", "--text", "x", *place)
    assert _last(kept)["loc"] == {"lat": 30.1, "lon": 120.1, "acc": 5.0, "src": "manual"}


def test_a_report_without_a_position_is_kept_and_says_so(enrolled: Run, kept: Store) -> None:
    words = ["--address", "阳光路 1 号", "--severity", "high", "--self-fixed"]
    said = enrolled("report", "--category", "1", "--text", "x", *words).output
    assert "没有位置" in said
    line = _last(kept)
    assert "loc" not in line
    assert line["body"]["address"] == "阳光路 1 号"
    assert (line["body"]["severity"], line["body"]["self_fixed"]) == ("high", True)


@pytest.mark.parametrize(
    "words", [["--lat", "30"], ["--lon", "120"], ["--lat", "91", "--lon", "0"]]
)
def test_half_or_wrong_a_position_captures_nothing(
    enrolled: Run, kept: Store, words: list[str]
) -> None:
    enrolled("report", "--category", "1", "--text", "x", *words, ok=False)
    assert kept.count("SELECT COUNT(*) FROM items") == 0


def test_what_is_no_photo_captures_nothing(enrolled: Run, kept: Store, tmp_path: Path) -> None:
    fake = tmp_path / "fake.jpg"
    fake.write_text("<html>")
    said = enrolled("report", "--photo", fake, "--category", "1", "--text", "x", ok=False).output
    assert "不是照片" in said
    assert kept.count("SELECT COUNT(*) FROM items") == 0


def test_a_shift_from_start_to_end(enrolled: Run, kept: Store) -> None:
    enrolled("shift", "start", "--note", "晴", "--lat", 30, "--lon", 120)
    start = _last(kept)
    assert "班次" in enrolled("status").output
    assert "还没有结束" in enrolled("shift", "start", ok=False).output
    enrolled("shift", "end", "--note", "正常")
    end = _last(kept)
    assert (start["kind"], end["kind"]) == ("shift_start", "shift_end")
    assert start["body"]["shift"] == end["body"]["shift"]
    assert "--force" in enrolled("shift", "end", ok=False).output
    enrolled("shift", "end", "--force")


def test_a_track(enrolled: Run, kept: Store, tmp_path: Path) -> None:
    gpx = tmp_path / "morning.gpx"
    gpx.write_text(
        '<gpx><trk><trkseg><trkpt lat="30" lon="120"><time>2026-11-22T06:00:00Z</time></trkpt>'
        "</trkseg></trk></gpx>"
    )
    assert "没有已开始的班次" in enrolled("track", gpx, ok=False).output
    enrolled("shift", "start")
    enrolled("track", gpx)
    assert _last(kept)["body"]["points"] == [[0, 30.0, 120.0, None]]


@pytest.mark.parametrize("from_file", [True, False])
def test_a_form_from_a_file_or_standard_input(
    enrolled: Run, kept: Store, tmp_path: Path, from_file: bool
) -> None:
    text = '{"人口": 4}'
    path = tmp_path / "answers.json"
    path.write_text(text, encoding="utf-8")
    data = ["--data", path if from_file else "-"]
    enrolled("form", "household", "--version", "3", *data, input=text)
    assert _last(kept)["body"] == {
        "form": "household",
        "version": "3",
        "subject": None,
        "base_version": None,
        "data": {"人口": 4},
    }


@pytest.mark.parametrize("text", ["", "[1]", "{", "4"])
def test_a_form_of_something_else(enrolled: Run, kept: Store, text: str) -> None:
    assert "JSON" in enrolled("form", "f", "--data", "-", input=text, ok=False).output
    assert kept.count("SELECT COUNT(*) FROM items") == 0


def test_a_visit(enrolled: Run, kept: Store, photo: Path) -> None:
    words = ["--checklist", "fire", "--minutes", 12, "--data", "-", "--photo", photo]
    enrolled("visit", "subject-1", *words, input='{"灭火器": true}')
    line = _last(kept)
    body = line["body"]
    spent = datetime.fromisoformat(body["ended"]) - datetime.fromisoformat(body["started"])
    assert spent.total_seconds() == 720
    assert (body["subject"], body["checklist"]) == ("subject-1", "fire")
    assert body["answers"] == {"灭火器": True}
    assert line["loc"]["lat"] == 30.5
