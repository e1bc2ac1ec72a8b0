"""A server whose photos are in a bucket: the whole road over HTTP, and the bucket going away."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from server.kernel import s3_address
from server.media.locks import FileLocks
from server.media.storage import media_store
from server.media.stores.bucket import Bucket
from server.media.stores.s3 import S3Store
from tests import s3, wire
from tests.factories import Street
from tests.media.tools import Tus, name, picture_with_exif, sha256

PHOTO = picture_with_exif()
HASH = sha256(PHOTO)


@pytest.fixture
def place(s3_service: s3.Service) -> s3.Place:
    return s3_service.place()


@pytest.fixture
def photos(place: s3.Place) -> dict[str, str]:
    return place.settings


def test_a_photo_goes_into_the_bucket_and_comes_out(
    tus: Tus, street: Street, place: s3.Place
) -> None:
    name(tus.phone, street.workers[0], HASH)
    where = tus.place(PHOTO)
    assert tus.patch(where, 0, PHOTO[:300]).status_code == 204
    assert tus.offset(where) == 300
    assert tus.patch(where, 300, PHOTO[300:]).status_code == 204
    assert place.names() == [f"blobs/{HASH}"]
    whole = tus.send("GET", f"/api/v1/media/{HASH}")
    assert (whole.status_code, whole.data) == (200, PHOTO)
    assert whole.headers["Content-Length"] == str(len(PHOTO))
    part = tus.send("GET", f"/api/v1/media/{HASH}", range="bytes=100-199")
    assert (part.status_code, part.data) == (206, PHOTO[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(PHOTO)}"
    last = tus.send("GET", f"/api/v1/media/{HASH}", range="bytes=-7")
    assert (last.status_code, last.data) == (206, PHOTO[-7:])
    beyond = tus.send("GET", f"/api/v1/media/{HASH}", range=f"bytes={len(PHOTO)}-")
    assert beyond.status_code == 416
    again = tus.send("GET", f"/api/v1/media/{HASH}", if_none_match=f'"{HASH}"')
    assert (again.status_code, again.data) == (304, b"")


def test_a_file_that_is_gone_from_the_bucket_is_not_found(tus: Tus, street: Street) -> None:
    name(tus.phone, street.workers[0], tus.hand_in(PHOTO))
    media_store().delete(HASH)
    assert tus.send("GET", f"/api/v1/media/{HASH}").status_code == 404


def far_away(tmp_path: Path) -> S3Store:
    """A store that nobody answers for."""
    address = s3_address.parse("s3://photos?endpoint=http://127.0.0.1:1")
    return S3Store(Bucket(address, "key", "secret"), FileLocks(tmp_path / "locks"))


def test_a_bucket_that_is_away_holds_up_nobody_who_writes(
    app: Flask, tus: Tus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.extensions["gewu_media_store"] = far_away(tmp_path)
    monkeypatch.setattr("server.media.api.writing", None)
    assert tus.create(PHOTO).status_code == 503


def test_while_the_bucket_is_away_photos_wait_and_the_exchange_goes_on(
    app: Flask, client: FlaskClient, tus: Tus, street: Street, tmp_path: Path
) -> None:
    name(tus.phone, street.workers[0], HASH)
    where, there = tus.place(PHOTO), media_store()
    assert tus.patch(where, 0, PHOTO[:300]).status_code == 204
    app.extensions["gewu_media_store"] = far_away(tmp_path)
    answers = [tus.head(where), tus.patch(where, 300, PHOTO[300:]), tus.create(b"another photo")]
    assert [answer.status_code for answer in answers] == [503, 503, 503]
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers)
    assert answers[1].json["code"] == "busy"
    exchanged = wire.exchange(client, tus.phone, wire.line())
    assert exchanged["results"][0]["status"] == "accepted"
    assert exchanged["media"] == [{"sha256": HASH, "state": "missing", "offset": 0}]
    assert client.get("/readyz").status_code == 200
    app.extensions["gewu_media_store"] = there
    assert tus.offset(where) == 300
    assert tus.patch(where, 300, PHOTO[300:]).status_code == 204
    assert tus.send("GET", f"/api/v1/media/{HASH}").data == PHOTO
