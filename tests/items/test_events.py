"""Who listens is told of every accepted item, once."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from server.items.handling import ACCEPTED, FORBIDDEN, Incoming, Outcome
from server.kernel import events
from server.kernel.database import writing
from server.kernel.ids import uuid7
from tests.factories import Phone
from tests.items.conftest import PutIn
from tests.media.tools import Tus, picture, sha256
from tests.wire import exchange, line, post_lines

PHOTO = picture("green")
NAMED = [{"sha256": sha256(PHOTO), "role": "near"}]

Told = dict[str, list[Any]]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """What was told of items, by event."""
    monkeypatch.setattr(events, "_listeners", {name: [] for name in events.EVENTS})
    heard: Told = {}
    for name in (events.RECEIVED, events.NAMED, events.MEDIA_COMPLETE):
        heard[name] = []
        events.listen(name, lambda session, what, to=heard[name]: to.extend(what))
    return heard


def ids(*lines: bytes) -> list[str]:
    return [json.loads(raw)["id"] for raw in lines]


def refusing(session: Session, items: Sequence[Incoming]) -> list[Outcome]:
    return [FORBIDDEN if item.seq == 2 else ACCEPTED for item in items]


def breaking(session: Session, items: Sequence[Incoming]) -> list[Outcome]:
    if any(item.seq == 2 for item in items):
        raise RuntimeError
    return [ACCEPTED for _ in items]


def test_an_accepted_item_is_told_and_its_replay_is_not(
    client: FlaskClient, phone: Phone, told: Told
) -> None:
    lines = [line(seq=1), line(seq=2)]
    exchange(client, phone, *lines)
    exchange(client, phone, *lines, line(seq=3, kind="unheard"))
    assert sorted(told["received"]) == sorted(ids(*lines))


@pytest.mark.parametrize("handler", [refusing, breaking])
def test_an_item_that_its_room_refuses_is_not_told(
    client: FlaskClient, phone: Phone, told: Told, put_in: PutIn, handler: Any
) -> None:
    put_in(("visit",), handler)
    Tus(client, phone).hand_in(PHOTO)
    lines = [line("visit", VISIT, seq=seq, media=NAMED) for seq in (1, 2, 3)]
    answer = exchange(client, phone, *lines)
    assert [one["status"] for one in answer["results"]] == ["accepted", "quarantined", "accepted"]
    stood = sorted(ids(lines[0], lines[2]))
    assert sorted(told["received"]) == stood
    assert sorted(told["named"]) == [(id_, sha256(PHOTO)) for id_ in stood]
    assert sorted(told["media_complete"]) == stood


VISIT = {
    "subject": "0199f3a0-0000-7000-8000-000000000001",
    "checklist": "x",
    "started": "2026-11-22T14:05:12+08:00",
    "ended": "2026-11-22T14:15:12+08:00",
    "answers": {},
}


def test_an_item_whose_photo_comes_later_is_received_before_it_is_complete(
    client: FlaskClient, phone: Phone, told: Told
) -> None:
    raw = line(media=NAMED)
    exchange(client, phone, raw)
    assert (told["received"], told["media_complete"]) == (ids(raw), [])
    Tus(client, phone).hand_in(PHOTO)
    assert told["media_complete"] == ids(raw)


def test_what_a_listener_raises_undoes_the_hand_in_and_the_phone_tries_again(
    client: FlaskClient, phone: Phone, told: Told
) -> None:
    def fail_once(session: Session, received: list[str]) -> None:
        if len(told["received"]) == 1:
            raise RuntimeError

    events.listen(events.RECEIVED, fail_once)
    raw = line()
    assert post_lines(client, phone, [raw]).status_code == 500
    assert exchange(client, phone, raw)["results"][0]["replay"] is False


def test_nobody_has_to_listen(client: FlaskClient, phone: Phone) -> None:
    with writing() as session:
        events.tell(session, events.RECEIVED, [uuid7()])
    assert exchange(client, phone, line())["results"][0]["status"] == "accepted"
