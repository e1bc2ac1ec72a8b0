"""What the exchange asks for: exactly what is missing, and from where."""

from typing import Any

from flask.testing import FlaskClient

from server.kernel.ids import uuid7
from tests import factories
from tests.factories import Street
from tests.media.tools import Tus, picture, sha256, store
from tests.wire import exchange, line

PHOTO, SECOND, THIRD = picture("green"), picture("yellow"), picture("red")


def asked(client: FlaskClient, tus: Tus, *lines: bytes) -> dict[str, tuple[str, int]]:
    """hash → (state, offset) of the files that an exchange asks for."""
    wanted: list[dict[str, Any]] = exchange(client, tus.phone, *lines)["media"]
    assert wanted == sorted(wanted, key=lambda file: file["sha256"])
    return {file["sha256"]: (file["state"], file["offset"]) for file in wanted}


def naming(*contents: bytes, seq: int = 1) -> bytes:
    return line(seq=seq, media=[{"sha256": sha256(one), "role": "near"} for one in contents])


def test_it_goes_from_missing_over_partial_to_nothing(client: FlaskClient, tus: Tus) -> None:
    assert asked(client, tus, naming(PHOTO, SECOND)) == {
        sha256(PHOTO): ("missing", 0),
        sha256(SECOND): ("missing", 0),
    }
    place = tus.place(PHOTO)
    assert asked(client, tus)[sha256(PHOTO)] == ("missing", 0)
    tus.patch(place, 0, PHOTO[:100])
    assert asked(client, tus)[sha256(PHOTO)] == ("partial", 100)
    tus.patch(place, 100, PHOTO[100:])
    assert asked(client, tus) == {sha256(SECOND): ("missing", 0)}
    tus.hand_in(SECOND)
    assert asked(client, tus) == {}


def test_what_came_before_its_item_is_not_asked_for(client: FlaskClient, tus: Tus) -> None:
    tus.hand_in(PHOTO)
    assert asked(client, tus, naming(PHOTO, SECOND)) == {sha256(SECOND): ("missing", 0)}


def test_a_wrong_file_is_asked_for_from_the_start(client: FlaskClient, tus: Tus) -> None:
    asked(client, tus, naming(PHOTO))
    assert tus.patch(tus.place(PHOTO), 0, PHOTO[::-1]).status_code == 460
    assert asked(client, tus) == {sha256(PHOTO): ("missing", 0)}


def test_an_upload_that_was_ended_is_asked_for_from_the_start(
    client: FlaskClient, tus: Tus
) -> None:
    asked(client, tus, naming(PHOTO))
    place = tus.place(PHOTO)
    tus.patch(place, 0, PHOTO[:100])
    tus.send("DELETE", place)
    assert asked(client, tus) == {sha256(PHOTO): ("missing", 0)}


def test_nobody_goes_on_where_another_member_began(
    client: FlaskClient, tus: Tus, other: Tus, street: Street
) -> None:
    asked(client, tus, naming(PHOTO))
    other.patch(other.place(PHOTO), 0, PHOTO[:100])
    assert asked(client, tus) == {sha256(PHOTO): ("missing", 0)}
    assert asked(client, other) == {}


def test_a_new_phone_of_the_member_is_asked_for_what_it_names_from_where_the_old_one_was(
    client: FlaskClient, tus: Tus, street: Street
) -> None:
    asked(client, tus, naming(PHOTO))
    tus.patch(tus.place(PHOTO), 0, PHOTO[:100])
    new = Tus(client, factories.device_for(street.workers[0]))
    assert asked(client, new, naming(PHOTO)) == {sha256(PHOTO): ("partial", 100)}


def test_what_is_asked_is_what_a_creation_then_says(client: FlaskClient, tus: Tus) -> None:
    contents = [PHOTO, SECOND, THIRD]
    asked(client, tus, naming(*contents))
    tus.patch(tus.place(SECOND), 0, SECOND[:9])
    place = tus.place(THIRD)
    store().append(place.rpartition("/")[2], 0, [THIRD[:20]])
    told = asked(client, tus)
    for content in contents:
        created = tus.create(content)
        assert told[sha256(content)][1] == int(created.headers["Upload-Offset"])


def test_no_more_than_fifty_at_a_time(client: FlaskClient, tus: Tus) -> None:
    named = [{"sha256": sha256(uuid7().encode()), "role": "near"} for _ in range(60)]
    lines = [line(seq=n + 1, media=named[n * 9 : n * 9 + 9]) for n in range(7)]
    assert len(asked(client, tus, *lines)) == 50
