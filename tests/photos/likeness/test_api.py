"""GET /media/<sha256>/alike: what the caller may see, and nothing beside."""

import pytest
from flask.testing import FlaskClient

from tests import factories
from tests.factories import Street
from tests.media.tools import Tus
from tests.photos.likeness import drawn
from tests.photos.likeness.given import handed_in, item

PHOTO = drawn.photo(1)
COPY = drawn.packed(PHOTO.resize((320, 240)), 40)


def ask(client: FlaskClient, member: str, sha256: str) -> tuple[int, dict[str, list[str]]]:
    """(status, items by photo)."""
    headers = factories.auth(factories.token_for(member))
    answer = client.get(f"/api/v1/media/{sha256}/alike", headers=headers)
    results = answer.json["results"] if answer.status_code == 200 else []
    return answer.status_code, {one["sha256"]: one["items"] for one in results}


@pytest.fixture
def pair(tus: Tus, other: Tus, street: Street) -> dict[str, str]:
    """A photo of the first community, and one alike of the second, each with its item."""
    first, second = handed_in(tus, PHOTO), handed_in(other, COPY)
    here = item(tus, street.workers[0], first, area=street.grids[0])
    there = item(other, street.workers[3], second, area=street.grids[3])
    return {"first": first, "second": second, "here": here, "there": there}


def test_the_answer(client: FlaskClient, street: Street, pair: dict[str, str]) -> None:
    headers = factories.auth(factories.token_for(street.admin))
    answer = client.get(f"/api/v1/media/{pair['first']}/alike", headers=headers)
    itself, alike = answer.json["results"]
    assert itself == {"sha256": pair["first"], "distance": 0, "items": [pair["here"]]}
    assert (alike["sha256"], alike["items"]) == (pair["second"], [pair["there"]])
    assert 0 <= alike["distance"] <= 5


def test_only_what_lies_within_reach(
    client: FlaskClient, street: Street, pair: dict[str, str]
) -> None:
    both = {pair["first"]: [pair["here"]], pair["second"]: [pair["there"]]}
    assert ask(client, street.supervisor, pair["first"]) == (200, both)
    assert ask(client, street.leader, pair["first"]) == (200, {pair["first"]: [pair["here"]]})
    assert ask(client, street.leader, pair["second"]) == (404, {})


def test_a_worker_gets_the_own_ones_alone(
    client: FlaskClient, tus: Tus, street: Street, pair: dict[str, str]
) -> None:
    worker = street.workers[0]
    assert ask(client, worker, pair["first"]) == (200, {pair["first"]: [pair["here"]]})
    assert ask(client, worker, pair["second"]) == (404, {})
    assert ask(client, street.workers[3], pair["first"]) == (404, {})
    stranger = item(tus, worker, pair["second"], area=street.grids[0])
    assert ask(client, worker, pair["second"]) == (404, {})
    found = ask(client, street.leader, pair["first"])[1]
    assert found == {pair["first"]: [pair["here"]], pair["second"]: [stranger]}


def test_the_same_bytes_under_other_items(
    client: FlaskClient, tus: Tus, street: Street, pair: dict[str, str]
) -> None:
    again = item(tus, street.workers[1], pair["first"], area=street.grids[1])
    assert ask(client, street.leader, pair["first"])[1] == {pair["first"]: [pair["here"], again]}


def test_who_holds_no_post_and_who_has_no_token(client: FlaskClient, pair: dict[str, str]) -> None:
    assert ask(client, factories.member(), pair["first"])[0] == 403
    assert client.get(f"/api/v1/media/{pair['first']}/alike").status_code == 401


def test_a_device_is_no_person(client: FlaskClient, tus: Tus, pair: dict[str, str]) -> None:
    headers = factories.auth(tus.phone.token)
    assert client.get(f"/api/v1/media/{pair['first']}/alike", headers=headers).status_code == 401


@pytest.mark.parametrize("hash_", ["x", "0" * 64, "A" * 64, "%00", "..%2fetc", "0" * 63])
def test_a_hash_that_is_none(client: FlaskClient, street: Street, hash_: str) -> None:
    assert ask(client, street.admin, hash_)[0] == 404
