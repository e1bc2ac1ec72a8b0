"""Items and shifts keep the pack that holds in their area on their day."""

import json
from datetime import date

import pytest
from flask.testing import FlaskClient

from server.items.models import Item
from server.kernel.database import reading
from server.kernel.ids import uuid7
from server.patrol.models import Shift
from tests import factories
from tests.executed import executed
from tests.factories import Phone, Street
from tests.regime.conftest import Hold
from tests.wire import exchange, line


@pytest.fixture
def phone(street: Street) -> Phone:
    return factories.device_for(street.workers[0])


def sent(client: FlaskClient, phone: Phone, raw: bytes) -> str | None:
    """The pack that the item has after it was handed in."""
    (result,) = exchange(client, phone, raw)["results"]
    assert result["status"] == "accepted"
    with reading() as session:
        return session.get_one(Item, json.loads(raw)["id"]).pack


@pytest.mark.parametrize(
    ("at", "grid", "pack"),
    [
        ("2026-10-31T23:59:59+08:00", 0, None),
        ("2026-11-01T00:00:00+08:00", 0, "all@1"),
        ("2026-11-10T15:59:59Z", 0, "all@1"),
        ("2026-11-10T16:00:00Z", 0, "own@1"),
        ("2026-11-11T08:00:00+08:00", 3, "all@1"),
        ("2026-11-11T08:00:00+08:00", None, "own@1"),
        ("9999-12-31T20:00:00Z", 0, None),
        ("0001-01-02T00:00:00Z", 0, None),
    ],
)
def test_an_item_keeps_the_pack_of_its_area_and_day(
    client: FlaskClient,
    street: Street,
    phone: Phone,
    hold: Hold,
    at: str,
    grid: int | None,
    pack: str,
) -> None:
    hold("all", from_day=date(2026, 11, 1))
    hold("own", from_day=date(2026, 11, 11), area=street.communities[0])
    loc = {}
    if grid is not None:
        lat, lon = street.point(grid)
        loc = {"loc": {"lat": lat, "lon": lon}}
    assert sent(client, phone, line(at=at, **loc)) == pack


def test_without_packs_items_have_none(client: FlaskClient, phone: Phone) -> None:
    assert sent(client, phone, line()) is None


def test_a_shift_keeps_the_pack_of_its_start(
    client: FlaskClient, street: Street, phone: Phone, hold: Hold
) -> None:
    hold(version=1, from_day=date(2026, 11, 1))
    hold(version=2, from_day=date(2026, 11, 11))
    shift = uuid7()
    begin = line("shift_start", {"shift": shift}, at="2026-11-10T22:00:00+08:00")
    end = line("shift_end", {"shift": shift}, at="2026-11-11T06:00:00+08:00", seq=2)
    packs = []
    for raw in (end, begin):
        exchange(client, phone, raw)
        with reading() as session:
            packs.append(session.get_one(Shift, shift).pack)
    assert packs == ["river@2", "river@1"]


def test_a_batch_asks_once_whatever_its_length(
    client: FlaskClient, phone: Phone, hold: Hold
) -> None:
    hold(from_day=date(2026, 11, 1))
    counts = []
    for number in (1, 1, 9):
        lines = [line(seq=seq) for seq in range(1, number + 1)]
        with executed() as statements:
            exchange(client, phone, *lines)
        counts.append(sum("regime_stamp" in text for text, _ in statements))
        assert not [text for text, _ in statements if "pack_term" in text and len(counts) > 1]
    assert counts[1] == counts[2] > 0
