"""Items and files find each other, in whatever order they come."""

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from server.kernel.database import reading, writing
from server.kernel.ids import uuid7
from server.kernel.problems import Problem
from server.media import joining, lifecycle, queries, service
from server.media.models import BlobOwner, ItemMedia
from server.media.storage import media_locks
from tests.executed import executed
from tests.factories import Street
from tests.media.tools import Tus, name, picture, sha256, store

PHOTO, SECOND = picture("green"), picture("yellow")


def files(item: str) -> list[tuple[str, bool]]:
    with reading() as session:
        return [(row.sha256, row.stored) for row in queries.of_item(session, item)]


def wanted(tus: Tus, member: str, limit: int = 50) -> list[dict[str, object]]:
    with reading() as session:
        return queries.wanted(session, tus.phone.install, member, limit)


def test_the_item_comes_first(tus: Tus, street: Street) -> None:
    item = name(tus.phone, street.workers[0], sha256(PHOTO))
    assert files(item) == [(sha256(PHOTO), False)]
    tus.hand_in(PHOTO)
    assert files(item) == [(sha256(PHOTO), True)]


def test_the_file_comes_first(tus: Tus, street: Street) -> None:
    tus.hand_in(PHOTO)
    item = name(tus.phone, street.workers[0], sha256(PHOTO))
    assert files(item) == [(sha256(PHOTO), True)]


def test_content_that_the_server_has_is_asked_of_nobody(
    tus: Tus, other: Tus, street: Street
) -> None:
    waiting = name(other.phone, street.workers[3], sha256(PHOTO))
    assert [file["state"] for file in wanted(other, street.workers[3])] == ["missing"]
    tus.hand_in(PHOTO)
    later = name(other.phone, street.workers[3], sha256(PHOTO))
    assert files(waiting) == files(later) == [(sha256(PHOTO), True)]
    assert wanted(other, street.workers[3]) == []


def test_content_that_is_there_needs_no_byte_of_an_install_that_names_it(
    tus: Tus, other: Tus, street: Street
) -> None:
    tus.hand_in(PHOTO)
    assert other.create(PHOTO).headers["Upload-Offset"] == "0"
    name(other.phone, street.workers[3], sha256(PHOTO))
    assert other.create(PHOTO).headers["Upload-Offset"] == str(len(PHOTO))


def test_a_file_named_twice_in_one_item_and_in_two(tus: Tus, street: Street) -> None:
    first = name(tus.phone, street.workers[0], sha256(PHOTO), sha256(PHOTO))
    second = name(tus.phone, street.workers[0], sha256(PHOTO))
    assert files(first) == files(second) == [(sha256(PHOTO), False)]
    assert len(wanted(tus, street.workers[0])) == 1


def test_items_without_files_and_without_items(app: Flask, tus: Tus, street: Street) -> None:
    assert files(name(tus.phone, street.workers[0])) == []
    with writing() as session:
        service.attach(session, [])


def test_what_an_item_names_is_forgotten_with_it(tus: Tus, street: Street) -> None:
    item = name(tus.phone, street.workers[0], sha256(PHOTO))
    kept = name(tus.phone, street.workers[0], sha256(PHOTO))
    with writing() as session:
        service.detach(session, [item])
    assert (files(item), len(files(kept))) == ([], 1)


def test_the_exchange_asks_for_what_is_missing(tus: Tus, other: Tus, street: Street) -> None:
    worker = street.workers[0]
    name(tus.phone, worker, sha256(PHOTO), sha256(SECOND))
    name(other.phone, street.workers[3], "f" * 64)
    tus.patch(tus.place(PHOTO), 0, PHOTO[:9])
    expected = [
        {"sha256": sha256(PHOTO), "state": "partial", "offset": 9},
        {"sha256": sha256(SECOND), "state": "missing", "offset": 0},
    ]
    sorted_wanted = wanted(tus, worker)
    assert sorted_wanted == sorted(expected, key=lambda file: str(file["sha256"]))
    assert len(wanted(tus, worker, limit=1)) == 1
    tus.hand_in(SECOND)
    assert [file["sha256"] for file in wanted(tus, worker)] == [sha256(PHOTO)]


def crowded(session: Session) -> None:
    """For the transaction: what many phones named, nearly all of it there; PostgreSQL counts it."""
    session.execute(text("SET LOCAL session_replication_role = replica"))  # of no items
    installs = [uuid7() for _ in range(100)]
    rows = [
        {
            "item": uuid7(),
            "sha256": sha256(str(number).encode()),
            "install": installs[number % 100],
            "member": uuid7(),
            "stored": number % 10 != 0,
        }
        for number in range(3000)
    ]
    session.execute(insert(ItemMedia), rows)
    session.execute(text("ANALYZE item_media"))


def test_what_is_wanted_is_looked_up_by_its_index(app: Flask) -> None:
    with reading() as session:
        connection = session.connection()
        explain = "EXPLAIN QUERY PLAN "
        if connection.dialect.name == "postgresql":
            crowded(session)
            explain = "EXPLAIN "

        with executed() as seen:
            queries.wanted(session, uuid7(), uuid7())
        plan = connection.exec_driver_sql(explain + seen[0][0], tuple(seen[0][1]))
        assert "ix_item_media_wanted" in str(plan.all())


def test_item_and_blob_that_missed_each_other_are_joined(tus: Tus, street: Street) -> None:
    item = name(tus.phone, street.workers[0], tus.hand_in(PHOTO))
    with writing() as session:
        session.query(ItemMedia).update({"stored": False})
    with writing() as session:
        assert joining.join_arrived(session) == 1
        assert joining.join_arrived(session) == 0
    assert files(item) == [(sha256(PHOTO), True)]


def test_creating_again_joins_them_too(tus: Tus, street: Street) -> None:
    item = name(tus.phone, street.workers[0], tus.hand_in(PHOTO))
    with writing() as session:
        session.query(ItemMedia).update({"stored": False})
    tus.create(PHOTO)
    assert files(item) == [(sha256(PHOTO), True)]


@pytest.mark.parametrize("count", [1, 500])
def test_a_batch_is_attached_whatever_its_length(
    app: Flask, tus: Tus, street: Street, count: int
) -> None:
    hashes = [sha256(str(number).encode()) for number in range(count)]
    item = name(tus.phone, street.workers[0], *hashes)
    assert len(files(item)) == count


def test_an_upload_ended_before_its_blob_is_written_down_proves_nothing(
    tus: Tus, other: Tus, street: Street
) -> None:
    other.hand_in(PHOTO)
    place, worker = tus.place(PHOTO), street.workers[0]
    with reading() as session:
        progress = service.find(session, store(), place.rpartition("/")[2], worker)
    tus.send("DELETE", place)
    with pytest.raises(Problem, match="not_found"):
        lifecycle.complete(store(), media_locks(), replace(progress, offset=progress.size))
    with reading() as session:
        assert session.scalars(select(BlobOwner.member)).all() == [street.workers[3]]
