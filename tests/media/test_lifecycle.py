"""Crashes between the steps heal; what nobody needs is swept."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select, update

from server.kernel import clock
from server.kernel.clock import standing_at
from server.kernel.database import reading, writing
from server.kernel.ids import uuid7
from server.media import lifecycle, service
from server.media.models import Blob, BlobOwner, ItemMedia, Upload
from server.media.storage import media_locks
from tests import factories
from tests.factories import Street
from tests.media.tools import Tus, name, picture, sha256, store

PHOTO = picture("green")
HASH = sha256(PHOTO)


def upload_id(place: str) -> str:
    return place.rpartition("/")[2]


def count(table: type) -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def later(days: float) -> datetime:
    return clock.now() + timedelta(days=days)


# What is on disk and in the rows when the power fails, step by step.
def killed_after_the_bytes(tus: Tus) -> str:
    place = tus.place(PHOTO)
    store().append(upload_id(place), 0, [PHOTO])
    return place


def killed_after_the_rename(tus: Tus) -> str:
    place = killed_after_the_bytes(tus)
    store().finish(upload_id(place), HASH)
    return place


def killed_before_the_first_commit(tus: Tus) -> str:
    """The partial was made, its row was not committed."""
    store().create(uuid7())
    return tus.place(PHOTO)


def restored_without_the_end(tus: Tus) -> str:
    """The blob's rows were lost with an older copy of the database."""
    place = tus.place(PHOTO)
    tus.patch(place, 0, PHOTO)
    with writing() as session:
        session.execute(delete(BlobOwner))
        session.execute(delete(Blob))
        session.execute(update(Upload).values(finished_at=None))
        session.execute(update(ItemMedia).values(stored=False))
    return place


def ask_where(tus: Tus, place: str) -> int:
    return tus.offset(place)


def create_again(tus: Tus, place: str) -> int:
    created = tus.create(PHOTO)
    assert created.headers["Location"] == place
    return int(created.headers["Upload-Offset"])


def send_nothing(tus: Tus, place: str) -> int:
    return int(tus.patch(place, len(PHOTO), b"").headers["Upload-Offset"])


@pytest.mark.parametrize("ask", [ask_where, create_again, send_nothing])
@pytest.mark.parametrize(
    "crash", [killed_after_the_bytes, killed_after_the_rename, restored_without_the_end]
)
def test_the_next_request_finishes_what_a_crash_left(
    client: FlaskClient,
    tus: Tus,
    street: Street,
    crash: Callable[[Tus], str],
    ask: Callable[[Tus, str], int],
) -> None:
    name(tus.phone, street.workers[0], HASH)
    place = crash(tus)
    assert ask(tus, place) == len(PHOTO)
    shown = client.get(f"/api/v1/media/{HASH}", headers=factories.auth(tus.phone.token))
    assert (shown.status_code, shown.data) == (200, PHOTO)
    assert (count(Blob), count(BlobOwner)) == (1, 1)


def test_a_partial_whose_row_was_never_committed_is_in_nobodys_way(tus: Tus) -> None:
    place = killed_before_the_first_commit(tus)
    assert tus.patch(place, 0, PHOTO).status_code == 204


def test_wrong_bytes_found_after_a_crash_go_back_to_the_start(tus: Tus) -> None:
    place = tus.place(PHOTO)
    store().append(upload_id(place), 0, [PHOTO[::-1]])
    assert tus.offset(place) == 0
    assert tus.patch(place, 0, PHOTO).status_code == 204


def test_completing_twice_changes_nothing(app: Flask, tus: Tus, street: Street) -> None:
    place = killed_after_the_bytes(tus)
    with reading() as session:
        due = service.find(session, store(), upload_id(place), street.workers[0])
    first = lifecycle.complete(store(), media_locks(), due)
    again = lifecycle.complete(store(), media_locks(), due)
    assert first == again
    assert (first.finished, count(Blob)) == (True, 1)


def test_an_expired_upload_whose_partial_is_gone_begins_anew(tus: Tus, other: Tus) -> None:
    """It must not pass for finished because another member's blob stands."""
    place = tus.place(PHOTO)
    other.hand_in(PHOTO)
    store().discard(upload_id(place))
    with standing_at(later(31)):
        assert tus.create(PHOTO).headers["Upload-Offset"] == "0"


def test_lapsed_uploads_are_swept_with_their_partials(tus: Tus, street: Street) -> None:
    place = tus.place(PHOTO)
    tus.patch(place, 0, PHOTO[:9])
    assert lifecycle.sweep_partials(store(), later(29), 30) == []
    assert lifecycle.sweep_partials(store(), later(31), 30) == [upload_id(place)]
    assert (store().list_partials(), count(Upload)) == ([], 0)
    assert tus.head(place).status_code == 404


def test_a_finished_upload_is_swept_and_its_blob_stays(tus: Tus, street: Street) -> None:
    name(tus.phone, street.workers[0], tus.hand_in(PHOTO))
    lifecycle.sweep_partials(store(), later(31), 30)
    assert (store().exists(HASH), count(Upload), count(Blob)) == (True, 0, 1)
    assert tus.create(PHOTO).headers["Upload-Offset"] == str(len(PHOTO))


def test_partials_without_a_row_are_swept_once_they_are_old(tus: Tus) -> None:
    stray = uuid7()
    store().create(stray)
    kept = tus.place(PHOTO)
    assert lifecycle.sweep_partials(store(), later(0), 30) == []
    with writing() as session:
        session.execute(update(Upload).values(expires_at=later(90)))
    assert lifecycle.sweep_partials(store(), later(31), 30) == [stray]
    assert [partial.id for partial in store().list_partials()] == [upload_id(kept)]


def test_blobs_that_no_item_names_are_swept(tus: Tus, street: Street) -> None:
    named = tus.hand_in(picture("yellow"))
    name(tus.phone, street.workers[0], named)
    orphan = tus.hand_in(PHOTO)
    assert lifecycle.sweep_orphans(store(), media_locks(), later(89), 90) == []
    assert lifecycle.sweep_orphans(store(), media_locks(), later(91), 90) == [orphan]
    assert (store().exists(orphan), store().exists(named)) == (False, True)
    assert (count(Blob), count(BlobOwner), count(Upload)) == (1, 1, 1)


def test_a_swept_blob_is_taken_again(tus: Tus, street: Street) -> None:
    tus.hand_in(PHOTO)
    lifecycle.sweep_orphans(store(), media_locks(), later(91), 90)
    tus.hand_in(PHOTO)
    assert store().exists(HASH)


def test_a_blob_handed_in_again_is_kept_anew(tus: Tus, other: Tus) -> None:
    tus.hand_in(PHOTO)
    with standing_at(later(80)):
        other.hand_in(PHOTO)
    assert lifecycle.sweep_orphans(store(), media_locks(), later(91), 90) == []


def test_the_file_of_an_orphan_stays_while_somebody_hands_it_in(tus: Tus) -> None:
    tus.hand_in(PHOTO)
    with media_locks().held(HASH):
        assert lifecycle.sweep_orphans(store(), media_locks(), later(91), 90) == []
    assert store().exists(HASH)
    tus.hand_in(PHOTO)
    assert (store().exists(HASH), count(Blob)) == (True, 1)
