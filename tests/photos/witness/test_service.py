"""Reading, comparing and noting, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC

import pytest
from flask import Flask
from flask.testing import FlaskClient

from server.kernel import clock
from server.kernel.database import reading, writing
from server.media.models import Blob
from server.media.stores.base import NoSuchBlob
from server.photos.witness import service
from server.photos.witness.rules import EDITED, EXIF_FAR, EXIF_MISSING, EXIF_TIME, Limits
from tests.factories import Street
from tests.media.tools import Tus, picture, picture_with_exif, sha256, store
from tests.photos.witness import given
from tests.photos.witness.given import HOUR, compare, findings, hand_in, photo, report, verdicts


def blob(hash_: str) -> Blob:
    with reading() as session:
        found = session.get_one(Blob, hash_)
        session.expunge(found)
        return found


class TestReading:
    def test_it_fills_the_row(self, tus: Tus) -> None:
        taken = clock.now().replace(microsecond=0)
        made = photo(30.5, 120.25, taken, GPSImgDirection=(90, 1), GPSImgDirectionRef="M")
        row = blob(hand_in(tus, made))
        assert (row.lat, row.lon, row.datum) == (30.5, 120.25, "WGS-84")
        assert (row.direction, row.north, row.software) == (90, "magnetic", "camera")
        assert (row.taken_at, row.width, row.format) == (taken.isoformat(), 64, "JPEG")
        assert row.read_at is not None
        assert row.problems == []

    def test_again_it_changes_nothing_and_leaves_the_words_of_others(self, tus: Tus) -> None:
        hash_ = tus.hand_in(picture_with_exif()[:-300])
        with writing() as session:
            session.get_one(Blob, hash_).problems = ["type_mismatch", "gps_broken", "undecodable"]
        for _ in range(2):
            given.read(hash_)
            assert blob(hash_).problems == ["type_mismatch", "undecodable"]

    def test_what_is_no_picture_is_left_alone(self, tus: Tus) -> None:
        hash_ = tus.hand_in(b"%PDF-1.7 ...", "application/pdf")
        given.read(hash_)
        assert blob(hash_).read_at is None

    def test_a_photo_that_nobody_has(self, tus: Tus) -> None:
        given.read("0" * 64)
        hash_ = tus.hand_in(picture())
        store().delete(hash_)
        with pytest.raises(NoSuchBlob):
            given.read(hash_)


class TestComparing:
    def test_a_photo_that_fits_finds_nothing_and_tells_nobody(
        self, client: FlaskClient, street: Street, tus: Tus
    ) -> None:
        at, here = clock.now(), street.point(0)
        hash_ = hand_in(tus, photo(*here, at))
        item = report(client, tus.phone, here, at, hash_)
        assert compare(item, hash_) == []
        assert (findings(item), verdicts(street.workers[0])) == ([], [])

    def test_all_that_is_odd_is_told_once(
        self, client: FlaskClient, street: Street, tus: Tus
    ) -> None:
        at, here = clock.now().replace(microsecond=0), street.point(0)
        away = given.north_of(here, 2000)
        hash_ = hand_in(tus, photo(*away, at - 3 * HOUR, "Snapseed 2.0"))
        item = report(client, tus.phone, here, at, hash_)
        metres = pytest.approx(2000, abs=0.2)
        expected = [
            (hash_, EDITED, None),
            (hash_, EXIF_FAR, metres),
            (hash_, EXIF_TIME, -10_800),
        ]
        for _ in range(2):
            assert sorted(found.flag for found in compare(item, hash_)) == [
                flag for _, flag, _ in expected
            ]
            assert findings(item) == expected
            ((told, version, shown),) = verdicts(street.workers[0])
            assert (told, version) == (item, 2)
            assert [(row["sha256"], row["flag"], row["number"]) for row in shown] == expected

    def test_a_change_of_what_is_found_is_told_once_more(
        self, client: FlaskClient, street: Street, tus: Tus
    ) -> None:
        at, here = clock.now(), street.point(0)
        hash_ = hand_in(tus, photo(*given.north_of(here, 700), at))
        item = report(client, tus.phone, here, at, hash_)
        compare(item, hash_)
        looser = Limits(far_m=1000, time_s=1800, zone=UTC)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(service, "limits", lambda: looser)
            assert compare(item, hash_) == []
        assert findings(item) == []
        assert verdicts(street.workers[0]) == [(item, 3, [])]

    def test_two_workers_at_once_tell_it_once(
        self, app: Flask, client: FlaskClient, street: Street, tus: Tus
    ) -> None:
        hash_ = hand_in(tus, picture())
        item = report(client, tus.phone, street.point(0), clock.now(), hash_)

        def work(_: int) -> int:
            with app.app_context():
                return len(compare(item, hash_))

        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(work, range(8))) == [1] * 8
        assert [told[:2] for told in verdicts(street.workers[0])] == [(item, 2)]

    def test_the_accuracy_of_the_fix_is_allowed(
        self, client: FlaskClient, street: Street, tus: Tus
    ) -> None:
        at, here = clock.now(), street.point(0)
        hash_ = hand_in(tus, photo(*given.north_of(here, 700), at))
        coarse = report(client, tus.phone, here, at, hash_, acc=300)
        assert compare(coarse, hash_) == []
        fine = report(client, tus.phone, here, at, hash_, acc=None)
        assert [found.flag for found in compare(fine, hash_)] == [EXIF_FAR]

    def test_a_photo_without_words(self, client: FlaskClient, street: Street, tus: Tus) -> None:
        hash_ = hand_in(tus, picture())
        item = report(client, tus.phone, None, clock.now(), hash_)
        compare(item, hash_)
        assert findings(item) == [(hash_, EXIF_MISSING, None)]

    def test_each_photo_of_an_item_has_its_own_findings(
        self, client: FlaskClient, street: Street, tus: Tus
    ) -> None:
        at, here = clock.now(), street.point(0)
        plain, edited = (hand_in(tus, photo(*here, at, name)) for name in ("camera", "醒图"))
        item = report(client, tus.phone, here, at, plain, edited)
        assert (compare(item, plain), compare(item, edited)) == ([], [(EDITED, None)])
        assert compare(item, plain) == []
        assert findings(item) == [(edited, EDITED, None)]

    def test_a_photo_not_read_yet_says_nothing(
        self, client: FlaskClient, street: Street, tus: Tus
    ) -> None:
        hash_ = tus.hand_in(picture())
        item = report(client, tus.phone, street.point(0), clock.now(), hash_)
        assert compare(item, hash_) == []
        assert findings(item) == []

    def test_who_names_a_photo_without_its_bytes_learns_nothing_of_it(
        self, client: FlaskClient, street: Street, tus: Tus, other: Tus
    ) -> None:
        at = clock.now()
        hash_ = hand_in(tus, photo(*street.point(0), at))
        item = report(client, other.phone, street.point(3), at, hash_)
        assert compare(item, hash_) == []
        assert (findings(item), verdicts(street.workers[3])) == ([], [])

    @pytest.mark.parametrize("hash_", ["0" * 64, sha256(picture())])
    def test_what_is_not_there_or_not_named(self, tus: Tus, hash_: str) -> None:
        hand_in(tus, picture())
        assert compare("01990000-0000-7000-8000-000000000000", hash_) == []


class TestNoting:
    @pytest.fixture
    def named(self, client: FlaskClient, street: Street, tus: Tus) -> tuple[str, str]:
        """An item and the hash of its photo, which has a finding of its own."""
        hash_ = hand_in(tus, picture())
        item = report(client, tus.phone, street.point(0), clock.now(), hash_)
        compare(item, hash_)
        return item, hash_

    def test_another_room_adds_its_flag(self, named: tuple[str, str], street: Street) -> None:
        item, hash_ = named
        for number, version in ((3.0, 3), (3.0, 3), (2.0, 4), (None, 5)):
            with writing() as session:
                service.note(session, item, hash_, "photo_seen", number)
            assert findings(item) == [(hash_, EXIF_MISSING, None), (hash_, "photo_seen", number)]
            assert [told[:2] for told in verdicts(street.workers[0])] == [(item, version)]
        compare(item, hash_)
        assert len(findings(item)) == 2

    def test_of_an_item_that_is_not_there(self, tus: Tus) -> None:
        with writing() as session:
            service.note(session, "01990000-0000-7000-8000-000000000000", "0" * 64, "x", 1.0)
