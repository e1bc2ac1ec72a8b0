"""Photos are remembered and suggested; what was handed in before is said, and nothing refused."""

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, select

from server.config import Settings
from server.items.models import Finding, Item
from server.kernel import clock
from server.kernel.database import reading, writing
from server.kernel.feed import Inbox
from server.media import service as media
from server.media.models import Blob
from server.photos.likeness import service
from server.photos.likeness.models import PhotoCode, PhotoSketch
from server.photos.likeness.rules import Seen
from tests.factories import Street
from tests.media.tools import Tus
from tests.photos.likeness import drawn
from tests.photos.likeness.given import blobs, handed_in, item, remembered

A, B, C = ("a" * 64, "b" * 64, "c" * 64)
PHOTO = drawn.photo(1)
COPY = drawn.packed(PHOTO.resize((320, 240)), 40)


def suggested(sha256: str, farthest: int = 5) -> list[str]:
    with reading() as session:
        return [one.sha256 for one in service.suggest(session, sha256, farthest)]


def joined(item: str, sha256: str, settings: Settings) -> list[Seen]:
    with writing() as session:
        return service.join(session, item, sha256, settings)


def rows() -> list[int]:
    with reading() as session:
        counted = (select(func.count()).select_from(model) for model in (PhotoSketch, PhotoCode))
        return [session.scalar(one) or 0 for one in counted]


def test_a_copy_is_suggested_and_another_photo_is_not(app: Flask) -> None:
    remembered(A, PHOTO)
    remembered(B, COPY)
    remembered(C, drawn.photo(2))
    assert suggested(A) == [B]
    assert suggested(B) == [A]
    assert suggested(C) == []


def test_the_nearest_comes_first_and_the_farthest_is_the_callers(app: Flask) -> None:
    remembered(A, PHOTO)
    remembered(B, drawn.cropped(PHOTO, 0.05, 0.2, 0.9))
    remembered(C, PHOTO)
    with reading() as session:
        found = service.suggest(session, A, 5)
    assert [one.sha256 for one in found] == [C, B]
    assert found[0].distance == 0 < found[1].distance
    assert suggested(A, 0) == [C]


def test_to_look_twice_changes_nothing(app: Flask) -> None:
    remembered(A, PHOTO)
    remembered(A, PHOTO)
    assert rows() == [1, 1]


@pytest.mark.parametrize("colour", ["white", "black", "grey"])
def test_flat_pictures_are_not_alike(app: Flask, colour: str) -> None:
    for sha256 in (A, B):
        remembered(sha256, Image.new("RGB", (64, 48), colour))
    assert rows() == [0, 0]
    assert suggested(A) == []


def test_a_photo_that_was_never_looked_at(app: Flask) -> None:
    blobs(A)
    assert suggested(A) == []
    assert suggested(B) == []


def test_no_more_than_a_few_are_compared(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_COMPARED", 3)
    for number in range(6):
        remembered(f"{number:064x}", PHOTO)
    assert len(suggested(f"{0:064x}")) == 3


def test_what_is_swept_is_forgotten(app: Flask) -> None:
    remembered(A, PHOTO)
    with writing() as session:
        assert media.forget_orphans(session, clock.now()) == [A]
    assert rows() == [0, 0]


def test_a_photo_is_not_forgotten_while_an_item_names_it(tus: Tus, street: Street) -> None:
    photo = handed_in(tus, PHOTO)
    item(tus, street.workers[0], photo)
    with writing() as session:
        assert media.forget_orphans(session, clock.now()) == []
        assert session.get(Blob, photo)
    assert rows() == [1, 1]


def test_the_same_bytes_under_another_item(
    tus: Tus, other: Tus, street: Street, settings: Settings
) -> None:
    photo = handed_in(tus, PHOTO)
    first = item(tus, street.workers[0], photo, hours_ago=48)
    assert joined(first, photo, settings) == []
    again = item(other, street.workers[3], photo)
    assert joined(again, photo, settings) == [Seen(again, photo, 0)]


def test_a_photo_alike_under_another_item(tus: Tus, street: Street, settings: Settings) -> None:
    old, new = handed_in(tus, PHOTO), handed_in(tus, drawn.stamped(COPY, 0.15))
    item(tus, street.workers[0], old, hours_ago=24 * 300)
    again = item(tus, street.workers[0], new)
    (seen,) = joined(again, new, settings)
    assert (seen.item, seen.sha256) == (again, new)
    assert 0 <= seen.distance <= settings.alike_distance


def test_flat_pictures_are_known_by_their_bytes(
    tus: Tus, street: Street, settings: Settings
) -> None:
    white = handed_in(tus, Image.new("RGB", (64, 48), "white"))
    black = handed_in(tus, Image.new("RGB", (64, 48), "black"))
    item(tus, street.workers[0], white, hours_ago=48)
    again = item(tus, street.workers[0], white, black)
    assert joined(again, white, settings) == [Seen(again, white, 0)]
    assert joined(again, black, settings) == []


def test_near_and_far_of_one_item_and_of_one_occasion(
    tus: Tus, street: Street, settings: Settings
) -> None:
    near, far = handed_in(tus, PHOTO), handed_in(tus, COPY)
    one = item(tus, street.workers[0], near, far)
    two = item(tus, street.workers[0], near, hours_ago=0.2)
    assert joined(one, near, settings) == []
    assert joined(one, far, settings) == []
    assert joined(two, near, settings) == []


def test_before_is_no_after(tus: Tus, street: Street, settings: Settings) -> None:
    photo = handed_in(tus, PHOTO)
    item(tus, street.workers[0], photo, hours_ago=0.1)
    after = item(tus, street.workers[0], photo, role="after")
    assert joined(after, photo, settings) == [Seen(after, photo, 0)]


def test_an_older_capture_that_comes_in_late(tus: Tus, street: Street, settings: Settings) -> None:
    photo = handed_in(tus, PHOTO)
    new = item(tus, street.workers[0], photo)
    assert joined(new, photo, settings) == []
    old = item(tus, street.workers[1], photo, hours_ago=30)
    assert joined(old, photo, settings) == [Seen(new, photo, 0)]


def test_a_duplicate_and_a_correction_are_one_record(
    tus: Tus, street: Street, settings: Settings
) -> None:
    photo = handed_in(tus, PHOTO)
    first = item(tus, street.workers[0], photo, hours_ago=48)
    twice = item(tus, street.workers[0], photo, duplicate_of=first)
    mended = item(tus, street.workers[0], photo, replaces=first)
    assert joined(twice, photo, settings) == []
    assert joined(mended, photo, settings) == []


def test_an_item_that_does_not_name_the_photo(tus: Tus, street: Street, settings: Settings) -> None:
    photo = handed_in(tus, PHOTO)
    assert joined(item(tus, street.workers[0], photo), A, settings) == []


def noted(item: str) -> list[tuple[str, str, float | None]]:
    with reading() as session:
        columns = (Finding.sha256, Finding.flag, Finding.number)
        rows = session.execute(select(*columns).where(Finding.item == item))
        return [(sha256, flag, number) for sha256, flag, number in rows]


def version(item: str) -> int:
    with reading() as session:
        return session.scalar(select(Item.version).where(Item.id == item)) or 0


def test_it_is_noted_once_on_the_later_item(tus: Tus, street: Street, settings: Settings) -> None:
    photo = handed_in(tus, PHOTO)
    old = item(tus, street.workers[0], photo, hours_ago=48)
    new = item(tus, street.workers[0], photo)
    for _ in range(2):
        joined(new, photo, settings)
        joined(old, photo, settings)
    assert noted(new) == [(photo, "photo_seen", 0)]
    assert (noted(old), version(new), version(old)) == ([], 2, 1)


def test_what_is_nearer_stays_noted(tus: Tus, street: Street, settings: Settings) -> None:
    photo = handed_in(tus, PHOTO)
    alike = handed_in(tus, drawn.cropped(PHOTO, 0.05, 0.2, 0.9))
    item(tus, street.workers[0], photo, hours_ago=48)
    new = item(tus, street.workers[0], photo)
    joined(new, photo, settings)
    late = item(tus, street.workers[1], alike, hours_ago=90)
    (_, seen) = sorted(joined(late, alike, settings), key=lambda one: one.item == new)
    assert seen.item == new
    assert seen.distance > 0
    assert noted(new) == [(photo, "photo_seen", 0)]


def test_the_member_is_told(tus: Tus, street: Street, settings: Settings) -> None:
    photo = handed_in(tus, PHOTO)
    item(tus, street.workers[1], photo, hours_ago=48)
    new = item(tus, street.workers[0], photo)
    joined(new, photo, settings)
    with reading() as session:
        told = session.scalars(select(Inbox.object).where(Inbox.member == street.workers[0])).all()
    assert new in told
