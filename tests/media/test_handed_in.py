"""What becomes of a file that was handed in: its type, its EXIF, and what is no picture."""

from pathlib import Path

import pytest

from server.kernel.database import reading, writing
from server.media.models import Blob
from server.photos.witness import service as witness
from tests.media.tools import (
    PHOTOS,
    Tus,
    picture,
    picture_with_exif,
    store,
)

REAL_PHOTOS = sorted(PHOTOS.glob("*.[jH][pE]*")) if PHOTOS.exists() else []


def blob(sha: str) -> Blob:
    with reading() as session:
        found = session.get(Blob, sha)
        assert found is not None
        session.expunge(found)
        return found


def look(hash_: str) -> Blob:
    """The blob after it was looked at."""
    with writing() as session:
        witness.read(session, store(), hash_)
    return blob(hash_)


def test_exif_is_not_read_while_the_phone_waits(tus: Tus) -> None:
    found = blob(tus.hand_in(picture_with_exif()))
    assert (found.width, found.lat, found.make, found.problems) == (None, None, None, [])


def test_exif_is_written_down_when_the_photo_is_looked_at(tus: Tus) -> None:
    hash_ = tus.hand_in(picture_with_exif())
    found = look(hash_)
    assert (found.width, found.height, found.format, found.orientation) == (64, 48, "JPEG", 6)
    assert (found.lat, found.lon, found.make) == (30.5, 120.25, "格物")
    assert (found.problems, look(hash_).problems) == ([], [])


def test_a_file_that_lies_about_its_type_is_kept_under_its_own(tus: Tus) -> None:
    found = look(tus.hand_in(picture(), type_="image/png"))
    assert (found.type, found.width, found.problems) == ("image/jpeg", 64, ["type_mismatch"])


def test_a_file_that_is_no_picture_is_kept_and_never_shown(tus: Tus) -> None:
    found = look(tus.hand_in(b"<script>alert(1)</script>"))
    assert (found.type, found.problems) == ("application/octet-stream", ["type_mismatch"])


def test_a_broken_picture_is_kept(tus: Tus) -> None:
    found = look(tus.hand_in(picture()[:40]))
    assert (found.type, found.width) == ("image/jpeg", None)
    assert found.problems == ["unreadable_image"]


@pytest.mark.parametrize("photo", REAL_PHOTOS, ids=lambda path: path.name)
def test_photos_of_real_cameras_are_kept(tus: Tus, photo: Path) -> None:
    type_ = "image/heic" if photo.suffix == ".HEIC" else "image/jpeg"
    content = photo.read_bytes()
    found = blob(tus.hand_in(content, type_))
    assert (found.type, found.size) == (type_, len(content))
    with store().open(found.sha256) as file:
        assert file.read() == content
