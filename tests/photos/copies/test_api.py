"""Anybody may check a stamp, is told what it says and nothing of people, and not without end."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from server.items.models import Item
from server.kernel.clock import iso
from server.kernel.database import reading
from server.media.models import Stamp
from tests.factories import Street
from tests.media.tools import Tus, sha256
from tests.photos.copies import drawn
from tests.photos.copies.test_jobs import all_of, hand_in_item

PHOTO = drawn.saved(drawn.marked(400, 300))


@pytest.fixture
def stamp(client: FlaskClient, tus: Tus, street: Street, work: Callable[[], int]) -> Stamp:
    """Of an item in the first grid."""
    lat, lon = street.point(0)
    hand_in_item(client, tus, tus.hand_in(PHOTO), loc={"lat": lat, "lon": lon})
    work()
    (stamp,) = all_of(Stamp)
    return stamp  # type: ignore[no-any-return]


def test_it_tells_what_the_stamp_says(client: FlaskClient, stamp: Stamp) -> None:
    answer = client.get(f"/api/v1/verify/{stamp.code}")
    with reading() as session:
        at = session.get_one(Item, stamp.item).estimated
    assert answer.status_code == 200
    assert answer.json == {
        "code": stamp.code,
        "at": iso(at),
        "areas": ["阳光街道", "第1社区", "第1社区第1网格"],
        "short": sha256(PHOTO)[:16],
        "sha256": sha256(PHOTO),
    }


def test_it_tells_nothing_of_people_or_ids(
    client: FlaskClient, stamp: Stamp, street: Street
) -> None:
    text = client.get(f"/api/v1/verify/{stamp.code}").text
    for hidden in ("成员", street.workers[0], stamp.item, street.grids[0]):
        assert hidden not in text


@pytest.mark.parametrize("typed", [str.lower, lambda code: code.replace("-", " ")])
def test_a_code_may_be_typed_otherwise(
    client: FlaskClient, stamp: Stamp, typed: Callable[[str], str]
) -> None:
    assert client.get(f"/api/v1/verify/{typed(stamp.code)}").status_code == 200


@pytest.mark.parametrize("code", ["2222-2222-2222", "x", "%00", "..%2f..", "编号", "' OR 1=1"])
def test_a_code_of_no_stamp(client: FlaskClient, stamp: Stamp, code: str) -> None:
    answer = client.get(f"/api/v1/verify/{code}")
    assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found")


def test_codes_cannot_be_tried_without_end(client: FlaskClient, stamp: Stamp) -> None:
    answers = [client.get("/api/v1/verify/2222-2222-2222").status_code for _ in range(31)]
    assert answers == [404] * 30 + [429]
