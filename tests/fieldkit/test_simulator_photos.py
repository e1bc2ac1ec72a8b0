import random
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import piexif
import pytest
from PIL import Image, ImageOps

from fieldkit.capture import take_in
from fieldkit.errors import InputError
from fieldkit.exif import read_facts
from fieldkit.simulator.photos import DrawnAlbum, FolderAlbum, Shot
from fieldkit.simulator.scenes import SCENES
from fieldkit.store import Store

AT = datetime(2026, 11, 21, 9, 30, 5, tzinfo=timezone(timedelta(hours=8)))
SHOT = Shot("manhole", 1, AT, 30.2012, 120.1503)


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize(("seed", "orientation"), [(1, 1), (3, 6)])
def test_a_drawn_photo_looks_like_one_from_a_phone(
    tmp_path: Path, scene: str, seed: int, orientation: int
) -> None:
    path = DrawnAlbum(tmp_path).photo(replace(SHOT, scene=scene, seed=seed))
    facts = read_facts(path)
    assert (facts.lat, facts.lon) == (pytest.approx(SHOT.lat), pytest.approx(SHOT.lon))
    assert facts.taken == AT.replace(tzinfo=None)
    assert facts.offset == "+08:00"
    tags = piexif.load(str(path))["0th"]
    assert tags[piexif.ImageIFD.Orientation] == orientation
    assert tags[piexif.ImageIFD.Make] == tags[piexif.ImageIFD.Model] == b"Gewu Demo"
    assert 100_000 < path.stat().st_size < 250_000
    with Image.open(path) as image:
        assert ImageOps.exif_transpose(image).size == (1280, 960)


def test_equal_shots_give_equal_bytes_and_others_do_not(tmp_path: Path) -> None:
    album = DrawnAlbum(tmp_path)
    others = [
        replace(SHOT, seed=2),
        replace(SHOT, scene="rubbish"),
        replace(SHOT, role="far"),
        replace(SHOT, at=AT + timedelta(minutes=1)),
    ]
    first = album.photo(SHOT).read_bytes()
    assert album.photo(SHOT).read_bytes() == first
    assert first not in [album.photo(shot).read_bytes() for shot in others]


def test_a_device_takes_a_drawn_photo_in(tmp_path: Path, store: Store) -> None:
    assert take_in(store, DrawnAlbum(tmp_path).photo(SHOT)).type == "image/jpeg"


def test_real_photos_are_taken_as_they_are(tmp_path: Path, jpeg) -> None:
    photos = [jpeg("a.jpg"), jpeg("b.jpg", fill=b"y")]
    (tmp_path / "notes.txt").write_text("no photo")
    (tmp_path / "folder.jpg").mkdir()
    album = FolderAlbum(tmp_path)
    chosen = {album.photo(replace(SHOT, seed=random.Random(n).randrange(99))) for n in range(20)}
    assert chosen == set(photos)


def test_a_folder_without_photos_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no photo")
    with pytest.raises(InputError, match="没有照片"):
        FolderAlbum(tmp_path)
