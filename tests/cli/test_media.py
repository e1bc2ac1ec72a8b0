"""`gewu media`: faults are found and named, photos move, the sweep is foretold."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from server.config import load
from server.kernel import clock
from server.kernel.clock import standing_at
from server.kernel.database import writing
from server.media import moving, storage
from server.media.models import Blob
from server.media.stores.base import BlobStore, StoreAway
from server.media.stores.disk import DiskStore
from tests import s3
from tests.cli.conftest import Deployment
from tests.factories import device_for, street
from tests.media.tools import Tus, name, picture, sha256

PHOTO, SECOND, THIRD = picture("green"), picture("yellow"), picture("brown")
HASHES = sorted(map(sha256, (PHOTO, SECOND, THIRD)))


@pytest.fixture
def pictured(deployment: Deployment) -> Deployment:
    """Three photos; the first is named by an item."""
    with deployment.app() as app:
        here = street()
        tus = Tus(app.test_client(), device_for(here.workers[0]))
        name(tus.phone, here.workers[0], sha256(PHOTO))
        for photo in (PHOTO, SECOND, THIRD):
            tus.hand_in(photo)
    return deployment


def path_of(deployment: Deployment, content: bytes) -> Path:
    sha = sha256(content)
    return deployment.data / "media" / "blobs" / sha[:2] / sha[2:4] / sha


def test_what_is_whole_is_verified(pictured: Deployment) -> None:
    result = pictured.gewu("media", "verify")
    assert result.exit_code == 0, result.output
    assert "3 files, 0 faults" in result.output


def test_every_fault_is_found_and_named(pictured: Deployment) -> None:
    path_of(pictured, PHOTO).unlink()
    broken = path_of(pictured, SECOND)
    broken.write_bytes(b"?" + broken.read_bytes()[1:])
    stray = hashlib.sha256(b"stray").hexdigest()
    with pictured.app():
        store = storage.media_store()
        store.create("stray-upload")
        store.append("stray-upload", 0, [b"stray"])
        store.finish("stray-upload", stray)
        with writing() as session:
            session.execute(update(Blob).where(Blob.sha256 == sha256(THIRD)).values(size=7))
    result = pictured.gewu("media", "verify")
    assert result.exit_code == 1
    lines = {line.split()[1]: line for line in result.output.splitlines() if line.startswith("│")}
    assert "The file is missing" in lines[sha256(PHOTO)]
    assert "another hash" in lines[sha256(SECOND)]
    assert f"7 ≠ {len(THIRD)}" in lines[sha256(THIRD)]
    assert "does not know it" in lines[stray]
    assert "3 files, 4 faults" in result.output


def test_photos_move_and_the_setting_is_told(pictured: Deployment, tmp_path: Path) -> None:
    to = f"file://{tmp_path}/elsewhere"
    result = pictured.gewu("media", "move", "--to", to)
    assert result.exit_code == 0, result.output
    assert "3 copied, 0 were there" in result.output
    assert f"GEWU_MEDIA_URL={to}" in result.output
    again = pictured.gewu("media", "move", "--to", to)
    assert "0 copied, 3 were there" in again.output
    assert path_of(pictured, PHOTO).exists()
    moved = pictured.gewu("media", "verify", GEWU_MEDIA_URL=to)
    assert (moved.exit_code, "3 files, 0 faults" in moved.output) == (0, True)


def test_a_photo_that_is_not_its_hash_is_not_moved(pictured: Deployment, tmp_path: Path) -> None:
    path_of(pictured, SECOND).write_bytes(b"something else")
    result = pictured.gewu("media", "move", "--to", f"file://{tmp_path}/elsewhere")
    assert result.exit_code == 1
    assert sha256(SECOND) in result.output
    assert "2 copied" in result.output
    assert "GEWU_MEDIA_URL" not in result.output
    there = DiskStore(tmp_path / "elsewhere")
    assert [blob.sha256 for blob in there.list_blobs()] == sorted({*HASHES} - {sha256(SECOND)})
    assert there.list_partials() == []


def test_a_broken_photo_over_there_is_replaced(tmp_path: Path) -> None:
    source, target = DiskStore(tmp_path / "a"), DiskStore(tmp_path / "b")
    for store in (source, target):
        store.create("an-upload")
        store.append("an-upload", 0, [PHOTO])
        store.finish("an-upload", sha256(PHOTO))
    (tmp_path / "b" / "blobs" / HASH_FOLDERS / sha256(PHOTO)).write_bytes(b"?" * len(PHOTO))
    assert moving.move(source, target, sha256(PHOTO)) == "copied"
    assert moving.move(source, target, sha256(PHOTO)) == "there"


HASH_FOLDERS = f"{sha256(PHOTO)[:2]}/{sha256(PHOTO)[2:4]}"


def test_a_move_that_was_cut_off_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """Half of the blob came before the store went away."""
    source, target = DiskStore(tmp_path / "a"), DiskStore(tmp_path / "b")
    content = bytes(range(256)) * 10_000
    sha = sha256(content)
    source.create("an-upload")
    source.append("an-upload", 0, [content])
    source.finish("an-upload", sha)
    target.create(sha)
    target.append(sha, 0, [content[:1_000_000]])
    asked: list[int] = []

    class Watched(DiskStore):
        def append(self, upload_id: str, offset: int, *args: object) -> int:
            asked.append(offset)
            return super().append(upload_id, offset, *args)  # type: ignore[arg-type]

    assert moving.move(source, Watched(tmp_path / "b"), sha) == "copied"
    assert asked == [1_000_000]
    with target.open(sha) as file:
        assert file.read() == content


@pytest.mark.parametrize("url", ["nonsense", "s3://", "file://x", "same"])
def test_a_place_that_is_none_is_refused(on_sqlite: Deployment, url: str) -> None:
    url = f"file://{on_sqlite.data}/media" if url == "same" else url
    result = on_sqlite.gewu("media", "move", "--to", url)
    assert result.exit_code == 2, result.output


def test_a_store_that_is_away_is_told(on_sqlite: Deployment, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = on_sqlite.gewu("media", "move", "--to", f"file://{tmp_path}/file/x")
    assert result.exit_code == 1
    assert "cannot be used" in result.output


def test_what_the_sweep_would_take_is_listed_and_left(pictured: Deployment) -> None:
    assert "0 rows" in pictured.gewu("media", "orphans").output
    with pictured.app(), writing() as session:
        session.execute(update(Blob).values(stored_at=clock.now() - timedelta(days=91)))
    result = pictured.gewu("media", "orphans")
    assert "2 rows" in result.output
    assert sha256(SECOND) in result.output
    assert sha256(PHOTO) not in result.output
    assert "3 files, 0 faults" in pictured.gewu("media", "verify").output


def test_lapsed_and_stray_partials_are_listed(pictured: Deployment) -> None:
    with pictured.app():
        storage.media_store().create("stray-upload")
    assert "0 rows" in pictured.gewu("media", "partials").output
    with standing_at(clock.now() + timedelta(days=31)):
        result = pictured.gewu("media", "partials")
    assert "stray-upload" in result.output
    assert "1 rows" in result.output


# A bucket


@pytest.fixture
def place(s3_service: s3.Service) -> s3.Place:
    return s3_service.place()


def keys(place: s3.Place) -> dict[str, str]:
    return {f"GEWU_{name.upper()}": value for name, value in place.keys.items()}


def test_from_a_folder_to_a_bucket_and_back(
    pictured: Deployment, place: s3.Place, tmp_path: Path
) -> None:
    there = pictured.gewu("media", "move", "--to", place.url, **keys(place))
    assert there.exit_code == 0, there.output
    assert place.names() == [f"blobs/{sha}" for sha in HASHES]
    in_bucket = keys(place) | {"GEWU_MEDIA_URL": place.url}
    verified = pictured.gewu("media", "verify", **in_bucket)
    assert "3 files, 0 faults" in verified.output
    back = pictured.gewu("media", "move", "--to", f"file://{tmp_path}/back", **in_bucket)
    assert back.exit_code == 0, back.output
    assert [blob.sha256 for blob in DiskStore(tmp_path / "back").list_blobs()] == HASHES


def test_the_doctor_writes_into_the_bucket(on_sqlite: Deployment, place: s3.Place) -> None:
    in_bucket = keys(place) | {"GEWU_MEDIA_URL": place.url}
    sound = on_sqlite.gewu("doctor", **in_bucket)
    assert "Photo bucket writable" in sound.output
    assert "Check GEWU_MEDIA_URL" not in sound.output
    assert place.names() == []
    wrong = on_sqlite.gewu("doctor", **(in_bucket | {"GEWU_S3_SECRET_KEY": "wrong"}))
    assert wrong.exit_code == 1
    assert "Check GEWU_MEDIA_URL" in wrong.output
    assert "SignatureDoesNotMatch" in wrong.output or "AccessDenied" in wrong.output
    missing = place.url.replace(s3.BUCKET, "nobody")
    none = on_sqlite.gewu("doctor", **(in_bucket | {"GEWU_MEDIA_URL": missing}))
    assert "NoSuchBucket" in none.output


def test_a_backup_says_that_the_photos_are_in_the_bucket(
    on_sqlite: Deployment, tmp_path: Path, place: s3.Place
) -> None:
    in_bucket = keys(place) | {"GEWU_MEDIA_URL": place.url}
    result = on_sqlite.gewu("backup", str(tmp_path / "copy.db"), **in_bucket)
    assert result.exit_code == 0, result.output
    assert place.url in result.output
    assert str(on_sqlite.data / "media") not in result.output
    assert not any(value in result.output for value in place.keys.values())


def test_a_bucket_that_nobody_answers_for_is_told(on_sqlite: Deployment) -> None:
    away = {"GEWU_MEDIA_URL": "s3://photos?endpoint=http://127.0.0.1:1"}
    away |= {"GEWU_S3_ACCESS_KEY": "a", "GEWU_S3_SECRET_KEY": "b"}
    result = on_sqlite.gewu("media", "verify", **away)
    assert result.exit_code == 1
    assert "cannot be used" in result.output
    store: BlobStore = storage.store_for(load(away), storage.locks_for(load(away)))
    with pytest.raises(StoreAway):
        store.check()
