"""Who gets to see a file, and how it is sent."""

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.kernel.database import writing
from server.media.models import ItemMedia
from tests import factories
from tests.factories import Street
from tests.media.tools import Tus, name, picture, sha256, store

PHOTO = picture("green")


def get(client: FlaskClient, token: str, hash_: str, **headers: str) -> TestResponse:
    return client.get(f"/api/v1/media/{hash_}", headers=factories.auth(token, **headers))


def as_person(client: FlaskClient, member: str, hash_: str) -> int:
    return get(client, factories.token_for(member), hash_).status_code


@pytest.fixture
def shown(tus: Tus, street: Street) -> str:
    """A photo that an item of `workers[0]` in `grids[0]` names."""
    hash_ = tus.hand_in(PHOTO)
    name(tus.phone, street.workers[0], hash_, area=street.grids[0])
    return hash_


def test_people_see_what_their_area_allows(client: FlaskClient, street: Street, shown: str) -> None:
    foreign = factories.member("leader", street.communities[1])
    nobody = factories.member()
    seen = {
        member: as_person(client, member, shown)
        for member in (street.admin, street.supervisor, street.leader, foreign, street.workers[3])
    }
    assert seen == {
        street.admin: 200,
        street.supervisor: 200,
        street.leader: 200,
        foreign: 404,
        street.workers[3]: 404,
    }
    assert as_person(client, nobody, shown) == 403


def test_a_worker_sees_the_own_photo_wherever_it_was_taken(
    client: FlaskClient, tus: Tus, street: Street
) -> None:
    hash_ = tus.hand_in(PHOTO)
    name(tus.phone, street.workers[0], hash_, area=street.grids[3])
    assert as_person(client, street.workers[0], hash_) == 200
    assert get(client, tus.phone.token, hash_).status_code == 200


def test_a_device_sees_only_its_members_photos(
    client: FlaskClient, other: Tus, tus: Tus, shown: str
) -> None:
    assert get(client, tus.phone.token, shown).status_code == 200
    assert get(client, other.phone.token, shown).status_code == 404


def test_a_photo_that_no_item_names_is_not_shown(
    client: FlaskClient, tus: Tus, street: Street
) -> None:
    hash_ = tus.hand_in(PHOTO)
    assert get(client, tus.phone.token, hash_).status_code == 404
    assert as_person(client, street.admin, hash_) == 404


def test_knowing_a_hash_shows_nothing_to_who_knows_it(
    client: FlaskClient, other: Tus, street: Street, shown: str
) -> None:
    thief = street.workers[3]
    created = other.create(PHOTO)
    guessed = other.patch(created.headers["Location"], 0, b"\x00" * len(PHOTO))
    assert guessed.status_code == 460
    name(other.phone, thief, shown, area=street.grids[3])
    assert other.create(PHOTO).headers["Upload-Offset"] == str(len(PHOTO))
    assert get(client, other.phone.token, shown).status_code == 404
    assert as_person(client, thief, shown) == 404


def test_who_hands_the_same_bytes_in_sees_them(
    client: FlaskClient, other: Tus, street: Street, shown: str
) -> None:
    other.hand_in(PHOTO)
    name(other.phone, street.workers[3], shown, area=street.grids[3])
    assert get(client, other.phone.token, shown).status_code == 200
    assert as_person(client, factories.member("leader", street.communities[1]), shown) == 200


def test_how_a_picture_is_sent(client: FlaskClient, tus: Tus, shown: str) -> None:
    response = get(client, tus.phone.token, shown)
    assert response.data == PHOTO
    assert response.headers["Content-Type"] == "image/jpeg"
    assert response.headers["Content-Disposition"].startswith("inline")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["ETag"] == f'"{shown}"'
    assert response.cache_control.private


def test_a_range_and_a_known_file(client: FlaskClient, tus: Tus, shown: str) -> None:
    part = get(client, tus.phone.token, shown, range="bytes=10-19")
    assert (part.status_code, part.data) == (206, PHOTO[10:20])
    assert get(client, tus.phone.token, shown, range="bytes=999999-").status_code == 416
    known = get(client, tus.phone.token, shown, if_none_match=f'"{shown}"')
    assert (known.status_code, known.data) == (304, b"")


@pytest.mark.parametrize(
    ("content", "type_"),
    [
        (b"%PDF-1.7\n", "application/pdf"),
        (b"#!AMR\n", "audio/amr"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image/png"),
    ],
)
def test_what_is_no_picture_is_only_saved(
    client: FlaskClient, tus: Tus, street: Street, content: bytes, type_: str
) -> None:
    hash_ = tus.hand_in(content, type_)
    name(tus.phone, street.workers[0], hash_)
    response = get(client, tus.phone.token, hash_)
    sent_as = "application/octet-stream" if type_ == "image/png" else type_
    assert response.headers["Content-Type"] == sent_as
    assert response.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("size", ["thumb", "screen", "stamped"])
def test_a_copy_that_was_not_made_is_not_found(
    client: FlaskClient, tus: Tus, shown: str, size: str
) -> None:
    assert get(client, tus.phone.token, f"{shown}?size={size}").status_code == 404


def test_a_size_that_is_none(client: FlaskClient, tus: Tus, shown: str) -> None:
    response = get(client, tus.phone.token, f"{shown}?size=huge")
    assert (response.status_code, response.json["code"]) == (422, "invalid")


@pytest.mark.parametrize(
    "hash_", ["x", "..%2f..%2fetc%2fpasswd", "0" * 63, "A" * 64, "%00", "0" * 64]
)
def test_a_hash_that_is_none(client: FlaskClient, tus: Tus, hash_: str) -> None:
    assert get(client, tus.phone.token, hash_).status_code == 404


def test_without_a_token(client: FlaskClient, shown: str) -> None:
    assert client.get(f"/api/v1/media/{shown}").status_code == 401


def test_a_file_lost_from_the_disk_is_not_found_and_taken_again(
    client: FlaskClient, tus: Tus, shown: str
) -> None:
    store().delete(shown)
    assert get(client, tus.phone.token, shown).status_code == 404
    assert tus.hand_in(PHOTO) == shown
    assert get(client, tus.phone.token, shown).status_code == 200


def test_a_naming_whose_file_never_came_shows_nothing(
    client: FlaskClient, tus: Tus, street: Street
) -> None:
    name(tus.phone, street.workers[0], sha256(PHOTO), area=street.grids[0])
    with writing() as session:
        assert not session.query(ItemMedia).one().stored
    assert as_person(client, street.admin, sha256(PHOTO)) == 404
