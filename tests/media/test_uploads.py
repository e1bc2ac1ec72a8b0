"""Uploads over HTTP: tus 1.0 as a device speaks it, and what it may get wrong."""

import threading
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from server.kernel.clock import standing_at
from server.kernel.database import reading
from server.kernel.ids import uuid7
from server.media import tus as tus_headers
from server.media.models import Blob, Upload
from server.media.rules import expiry
from server.media.stores.disk import DiskStore
from tests import factories
from tests.factories import Street
from tests.media.tools import (
    OCTETS,
    UPLOADS,
    Tus,
    checksum,
    metadata,
    sha256,
    store,
)

CONTENT = bytes(range(256)) * 40


def blob(sha: str) -> Blob:
    with reading() as session:
        found = session.get(Blob, sha)
        assert found is not None
        session.expunge(found)
        return found


def create_with(tus: Tus, content: bytes, **headers: str) -> TestResponse:
    """A creation that brings all bytes along."""
    return tus.send(
        "POST",
        UPLOADS,
        content,
        **{
            "upload_length": str(len(content)),
            "upload_metadata": metadata(sha256=sha256(content)),
            "content_type": OCTETS,
        }
        | headers,
    )


class CutOff(BytesIO):
    """A body whose connection breaks after what it holds."""

    def readinto(self, buffer: Any) -> int:
        length = super().readinto(buffer)
        if not length:
            raise ConnectionResetError
        return length


def test_options_tells_what_the_server_can_do(client: FlaskClient) -> None:
    for path in (UPLOADS, f"{UPLOADS}/{uuid7()}"):
        response = client.options(path)
        assert response.status_code == 204
        assert response.headers["Tus-Version"] == response.headers["Tus-Resumable"] == "1.0.0"
        assert response.headers["Tus-Max-Size"] == str(200 << 20)
        assert response.headers["Tus-Checksum-Algorithm"] == "sha256"
        assert set(response.headers["Tus-Extension"].split(",")) == {
            "creation",
            "creation-with-upload",
            "checksum",
            "expiration",
            "termination",
        }


def test_a_file_goes_up_in_chunks(tus: Tus) -> None:
    created = tus.create(CONTENT)
    place = created.headers["Location"]
    assert created.status_code == 201
    assert place.startswith(UPLOADS + "/")
    assert created.headers["Upload-Offset"] == "0"
    assert created.headers["Upload-Expires"].endswith("GMT")
    first = tus.patch(place, 0, CONTENT[:7000], upload_checksum=checksum(CONTENT[:7000]))
    assert (first.status_code, first.headers["Upload-Offset"]) == (204, "7000")
    head = tus.head(place)
    assert (head.headers["Upload-Offset"], head.headers["Upload-Length"]) == ("7000", "10240")
    assert (head.status_code, head.headers["Cache-Control"]) == (200, "no-store")
    last = tus.patch(place, 7000, CONTENT[7000:])
    assert (last.status_code, last.headers["Upload-Offset"]) == (204, "10240")
    assert store().exists(sha256(CONTENT))
    assert tus.offset(place) == len(CONTENT)


def test_a_whole_file_answers_at_once_when_it_is_created_again(tus: Tus) -> None:
    tus.hand_in(CONTENT)
    again = tus.create(CONTENT)
    assert (again.status_code, again.headers["Upload-Offset"]) == (201, str(len(CONTENT)))
    assert tus.offset(again.headers["Location"]) == len(CONTENT)


def test_creating_again_finds_the_old_offset(tus: Tus) -> None:
    place = tus.place(CONTENT)
    tus.patch(place, 0, CONTENT[:100])
    again = tus.create(CONTENT)
    assert (again.headers["Location"], again.headers["Upload-Offset"]) == (place, "100")


def test_a_reinstalled_phone_goes_on_where_the_old_one_stopped(
    tus: Tus, client: FlaskClient, street: Street
) -> None:
    tus.patch(tus.place(CONTENT), 0, CONTENT[:100])
    new = Tus(client, factories.device_for(street.workers[0]))
    again = new.create(CONTENT)
    assert again.headers["Upload-Offset"] == "100"
    assert new.patch(again.headers["Location"], 100, CONTENT[100:]).status_code == 204


def test_creating_with_the_first_bytes(tus: Tus) -> None:
    response = tus.send(
        "POST",
        UPLOADS,
        CONTENT[:500],
        upload_length=str(len(CONTENT)),
        upload_metadata=metadata(sha256=sha256(CONTENT)),
        content_type=OCTETS,
    )
    assert (response.status_code, response.headers["Upload-Offset"]) == (201, "500")


def test_creating_with_all_bytes(tus: Tus) -> None:
    response = tus.send(
        "POST",
        UPLOADS,
        CONTENT,
        upload_length=str(len(CONTENT)),
        upload_metadata=metadata(sha256=sha256(CONTENT)),
        content_type=OCTETS,
        upload_checksum=checksum(CONTENT),
    )
    assert (response.status_code, response.headers["Upload-Offset"]) == (201, str(len(CONTENT)))
    assert store().exists(sha256(CONTENT))


def test_first_bytes_with_a_creation_are_passed_over_when_it_already_began(tus: Tus) -> None:
    tus.patch(tus.place(CONTENT), 0, CONTENT[:100])
    response = tus.send(
        "POST",
        UPLOADS,
        CONTENT[:5000],
        upload_length=str(len(CONTENT)),
        upload_metadata=metadata(sha256=sha256(CONTENT)),
        content_type=OCTETS,
    )
    assert (response.status_code, response.headers["Upload-Offset"]) == (201, "100")


def test_all_bytes_with_a_creation_end_what_began_before(tus: Tus) -> None:
    place = tus.place(CONTENT)
    tus.patch(place, 0, CONTENT[:100])
    response = create_with(tus, CONTENT)
    assert (response.headers["Location"], response.headers["Upload-Offset"]) == (place, "10240")
    assert store().list_partials() == []
    assert (tus.offset(place), blob(sha256(CONTENT)).size) == (len(CONTENT), len(CONTENT))


def test_all_bytes_with_a_creation_once_more_are_the_same_as_once(tus: Tus) -> None:
    first, again = create_with(tus, CONTENT), create_with(tus, CONTENT)
    assert first.headers["Location"] == again.headers["Location"]
    assert again.status_code == 201


@pytest.mark.parametrize("named", [sha256(CONTENT[::-1]), sha256(CONTENT)])
def test_all_bytes_with_a_creation_that_are_others_leave_nothing(tus: Tus, named: str) -> None:
    """Neither for the hash of the file nor for that of the body."""
    body = CONTENT if named != sha256(CONTENT) else CONTENT[::-1]
    response = create_with(
        tus, body, upload_metadata=metadata(sha256=named), upload_checksum=checksum(CONTENT)
    )
    assert (response.status_code, response.json["code"]) == (460, "checksum_mismatch")
    assert (store().list_partials(), store().exists(named)) == ([], False)


@pytest.mark.parametrize(("with_checksum", "kept"), [(False, 5000), (True, 0)])
def test_a_creation_whose_bytes_are_cut_goes_on_from_there(
    tus: Tus, client: FlaskClient, with_checksum: bool, kept: int
) -> None:
    said = metadata(sha256=sha256(CONTENT))
    headers = factories.auth(
        tus.phone.token, tus_resumable="1.0.0", upload_length="10240", upload_metadata=said
    )
    if with_checksum:
        headers["Upload-Checksum"] = checksum(CONTENT)
    client.post(
        UPLOADS,
        input_stream=CutOff(CONTENT[:5000]),
        content_length=len(CONTENT),
        content_type=OCTETS,
        headers=headers,
    )
    assert tus.create(CONTENT).headers["Upload-Offset"] == str(kept)


def test_a_file_that_is_too_large_for_memory_comes_with_its_creation_all_the_same(
    tus: Tus,
) -> None:
    large = bytes(tus_headers.WHOLE_BYTES + 1)
    assert create_with(tus, large).headers["Upload-Offset"] == str(len(large))
    assert store().exists(sha256(large))


def test_an_empty_file_is_whole_when_it_is_created(tus: Tus) -> None:
    response = tus.create(b"")
    assert (response.status_code, response.headers["Upload-Offset"]) == (201, "0")
    assert store().exists(sha256(b""))


def test_another_length_for_the_content_begins_anew(tus: Tus) -> None:
    wrong = tus.create(CONTENT, upload_length="5").headers["Location"]
    tus.patch(wrong, 0, CONTENT[:5])
    right = tus.create(CONTENT)
    assert (right.headers["Upload-Offset"], right.headers["Location"] != wrong) == ("0", True)
    assert tus.head(wrong).status_code == 404
    assert tus.patch(right.headers["Location"], 0, CONTENT).status_code == 204


def test_another_length_for_a_whole_file_is_refused(tus: Tus) -> None:
    tus.hand_in(CONTENT)
    response = tus.create(CONTENT, upload_length="5")
    assert response.status_code == 422
    assert list(response.json["errors"]) == ["Upload-Length"]


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"upload_length": "-1"}, 400, "bad_request"),
        ({"upload_length": "many"}, 400, "bad_request"),
        ({"upload_length": ""}, 400, "bad_request"),
        ({"upload_length": str(3 << 30)}, 413, "upload_too_large"),
        ({"upload_metadata": ""}, 422, "invalid"),
        ({"upload_metadata": "sha256 %%%"}, 400, "bad_request"),
        ({"upload_metadata": metadata(sha256="no hash")}, 422, "invalid"),
        ({"upload_metadata": metadata(sha256="../../../etc/passwd")}, 422, "invalid"),
        ({"upload_metadata": metadata(sha256="a" * 63 + "\x00")}, 422, "invalid"),
        ({"upload_metadata": metadata(sha256="a" * 64, type="text/html")}, 422, "invalid"),
        ({"upload_metadata": metadata(sha256="a" * 64, item="x")}, 422, "invalid"),
        ({"tus_resumable": "0.2.2"}, 412, "tus_version"),
        ({"tus_resumable": ""}, 412, "tus_version"),
    ],
)
def test_a_creation_that_is_refused(
    tus: Tus, headers: dict[str, str], status: int, code: str
) -> None:
    response = tus.create(CONTENT, **headers)
    assert (response.status_code, response.json["code"]) == (status, code)
    assert response.headers["Tus-Resumable"] == "1.0.0"
    assert store().list_partials() == []


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"upload_offset": "-1"}, 400, "bad_request"),
        ({"upload_offset": "x"}, 400, "bad_request"),
        ({"upload_offset": "11"}, 409, "upload_offset"),
        ({"upload_offset": "9"}, 409, "upload_offset"),
        ({"content_type": "application/octet-stream"}, 415, "media_type"),
        ({"upload_checksum": "md5 xxxx"}, 400, "checksum_algorithm"),
        ({"upload_checksum": "sha256 %%%"}, 400, "bad_request"),
        ({"upload_checksum": checksum(b"other")}, 460, "checksum_mismatch"),
        ({"tus_resumable": "2.0"}, 412, "tus_version"),
    ],
)
def test_a_chunk_that_is_refused_changes_nothing(
    tus: Tus, headers: dict[str, str], status: int, code: str
) -> None:
    place = tus.place(CONTENT)
    tus.patch(place, 0, CONTENT[:10])
    response = tus.patch(place, 10, CONTENT[10:20], **headers)
    assert (response.status_code, response.json["code"]) == (status, code)
    assert tus.offset(place) == 10


def test_more_bytes_than_were_announced_are_refused(tus: Tus) -> None:
    place = tus.place(CONTENT)
    response = tus.patch(place, 0, CONTENT + b"x")
    assert (response.status_code, response.json["code"]) == (413, "body_too_large")
    assert tus.offset(place) == 0


def test_a_chunk_may_be_larger_than_any_other_body(tus: Tus, app: Flask) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 1000
    assert tus.patch(tus.place(CONTENT), 0, CONTENT).status_code == 204


def test_a_wrong_file_goes_back_to_the_start(tus: Tus) -> None:
    place = tus.place(CONTENT)
    response = tus.patch(place, 0, CONTENT[::-1])
    assert (response.status_code, response.json["code"]) == (460, "checksum_mismatch")
    assert tus.offset(place) == 0
    assert tus.patch(place, 0, CONTENT).status_code == 204


@pytest.mark.parametrize(("with_checksum", "kept"), [(False, 5000), (True, 0)])
def test_a_cut_connection(tus: Tus, client: FlaskClient, with_checksum: bool, kept: int) -> None:
    place = tus.place(CONTENT)
    headers = factories.auth(tus.phone.token, tus_resumable="1.0.0", upload_offset="0")
    if with_checksum:
        headers["Upload-Checksum"] = checksum(CONTENT)
    client.patch(
        place,
        input_stream=CutOff(CONTENT[:5000]),
        content_length=len(CONTENT),
        content_type=OCTETS,
        headers=headers,
    )
    assert tus.offset(place) == kept


def test_two_chunks_at_once_one_wins(app: Flask, tus: Tus) -> None:
    place = tus.place(CONTENT)
    began, go_on = threading.Event(), threading.Event()
    answers = []

    class Slow(BytesIO):
        def readinto(self, buffer: Any) -> int:
            if self.tell() == 1000:
                began.set()
                assert go_on.wait(30)
            return super().readinto(memoryview(buffer)[:1000])

    def upload_slowly() -> None:
        headers = factories.auth(tus.phone.token, tus_resumable="1.0.0", upload_offset="0")
        response = app.test_client().patch(
            place,
            input_stream=Slow(CONTENT),
            content_length=len(CONTENT),
            content_type=OCTETS,
            headers=headers,
        )
        answers.append(response.status_code)

    thread = threading.Thread(target=upload_slowly)
    thread.start()
    assert began.wait(30)
    second = tus.patch(place, 0, CONTENT)
    go_on.set()
    thread.join()
    assert (second.status_code, second.json["code"]) == (423, "locked")
    assert second.headers["Retry-After"] == "1"
    assert answers == [204]


def test_creations_at_once_find_one_upload(app: Flask, tus: Tus) -> None:
    places = []

    def create() -> None:
        places.append(Tus(app.test_client(), tus.phone).place(CONTENT))

    threads = [threading.Thread(target=create) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(places) == 6
    assert len(set(places)) == 1


def test_an_upload_ends_when_it_is_deleted(tus: Tus) -> None:
    place = tus.place(CONTENT)
    assert tus.send("DELETE", place).status_code == 204
    assert tus.head(place).status_code == 404
    assert tus.send("DELETE", place).status_code == 404
    assert store().list_partials() == []


def test_a_whole_file_stays_when_its_upload_is_deleted(tus: Tus) -> None:
    place = tus.place(CONTENT)
    tus.patch(place, 0, CONTENT)
    assert tus.send("DELETE", place).status_code == 204
    assert store().exists(sha256(CONTENT))


def test_an_old_upload_has_expired_and_lives_again_when_it_is_created(tus: Tus) -> None:
    place = tus.place(CONTENT)
    tus.patch(place, 0, CONTENT[:100])
    with reading() as session:
        expires = session.scalars(select(Upload.expires_at)).one()
    with standing_at(expires):
        assert tus.head(place).status_code == 410
        assert tus.patch(place, 100, CONTENT[100:]).json["code"] == "upload_expired"
        assert tus.create(CONTENT).headers["Upload-Offset"] == "100"
        assert tus.head(place).status_code == 200
    with reading() as session:
        assert session.scalars(select(Upload.expires_at)).one() == expiry(expires, 30)


@pytest.mark.parametrize("method", ["HEAD", "PATCH", "DELETE"])
def test_an_upload_belongs_to_its_member(tus: Tus, other: Tus, method: str) -> None:
    place = tus.place(CONTENT)
    response = other.send(method, place, upload_offset="0", content_type=OCTETS)
    assert response.status_code == 404
    assert tus.offset(place) == 0


@pytest.mark.parametrize(
    "id_", ["x", "..%2f..%2fetc", "0199f3a0-0000-7000-8000-000000000001", "%00", "0" * 500]
)
def test_an_upload_that_is_none(tus: Tus, id_: str) -> None:
    assert tus.head(f"{UPLOADS}/{id_}").status_code == 404


def test_only_devices_upload(client: FlaskClient, street: Street) -> None:
    headers = factories.auth(factories.token_for(street.admin), tus_resumable="1.0.0")
    assert client.post(UPLOADS, headers=headers).status_code == 401
    assert client.post(UPLOADS, headers={"Tus-Resumable": "1.0.0"}).status_code == 401


def test_a_draining_device_may_upload(client: FlaskClient, street: Street) -> None:
    phone = factories.device_for(street.workers[0], state="draining")
    Tus(client, phone).hand_in(CONTENT)
    assert store().exists(sha256(CONTENT))


def test_a_full_disk_leaves_the_offset(tus: Tus, app: Flask) -> None:
    if not isinstance(store(), DiskStore):
        pytest.skip("a bucket has no floor")
    place = tus.place(CONTENT)
    tus.patch(place, 0, CONTENT[:100])
    store()._floor = 1 << 62
    response = tus.patch(place, 100, CONTENT[100:])
    assert (response.status_code, response.json["code"]) == (507, "disk_full")
    assert tus.offset(place) == 100
    assert tus.create(b"another").status_code == 507
    store()._floor = 0
    assert tus.patch(place, 100, CONTENT[100:]).status_code == 204
