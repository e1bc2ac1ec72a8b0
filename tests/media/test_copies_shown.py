"""Copies are shown to whoever may see the photo, by token or by a link that ends."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.jobs.consumer import do_next
from server.jobs.work import WORK
from server.kernel import clock
from server.photos.copies.jobs import darkroom
from tests import factories
from tests.factories import Street
from tests.media.tools import Tus, name, picture_with_exif

SIZES = ("thumb", "screen", "stamped")
PHOTO = picture_with_exif()


def look() -> None:
    while do_next(WORK):
        pass


@pytest.fixture(autouse=True)
def closed(app: Flask) -> Iterator[None]:
    yield
    darkroom().close()


@pytest.fixture
def shown(tus: Tus, street: Street) -> str:
    """The hash of a photo that the worker's item in `grids[0]` names, copied and stamped."""
    hash_ = tus.hand_in(PHOTO)
    name(tus.phone, street.workers[0], hash_, area=street.grids[0])
    look()
    return hash_


def get(client: FlaskClient, token: str, hash_: str, size: str, **headers: str) -> TestResponse:
    path = f"/api/v1/media/{hash_}?size={size}"
    return client.get(path, headers=factories.auth(token, **headers))


@pytest.mark.parametrize("size", SIZES)
def test_copies_are_shown_to_whoever_may_see_the_photo(
    client: FlaskClient, tus: Tus, other: Tus, street: Street, shown: str, size: str
) -> None:
    foreign = factories.member("leader", street.communities[1])
    people = (street.supervisor, street.leader, street.workers[0], street.workers[3], foreign)
    seen = [get(client, factories.token_for(member), shown, size).status_code for member in people]
    assert seen == [200, 200, 200, 404, 404]
    assert get(client, tus.phone.token, shown, size).status_code == 200
    assert get(client, other.phone.token, shown, size).status_code == 404


@pytest.mark.parametrize(
    ("size", "type_"),
    [("thumb", "image/webp"), ("screen", "image/webp"), ("stamped", "image/jpeg")],
)
def test_how_a_copy_is_sent(
    client: FlaskClient, tus: Tus, shown: str, size: str, type_: str
) -> None:
    answer = get(client, tus.phone.token, shown, size)
    assert answer.headers["Content-Type"] == type_
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert answer.cache_control.private
    assert b"Exif" not in answer.data
    assert answer.data != PHOTO
    etag = answer.headers["ETag"]
    known = get(client, tus.phone.token, shown, size, if_none_match=etag)
    assert (known.status_code, known.data) == (304, b"")
    part = get(client, tus.phone.token, shown, size, range="bytes=4-9")
    assert (part.status_code, part.data) == (206, answer.data[4:10])


def test_a_copys_own_hash_shows_nothing(client: FlaskClient, street: Street, shown: str) -> None:
    token = factories.token_for(street.admin)
    copy = get(client, token, shown, "thumb").headers["ETag"].strip('"')
    assert copy != shown
    for path in (copy, f"{copy}?size=thumb"):
        answer = client.get(f"/api/v1/media/{path}", headers=factories.auth(token))
        assert answer.status_code == 404


def test_the_stamp_is_that_of_an_item_within_reach(
    client: FlaskClient, tus: Tus, other: Tus, street: Street, shown: str
) -> None:
    other.hand_in(PHOTO)
    theirs = name(other.phone, street.workers[3], shown, area=street.grids[3])
    look()
    mine = get(client, factories.token_for(street.leader), shown, "stamped")
    foreign = factories.token_for(factories.member("leader", street.communities[1]))
    assert get(client, foreign, shown, "stamped").data != mine.data
    asked = f"stamped&item={theirs}"
    assert get(client, factories.token_for(street.leader), shown, asked).status_code == 404
    supervisor = factories.token_for(street.supervisor)
    assert get(client, supervisor, shown, asked).data == get(client, foreign, shown, "stamped").data


def test_what_is_not_made_yet_comes_later(client: FlaskClient, tus: Tus, street: Street) -> None:
    hash_ = tus.hand_in(PHOTO)
    name(tus.phone, street.workers[0], hash_, area=street.grids[0])
    for size in SIZES:
        answer = get(client, tus.phone.token, hash_, size)
        assert (answer.status_code, answer.json["code"]) == (404, "copy_pending")
        assert answer.json["retryable"]
        assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("content", "type_", "reason"),
    [
        (b"\xff\xd8\xff\xe0 a photo", "image/jpeg", "unreadable_image"),
        (b"%PDF-1.7\n", "application/pdf", "no_picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/png", "no_picture"),
    ],
)
def test_what_cannot_be_copied_says_why(
    client: FlaskClient, tus: Tus, street: Street, content: bytes, type_: str, reason: str
) -> None:
    hash_ = tus.hand_in(content, type_)
    name(tus.phone, street.workers[0], hash_)
    look()
    for size in ("thumb", "screen"):
        answer = get(client, tus.phone.token, hash_, size)
        said = (answer.status_code, answer.json["code"], answer.json["reason"])
        assert said == (404, "copy_impossible", reason)


# Links


Link = Callable[..., TestResponse]


@pytest.fixture
def link(client: FlaskClient, street: Street, shown: str) -> Link:
    """Ask for a link as the supervisor, or as who `member` is."""

    def ask(member: str = "", hash_: str = shown, **body: str) -> TestResponse:
        token = factories.token_for(member or street.supervisor)
        path = f"/api/v1/media/{hash_}/links"
        return client.post(path, json={"size": "thumb"} | body, headers=factories.auth(token))

    return ask


@pytest.mark.parametrize("size", SIZES)
def test_a_link_shows_its_copy_without_a_token(
    client: FlaskClient, street: Street, shown: str, link: Link, size: str
) -> None:
    made = link(size=size)
    assert made.status_code == 201
    by_link = client.get(made.json["url"])
    by_token = get(client, factories.token_for(street.supervisor), shown, size)
    assert (by_link.status_code, by_link.data) == (200, by_token.data)


def test_a_link_ends(client: FlaskClient, link: Link) -> None:
    url = link().json["url"]
    with clock.standing_at(clock.now() + timedelta(minutes=9)):
        assert client.get(url).status_code == 200
    with clock.standing_at(clock.now() + timedelta(minutes=11)):
        answer = client.get(url)
    assert (answer.status_code, answer.json["code"]) == (410, "link_expired")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("size=thumb", "size=screen"),
        ("size=thumb&", ""),
        ("until=1", "until=2"),
        ("sig=", "sig=0"),
        ("size=thumb", "size=thumb&item=0199a000-0000-7000-8000-000000000000"),
    ],
)
def test_a_link_shows_nothing_else(client: FlaskClient, link: Link, old: str, new: str) -> None:
    url = link().json["url"]
    assert old in url
    assert client.get(url.replace(old, new, 1)).status_code == 401


def test_a_link_is_for_one_photo(client: FlaskClient, shown: str, link: Link) -> None:
    url = link().json["url"]
    assert client.get(url.replace(shown, "0" * 64)).status_code == 401


def test_no_link_opens_the_original(client: FlaskClient, shown: str, link: Link) -> None:
    assert link(size="original").status_code == 422
    assert client.get(f"/api/v1/media/{shown}?until=9999999999&sig=00").status_code == 401


def test_a_link_is_made_only_for_who_may_see_the_photo(street: Street, link: Link) -> None:
    assert link(street.workers[3]).status_code == 404
    assert link(hash_="0" * 64).status_code == 404
    assert link(street.workers[0]).status_code == 201
