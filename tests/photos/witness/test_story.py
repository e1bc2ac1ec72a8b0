"""A photo that was taken elsewhere, as its reviewer and its worker see it over HTTP."""

import io

import pytest
from flask.testing import FlaskClient
from PIL import Image

from server.kernel import clock
from tests.factories import Street
from tests.items.conftest import Ask
from tests.media.reading.drawn import PHOTOS
from tests.media.tools import Tus, picture, sha256
from tests.photos.witness.given import compare, hand_in, photo, read, report
from tests.wire import exchange

MADRID = PHOTOS / "iphone_hdr_YES.jpg"


@pytest.mark.skipif(not MADRID.exists(), reason="the folder of real photos is not there")
def test_a_photo_of_madrid_in_a_report_of_the_street(
    client: FlaskClient, street: Street, tus: Tus, ask: Ask
) -> None:
    content = MADRID.read_bytes()
    item = report(client, tus.phone, street.point(0), clock.now(), sha256(content))
    before = ask(street.supervisor, f"/items/{item}").json
    assert (before["findings"], before["media"][0]["exif"]) == ([], None)

    hash_ = tus.hand_in(content)
    read(hash_)
    compare(item, hash_)
    shown = ask(street.supervisor, f"/items/{item}").json
    far, late = shown["findings"]
    assert (far["flag"], far["sha256"]) == ("exif_far", hash_)
    assert far["number"] == pytest.approx(10_326_000, rel=0.01)
    assert late["flag"] == "exif_time"
    assert late["number"] < -11 * 365 * 86_400
    assert (shown["flags"], shown["version"]) == (before["flags"], before["version"] + 1)
    exif = shown["media"][0]["exif"]
    assert (exif["model"], exif["north"]) == ("iPhone 6", "true")
    assert (exif["lat"], exif["lon"]) == (pytest.approx(40.44697), pytest.approx(-3.72475))


def test_a_drawn_photo_from_two_kilometres_off(
    client: FlaskClient, street: Street, tus: Tus, other: Tus, ask: Ask
) -> None:
    at, here = clock.now(), street.point(0)
    hash_ = hand_in(tus, photo(here[0] + 0.018, here[1], at))
    item = report(client, tus.phone, here, at, hash_)
    compare(item, hash_)

    (row,) = ask(street.leader, "/items", flag="exif_far").json["results"]
    finding = {"flag": "exif_far", "number": pytest.approx(2001.5, abs=1), "sha256": hash_}
    assert (row["id"], row["findings"], row["flags"]) == (item, [finding], [])
    assert ask(street.leader, "/items", flag="exif_time").json["results"] == []

    changes = exchange(client, tus.phone)["changes"]
    (verdict,) = [change for change in changes if change["kind"] == "item"]
    assert (verdict["id"], verdict["version"]) == (item, 2)
    assert verdict["body"]["findings"] == [finding]
    assert [row for row in exchange(client, other.phone)["changes"] if row["kind"] == "item"] == []
    replay = exchange(client, tus.phone, cursor=verdict["seq"])["changes"]
    assert replay == []


class TestWhoMaySeeWhereAPhotoWasTaken:
    @pytest.fixture
    def item(self, client: FlaskClient, street: Street, tus: Tus, other: Tus) -> str:
        """An item in `grids[3]` that names a photo which the worker of `grids[0]` handed in."""
        hash_ = hand_in(tus, photo(*street.point(0), clock.now()))
        return report(client, other.phone, street.point(3), clock.now(), hash_)

    def test_not_who_only_named_it(self, item: str, street: Street, ask: Ask) -> None:
        (file,) = ask(street.workers[3], f"/items/{item}").json["media"]
        assert (file["stored"], file["exif"]) == (True, None)

    def test_a_post_that_reaches_the_item(self, item: str, street: Street, ask: Ask) -> None:
        (file,) = ask(street.supervisor, f"/items/{item}").json["media"]
        assert file["exif"]["lat"] == pytest.approx(street.point(0)[0])

    def test_nobody_beyond(self, item: str, street: Street, ask: Ask) -> None:
        assert ask(street.workers[0], f"/items/{item}").status_code == 404
        assert ask(street.leader, f"/items/{item}").status_code == 404

    def test_the_worker_of_ones_own(
        self, client: FlaskClient, street: Street, tus: Tus, ask: Ask
    ) -> None:
        hash_ = hand_in(tus, picture("red"))
        item = report(client, tus.phone, street.point(0), clock.now(), hash_)
        (file,) = ask(street.workers[0], f"/items/{item}").json["media"]
        assert (file["exif"]["format"], file["exif"]["lat"]) == ("JPEG", None)


def test_a_file_that_says_it_is_another(
    client: FlaskClient, street: Street, tus: Tus, ask: Ask
) -> None:
    out = io.BytesIO()
    Image.new("RGB", (9, 7)).save(out, "PNG")
    hash_ = hand_in(tus, out.getvalue())
    item = report(client, tus.phone, street.point(0), clock.now(), hash_)
    compare(item, hash_)
    shown = ask(street.supervisor, f"/items/{item}").json
    assert shown["media"][0]["exif"]["problems"] == ["type_mismatch"]
    assert shown["media"][0]["exif"]["format"] == "PNG"
    assert [finding["flag"] for finding in shown["findings"]] == ["exif_missing"]
