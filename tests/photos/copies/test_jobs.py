"""From a photo and an item, in any order, to copies and a stamp; what breaks is marked and kept."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import func, select, update

from server.items.models import Finding
from server.kernel import clock, queue
from server.kernel.database import reading, writing
from server.kernel.queue import Job
from server.media import lifecycle
from server.media.models import Blob, Copy, ItemMedia, Stamp
from server.media.storage import media_locks
from server.photos.copies import jobs, service
from server.photos.copies.developing import Darkroom
from tests import wire
from tests.factories import Street
from tests.media.tools import Tus, sha256, store
from tests.photos.copies import drawn

Work = Callable[[], int]
PHOTO = drawn.saved(drawn.marked(1600, 1200), exif=drawn.exif(6))
HASH = sha256(PHOTO)


def hand_in_item(client: FlaskClient, tus: Tus, *hashes: str, **given: Any) -> str:
    """An item over HTTP that names these photos; its id."""
    media = [{"sha256": hash_, "role": "near"} for hash_ in hashes]
    raw = wire.line(media=media, **given)
    (result,) = wire.exchange(client, tus.phone, raw)["results"]
    assert result["status"] == "accepted"
    return str(json.loads(raw)["id"])


def all_of(table: Any) -> list[Any]:
    """The rows as they are now, not renewed later."""
    with reading() as session:
        rows = list(session.scalars(select(table)))
        session.expunge_all()
    return rows


def copies(hash_: str = HASH) -> dict[str, Copy]:
    return {copy.kind: copy for copy in all_of(Copy) if copy.sha256 == hash_}


def image(copy: Any) -> Image.Image:
    with store().open(copy.copy) as file:
        return Image.open(BytesIO(file.read()))


def item_first(client: FlaskClient, tus: Tus) -> str:
    item = hand_in_item(client, tus, HASH)
    tus.hand_in(PHOTO)
    return item


def photo_first(client: FlaskClient, tus: Tus) -> str:
    tus.hand_in(PHOTO)
    return hand_in_item(client, tus, HASH)


@pytest.mark.parametrize("order", [item_first, photo_first])
def test_item_and_photo_come_in_any_order(
    client: FlaskClient, tus: Tus, work: Work, order: Callable[[FlaskClient, Tus], str]
) -> None:
    item = order(client, tus)
    assert work() >= 2
    made = copies()
    assert set(made) == {"thumb", "screen"}
    # Orientation 6: the camera was held upright.
    assert [(c.width, c.height) for c in (made["screen"], made["thumb"])] == [
        (960, 1280),
        (240, 320),
    ]
    assert made["thumb"].bytes <= 6 * 1024
    (stamp,) = all_of(Stamp)
    assert (stamp.item, stamp.sha256, stamp.width, stamp.problem) == (item, HASH, 960, None)
    for copy in (*made.values(), stamp):
        shown = image(copy)
        assert (shown.width, shown.height) == (copy.width, copy.height)
        assert not shown.getexif()
    assert {job.state for job in all_of(Job)} == {"done"}


def test_an_item_that_names_it_later_gets_its_own_stamp(
    client: FlaskClient, tus: Tus, work: Work
) -> None:
    photo_first(client, tus)
    work()
    hand_in_item(client, tus, HASH)
    work()
    stamps = all_of(Stamp)
    assert len({(s.item, s.code, s.copy) for s in stamps}) == 2


def test_a_photo_is_decoded_once_however_often_it_comes(
    client: FlaskClient, tus: Tus, other: Tus, work: Work
) -> None:
    photo_first(client, tus)
    work()
    before = {(c.copy, c.made_at) for c in all_of(Copy)}
    other.hand_in(PHOTO)
    hand_in_item(client, other, HASH)
    work()
    assert {(c.copy, c.made_at) for c in all_of(Copy)} == before
    assert len(all_of(Stamp)) == 2


def test_the_original_stays_as_it_was_and_its_exif_is_written_down(
    client: FlaskClient, tus: Tus, work: Work
) -> None:
    photo_first(client, tus)
    work()
    with store().open(HASH) as file:
        assert file.read() == PHOTO
    with reading() as session:
        blob = session.get_one(Blob, HASH)
        assert (blob.lat, blob.make) == (30.5, "Secret Phone")
        assert blob.read_at is not None


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (drawn.bomb(), "too_many_pixels"),
        (drawn.truncated(), "truncated"),
        (b"\xff\xd8\xff\xe0 no photo at all", "unreadable_image"),
    ],
)
def test_what_gives_no_picture_is_marked_at_once_and_kept(
    client: FlaskClient, tus: Tus, work: Work, content: bytes, problem: str
) -> None:
    hash_ = tus.hand_in(content)
    hand_in_item(client, tus, hash_)
    work()
    assert {(c.problem, c.copy) for c in copies(hash_).values()} == {(problem, None)}
    assert all_of(Stamp) == []
    assert {(job.state, job.tries) for job in all_of(Job)} == {("done", 1)}
    with store().open(hash_) as file:
        assert file.read() == content


def test_what_a_photo_may_cost_is_a_setting(
    app: Flask, client: FlaskClient, tus: Tus, work: Work
) -> None:
    there = app.extensions["gewu_settings"]
    app.extensions["gewu_settings"] = replace(there, darkroom_pixels=1_000_000)
    photo_first(client, tus)
    work()
    assert {(c.problem, c.copy) for c in copies().values()} == {("too_many_pixels", None)}


def test_a_page_that_is_a_photo_too_gets_clean_copies(
    client: FlaskClient, tus: Tus, work: Work
) -> None:
    hash_ = tus.hand_in(drawn.polyglot())
    hand_in_item(client, tus, hash_)
    work()
    for copy in (*copies(hash_).values(), *all_of(Stamp)):
        with store().open(copy.copy) as file:
            assert b"script" not in file.read()


def test_what_is_no_picture_has_no_job(client: FlaskClient, tus: Tus, work: Work) -> None:
    hash_ = tus.hand_in(b"%PDF-1.7\n", "application/pdf")
    hand_in_item(client, tus, hash_)
    assert work() == 0


def test_what_breaks_the_child_is_tried_three_times_then_marked(
    app: Flask, client: FlaskClient, tus: Tus, work: Work
) -> None:
    slow = replace(drawn.LIMITS, wall_s=0.02)
    app.extensions["gewu_darkroom"] = Darkroom(slow)
    hash_ = tus.hand_in(drawn.heavy(), "image/png")
    tries = 0
    for hours in range(6):
        with clock.standing_at(clock.now() + timedelta(hours=hours)):
            tries += work()
    app.extensions["gewu_darkroom"].close()
    del app.extensions["gewu_darkroom"]
    (job,) = all_of(Job)
    assert (job.state, job.tries, job.error) == ("failed", 3, "too_slow")
    assert {c.problem for c in copies(hash_).values()} == {"too_slow"}
    assert tries == 3
    with writing() as session:
        assert queue.retry(session, job.id, clock.now())
    work()
    assert {c.problem for c in copies(hash_).values()} == {None}


def test_a_file_lost_from_the_store_fails_and_stops_nobody(
    client: FlaskClient, tus: Tus, work: Work
) -> None:
    lost = tus.hand_in(drawn.saved(drawn.marked(80, 60)))
    store().delete(lost)
    photo_first(client, tus)
    work()
    assert set(copies()) == {"thumb", "screen"}
    (job,) = [job for job in all_of(Job) if job.key == lost]
    assert (job.state, job.error) == ("waiting", "NoSuchBlob")


def test_an_effect_that_is_undone_is_made_again(
    client: FlaskClient, tus: Tus, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker died after the bytes were stored and before the commit."""
    photo_first(client, tus)
    with monkeypatch.context() as patched:
        patched.setattr(service, "looked", lambda *_: 1 / 0)
        work()
    assert all_of(Copy) == []
    with clock.standing_at(clock.now() + timedelta(minutes=1)):
        work()
    assert set(copies()) == {"thumb", "screen"}
    assert len(all_of(Stamp)) == 1


def test_the_code_stays_when_the_stamp_is_made_anew(
    client: FlaskClient, tus: Tus, work: Work
) -> None:
    item = photo_first(client, tus)
    work()
    (before,) = all_of(Stamp)
    with writing() as session:
        session.execute(update(Stamp).values(copy=None))
        queue.put(session, service.JOIN, f"{item}:{HASH}")
    work()
    (after,) = all_of(Stamp)
    assert (after.code, after.copy is not None) == (before.code, True)


def test_photos_older_than_the_queue_are_found(client: FlaskClient, tus: Tus, work: Work) -> None:
    photo_first(client, tus)
    with writing() as session:
        session.query(Job).delete()
    later = clock.now() + timedelta(minutes=11)
    with clock.standing_at(later):
        with writing() as session:
            assert service.put_missed(session, service.missed(session, later)) == 1
        work()
    assert len(all_of(Stamp)) == 1
    later += timedelta(minutes=11)
    with writing() as session:
        assert service.put_missed(session, service.missed(session, later)) == 0
        session.query(Stamp).delete()
    with writing() as session:
        assert service.put_missed(session, service.missed(session, later)) == 1


# Copies live and go with their photo.


def count(table: type) -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def sweep(days: float) -> list[str]:
    return lifecycle.sweep_orphans(store(), media_locks(), clock.now() + timedelta(days=days), 90)


def test_copies_of_a_living_photo_stay(client: FlaskClient, tus: Tus, work: Work) -> None:
    photo_first(client, tus)
    work()
    assert count(Blob) == 4
    assert sweep(365) == []
    assert all(store().exists(copy.copy) for copy in (*copies().values(), *all_of(Stamp)))


def test_copies_of_a_photo_that_is_swept_go_with_it(
    client: FlaskClient, tus: Tus, work: Work
) -> None:
    tus.hand_in(PHOTO)
    work()
    made = [copy.copy for copy in copies().values()]
    assert sweep(80) == []
    assert sorted(sweep(100)) == sorted([HASH, *made])
    assert (count(Blob), count(Copy)) == (0, 0)
    assert not any(store().exists(hash_) for hash_ in [HASH, *made])


def test_a_stamp_goes_with_its_naming(client: FlaskClient, tus: Tus, work: Work) -> None:
    photo_first(client, tus)
    work()
    (stamped,) = [stamp.copy for stamp in all_of(Stamp)]
    with writing() as session:
        session.query(ItemMedia).delete()
    assert count(Stamp) == 0
    assert stamped in sweep(100)
    assert (count(Blob), store().exists(stamped)) == (0, False)


def test_a_photo_swept_while_it_is_looked_at_leaves_nothing(
    client: FlaskClient, tus: Tus, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    tus.hand_in(PHOTO)
    made: list[str] = []

    def swept_meanwhile(hash_: str, act: str, **request: object) -> Any:
        found = developed(hash_, act, **request)
        made.extend(copy.sha256 for copy in found.copies)
        assert sweep(100) == [HASH]
        return found

    developed = jobs._developed
    monkeypatch.setattr(jobs, "_developed", swept_meanwhile)
    work()
    assert (count(Blob), count(Copy), len(made)) == (0, 0, 2)
    assert not any(store().exists(hash_) for hash_ in made)


def test_a_copy_shared_by_two_photos_stays_with_the_second(
    client: FlaskClient, tus: Tus, work: Work
) -> None:
    """The same pixels under two hashes, as after a change of nothing but metadata."""
    twin = drawn.saved(drawn.marked(400, 300), "PNG")
    other_twin = drawn.saved(drawn.marked(400, 300), "PNG", exif=drawn.exif(1))
    first, second = tus.hand_in(twin, "image/png"), tus.hand_in(other_twin, "image/png")
    hand_in_item(client, tus, second)
    work()
    shared = copies(first)["screen"].copy
    assert shared == copies(second)["screen"].copy
    assert sweep(100) == [first]
    assert store().exists(shared)


# What is found on the way


def flags(item: str) -> set[str]:
    return {finding.flag for finding in all_of(Finding) if finding.item == item}


def test_a_photo_is_held_against_its_item(
    client: FlaskClient, tus: Tus, street: Street, work: Work
) -> None:
    """It says 30.5 N, 120.25 E; the item was captured elsewhere."""
    lat, lon = street.point(0)
    tus.hand_in(PHOTO)
    item = hand_in_item(client, tus, HASH, loc={"lat": lat, "lon": lon})
    work()
    assert "exif_far" in flags(item)


def test_a_photo_used_before_is_known_again_by_its_pixels(
    client: FlaskClient, tus: Tus, other: Tus, work: Work
) -> None:
    view = drawn.noise(12, 9).resize((1200, 900), Image.Resampling.BICUBIC)
    first = tus.hand_in(drawn.saved(view, quality=92))
    earlier = hand_in_item(client, tus, first, at="2026-11-20T08:00:00+08:00")
    work()
    smaller = drawn.saved(view.resize((800, 600)), quality=70)
    later = hand_in_item(client, other, other.hand_in(smaller), at="2026-11-21T08:00:00+08:00")
    work()
    assert ("photo_seen" in flags(later), "photo_seen" in flags(earlier)) == (True, False)
