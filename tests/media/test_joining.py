"""What is told of items and their files: once, whatever comes first, and whoever comes together."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from server.kernel import events
from server.kernel.database import db, writing
from server.kernel.ids import uuid7
from server.media import joining, service
from server.media.files import Sealed
from server.media.models import ItemMedia
from server.media.rules import Wish
from tests.factories import Street
from tests.media.tools import Tus, name, picture, sha256

PHOTO, SECOND = picture("green"), picture("yellow")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[Any, ...]]]:
    """What was told since, as (event, what)."""
    heard: list[tuple[Any, ...]] = []
    monkeypatch.setattr(events, "_listeners", {name: [] for name in events.EVENTS})
    for name_ in sorted(events.EVENTS):
        events.listen(name_, lambda session, *what, name=name_: heard.append((name, *what)))
    return heard


def of(told: list[tuple[Any, ...]], event_: str) -> list[Any]:
    return [what for name_, *what in told if name_ == event_]


def test_a_file_that_is_stored_is_told_with_its_type(told: list[Any], tus: Tus) -> None:
    tus.hand_in(PHOTO, "image/png")
    assert of(told, "stored") == [[sha256(PHOTO), "image/jpeg"]]


def test_an_item_is_complete_when_its_last_file_comes(
    told: list[Any], tus: Tus, street: Street
) -> None:
    item = name(tus.phone, street.workers[0], sha256(PHOTO), sha256(SECOND))
    assert of(told, "named") == [[sorted([(item, sha256(PHOTO)), (item, sha256(SECOND))])]]
    tus.hand_in(PHOTO)
    assert of(told, "media_complete") == []
    tus.hand_in(SECOND)
    tus.create(SECOND)
    assert of(told, "media_complete") == [[[item]]]


def test_an_item_whose_files_are_there_is_complete_when_it_comes(
    told: list[Any], tus: Tus, street: Street
) -> None:
    tus.hand_in(PHOTO)
    item = name(tus.phone, street.workers[0], sha256(PHOTO))
    waiting = name(tus.phone, street.workers[0], sha256(PHOTO), sha256(SECOND))
    assert of(told, "media_complete") == [[[item]]]
    tus.hand_in(SECOND)
    assert of(told, "media_complete") == [[[item]], [[waiting]]]


def test_an_item_without_files_is_never_complete(told: list[Any], tus: Tus, street: Street) -> None:
    name(tus.phone, street.workers[0])
    assert told == []


def test_a_file_that_two_items_wait_for_completes_both(
    told: list[Any], tus: Tus, street: Street
) -> None:
    items = [name(tus.phone, street.workers[0], sha256(PHOTO)) for _ in range(2)]
    tus.hand_in(PHOTO)
    assert of(told, "media_complete") == [[sorted(items)]]


def test_what_missed_each_other_is_told_when_it_is_joined(
    told: list[Any], tus: Tus, street: Street
) -> None:
    tus.hand_in(PHOTO)
    item = name(tus.phone, street.workers[0], sha256(PHOTO))
    told.clear()
    with writing() as session:
        session.query(ItemMedia).update({"stored": False})
    for _ in range(2):
        with writing() as session:
            joining.join_arrived(session)
    assert of(told, "media_complete") == [[[item]]]


def arrive(session: Session, street: Street, hash_: str) -> None:
    wish, sealed = Wish(hash_, 9, "image/jpeg"), Sealed(9, "image/jpeg", [])
    service.take_whole(session, uuid7(), street.workers[0], wish, sealed, 30)


def test_two_files_of_an_item_that_finish_together_complete_it_once(
    told: list[Any], app: Flask, tus: Tus, street: Street
) -> None:
    """Each transaction is past its own file when the other begins; SQLite lets one wait."""
    hashes = [sha256(str(number).encode()) for number in range(6)]
    items = [name(tus.phone, street.workers[0], *hashes) for _ in range(3)]
    together = threading.Barrier(len(hashes))

    def finish(hash_: str) -> None:
        with app.app_context():
            together.wait(30)
            with writing() as session:
                arrive(session, street, hash_)
            db.session.remove()

    threads = [threading.Thread(target=finish, args=(hash_,)) for hash_ in hashes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert of(told, "media_complete") == [[sorted(items)]]


def test_one_file_waits_for_the_other_that_is_not_committed_yet(
    told: list[Any], app: Flask, tus: Tus, street: Street
) -> None:
    item = name(tus.phone, street.workers[0], sha256(PHOTO), sha256(SECOND))

    def finish_second() -> None:
        with app.app_context():
            with writing() as session:
                arrive(session, street, sha256(SECOND))
            db.session.remove()

    other = threading.Thread(target=finish_second)
    with writing() as session:
        arrive(session, street, sha256(PHOTO))
        other.start()
        other.join(1)
        assert other.is_alive()
        assert of(told, "media_complete") == []
    other.join()
    assert of(told, "media_complete") == [[[item]]]


def test_without_listeners_nothing_is_locked_or_asked(
    app: Flask, tus: Tus, street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    name(tus.phone, street.workers[0], sha256(PHOTO))
    with writing() as session:
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", lambda *a: asked.append(a[2].split()[0]))
        joining.announce(session, [])
        joining.mark_arrived(session, sha256(PHOTO))
    assert asked == ["UPDATE"]
