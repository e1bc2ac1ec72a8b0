"""Lines that are handed in again: known by their ids and bytes before anything is read."""

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from server.grid.models import Device
from server.items.models import Item
from server.kernel.database import reading
from server.sync import push
from tests import factories
from tests.factories import Phone, Street
from tests.wire import exchange, line, sha


def told(answer: dict[str, Any]) -> list[tuple[str, bool]]:
    return [(result["status"], result["replay"]) for result in answer["results"]]


def test_they_are_not_read_again(
    client: FlaskClient, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [line(seq=1), line("dance", {}, seq=2), line(seq=3, at="2026-11-22T14:05:12+08:00")]
    first = exchange(client, phone, *lines)
    read: list[bytes] = []
    read_line = push.read_line

    def reads(no: int, raw: bytes, item_bytes: int) -> Any:
        read.append(raw)
        return read_line(no, raw, item_bytes)

    monkeypatch.setattr(push, "read_line", reads)
    again = exchange(client, phone, *lines)
    assert again["results"] == [result | {"replay": True} for result in first["results"]]
    assert read == [lines[1]]
    assert again["receipt"]["root"] == first["receipt"]["root"]


def test_new_lines_may_stand_before_among_and_behind_them(
    client: FlaskClient, phone: Phone
) -> None:
    known = [line(seq=n) for n in (1, 2)]
    exchange(client, phone, *known)
    new = [line(seq=n) for n in (3, 4, 5)]
    behind = exchange(client, phone, known[0], new[0], known[1], known[0])
    before = exchange(client, phone, new[1], *known, new[2])
    again, fresh = ("accepted", True), ("accepted", False)
    assert told(behind) == [again, fresh, again, again]
    assert told(before) == [fresh, again, again, fresh]


def test_the_same_id_with_other_bytes_is_none(client: FlaskClient, phone: Phone) -> None:
    known = line(seq=1)
    other = line(seq=1, id=json.loads(known)["id"])
    exchange(client, phone, known)
    assert told(exchange(client, phone, known, other)) == [("accepted", True), ("conflict", False)]


def test_an_id_that_is_written_twice_in_a_line_is_the_last(
    client: FlaskClient, phone: Phone
) -> None:
    known = line(seq=1)
    odd = b'{"id":"0199c0de-0000-7000-8000-000000000009",' + known[1:]
    assert told(exchange(client, phone, odd)) == [("accepted", False)]
    assert told(exchange(client, phone, odd)) == [("accepted", True)]
    assert told(exchange(client, phone, known)) == [("conflict", False)]


def test_a_phone_enrolled_anew_has_their_numbers(
    app: Flask, client: FlaskClient, street: Street, phone: Phone
) -> None:
    lines = [line(seq=1), line(seq=2)]
    exchange(client, phone, *lines)
    anew = factories.device_for(street.workers[0])
    assert exchange(client, anew, lines[1])["gaps"] == [[1, 1]]
    with reading() as session:
        seqs = session.scalar(select(Device.seqs).where(Device.install == anew.install))
        assert seqs == [[2, 2]]
        assert set(session.scalars(select(Item.sha256))) == {sha(raw) for raw in lines}


@pytest.mark.parametrize("id_", [b'"no id"', b'"\\u0000"', b'"\\ud800"', b"7", b"null", b"[]"])
def test_a_first_line_whose_id_is_none_is_read_like_any_other(
    client: FlaskClient, phone: Phone, id_: bytes
) -> None:
    lines = [b'{"id":' + id_ + b"}", line(seq=1)]
    first = exchange(client, phone, *lines)
    assert told(first) == [("quarantined", False), ("accepted", False)]
    assert told(exchange(client, phone, *lines)) == [("quarantined", True), ("accepted", True)]
