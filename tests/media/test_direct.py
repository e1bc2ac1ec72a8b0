"""Links that lead to the bucket itself: what they show, for how long, and what never goes so."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.jobs.consumer import do_next
from server.jobs.work import WORK
from server.kernel import clock
from server.media.direct import LONGEST_S, sent_elsewhere
from server.photos.copies.jobs import darkroom
from tests import factories, s3
from tests.factories import Street
from tests.media.tools import Tus, name, picture_with_exif

PHOTO = picture_with_exif()
TYPES = {"thumb": "image/webp", "screen": "image/webp", "stamped": "image/jpeg"}


@pytest.fixture
def photos(s3_service: s3.Service) -> dict[str, str]:
    return s3_service.place().settings | {"media_direct": "1"}


@pytest.fixture(autouse=True)
def closed(app: Flask) -> Iterator[None]:
    yield
    darkroom().close()


@pytest.fixture
def shown(tus: Tus, street: Street) -> str:
    """The hash of a photo that was copied and stamped."""
    hash_ = tus.hand_in(PHOTO)
    name(tus.phone, street.workers[0], hash_, area=street.grids[0])
    while do_next(WORK):
        pass
    return hash_


def link(client: FlaskClient, street: Street, hash_: str, size: str = "thumb") -> str:
    headers = factories.auth(factories.token_for(street.supervisor))
    made = client.post(f"/api/v1/media/{hash_}/links", json={"size": size}, headers=headers)
    assert made.status_code == 201
    return str(made.json["url"])


def lasts(answer: TestResponse) -> int:
    """The seconds for which the address opens that the answer leads to."""
    return int(parse_qs(urlsplit(answer.headers["Location"]).query)["X-Amz-Expires"][0])


def test_a_link_leads_to_the_copy_in_the_bucket(
    client: FlaskClient, street: Street, shown: str
) -> None:
    headers = factories.auth(factories.token_for(street.supervisor))
    for size, type_ in TYPES.items():
        sent = client.get(link(client, street, shown, size))
        assert (sent.status_code, sent.data) == (302, b"")
        assert sent.headers["Cache-Control"] == "no-store"
        there = s3.fetch(sent.headers["Location"])
        assert (there.status, there.headers["Content-Type"]) == (200, type_)
        assert there.headers["Content-Disposition"] == "inline"
        assert there.headers["Cache-Control"] == "private"
        by_token = client.get(f"/api/v1/media/{shown}?size={size}", headers=headers)
        assert (by_token.status_code, by_token.data) == (200, there.body)
        assert b"Exif" not in there.body


def test_the_address_lasts_no_longer_than_the_link(
    client: FlaskClient, street: Street, shown: str
) -> None:
    url, now = link(client, street, shown), clock.now()
    assert lasts(client.get(url)) == LONGEST_S
    with clock.standing_at(now + timedelta(minutes=9)):
        assert 50 <= lasts(client.get(url)) <= 60
    with clock.standing_at(now + timedelta(minutes=11)):
        assert client.get(url).status_code == 410


def test_originals_and_what_a_token_asks_for_come_from_the_server(
    client: FlaskClient, tus: Tus, street: Street, shown: str
) -> None:
    headers = factories.auth(factories.token_for(street.supervisor))
    for answer in (
        client.get(f"/api/v1/media/{shown}", headers=headers),
        tus.send("GET", f"/api/v1/media/{shown}"),
        tus.send("GET", f"/api/v1/media/{shown}?size=thumb"),
    ):
        assert (answer.status_code, "Location" in answer.headers) == (200, False)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    forged = client.get(f"/api/v1/media/{shown}?until=9999999999&sig=00")
    assert (forged.status_code, "Location" in forged.headers) == (401, False)


def test_a_head_is_answered_by_the_server(client: FlaskClient, street: Street, shown: str) -> None:
    answer = client.head(link(client, street, shown))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/webp")


@pytest.mark.parametrize("type_", ["application/octet-stream", "application/pdf", "video/mp4"])
def test_what_is_not_shown_in_place_stays_with_the_server(app: Flask, type_: str) -> None:
    with app.test_request_context("/?until=9999999999&sig=00"):
        assert sent_elsewhere("0" * 64, type_) is None
        assert sent_elsewhere("0" * 64, "image/webp") is not None


def test_a_photo_without_a_copy_leads_nowhere(
    client: FlaskClient, tus: Tus, street: Street
) -> None:
    hash_ = tus.hand_in(PHOTO)
    name(tus.phone, street.workers[0], hash_, area=street.grids[0])
    headers = factories.auth(factories.token_for(street.supervisor))
    answer = client.post(f"/api/v1/media/{hash_}/links", json={"size": "thumb"}, headers=headers)
    assert (answer.status_code, answer.json["code"]) == (404, "copy_pending")
