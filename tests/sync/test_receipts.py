"""Receipts over HTTP: numbered, chained, signed, given again."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from server import keys
from server.kernel.ids import uuid7
from server.kernel.signing import verify
from server.sync import receipts
from server.sync.rules import root_of, signed_text, text_hash
from tests import factories
from tests.factories import Phone, Street
from tests.wire import exchange, line, sha

NAMED = ("epoch", "install", "no", "at", "items", "root", "prev")


def given_again(client: FlaskClient, phone: Phone, **query: Any) -> Any:
    headers = factories.auth(phone.token)
    answer = client.get("/api/v1/sync/receipts", query_string=query, headers=headers)
    assert answer.status_code == 200
    return answer.json


def check(client: FlaskClient, given: list[dict[str, Any]], prev: str = "") -> None:
    """Each is signed by the server's key, over its lines and over the one before it."""
    key = client.get("/api/v1/sync/key").json
    for receipt in given:
        text = signed_text(*(receipt[name] for name in NAMED))
        assert verify(key["key"], text, receipt["sig"])
        assert (receipt["root"], receipt["prev"]) == (root_of(receipt["lines"]), prev)
        assert (receipt["items"], receipt["epoch"]) == (len(receipt["lines"]), key["epoch"])
        prev = text_hash(text)


def test_each_hand_in_adds_one_to_the_chain(client: FlaskClient, phone: Phone) -> None:
    batches = [[line(seq=1), b"bad"], [line(seq=2)], [b"bad"]]
    answers = [exchange(client, phone, *batch) for batch in batches]
    given = given_again(client, phone)
    check(client, given["receipts"])
    assert [receipt["lines"] for receipt in given["receipts"]] == [
        [[sha(raw), "quarantined" if raw == b"bad" else "accepted"] for raw in batch]
        for batch in batches
    ]
    for answer, receipt in zip(answers, given["receipts"], strict=True):
        assert answer["receipt"] == {name: receipt[name] for name in answer["receipt"]}
        assert set(answer["receipt"]) == {"no", "items", "root", "prev", "at", "sig"}
        assert answer["receipt"]["at"] == answer["received_at"]


def test_a_phone_enrolled_anew_is_given_the_receipts_of_its_life_before(
    client: FlaskClient, street: Street, phone: Phone
) -> None:
    exchange(client, phone, line(seq=1))
    anew = factories.device_for(street.workers[0])
    assert given_again(client, anew)["receipts"] == []
    given = given_again(client, anew, install=phone.install)
    assert given == given_again(client, phone)
    check(client, given["receipts"])


def test_receipts_of_somebody_else_are_not_found(
    client: FlaskClient, street: Street, phone: Phone
) -> None:
    exchange(client, phone, line(seq=1))
    stranger = factories.auth(factories.device_for(street.workers[1]).token)
    for install in (phone.install, uuid7()):
        query = {"install": install}
        answer = client.get("/api/v1/sync/receipts", query_string=query, headers=stranger)
        assert (answer.status_code, answer.json["code"]) == (404, "not_found")


def test_an_idle_exchange_gets_none_and_takes_no_number(client: FlaskClient, phone: Phone) -> None:
    exchange(client, phone, line(seq=1))
    assert exchange(client, phone)["receipt"] is None
    assert exchange(client, phone, line(seq=2))["receipt"]["no"] == 2


def test_a_refused_batch_takes_no_number(client: FlaskClient, phone: Phone) -> None:
    headers = factories.auth(phone.token)
    assert client.post("/api/v1/sync", data=b"no envelope", headers=headers).status_code == 400
    assert exchange(client, phone, line())["receipt"]["no"] == 1


def test_they_come_in_pages(
    client: FlaskClient, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipts, "PAGE", 2)
    for number in range(1, 6):
        exchange(client, phone, line(seq=number))
    pages, first = [], 1
    while first is not None:
        page = given_again(client, phone, **{"from": first})
        pages.append(page["receipts"])
        first = page["next"]
    assert [[receipt["no"] for receipt in page] for page in pages] == [[1, 2], [3, 4], [5]]
    check(client, [receipt for page in pages for receipt in page])
    assert given_again(client, phone, **{"from": 6}) == {"receipts": [], "next": None}


def test_each_install_has_its_own(client: FlaskClient, street: Street, phone: Phone) -> None:
    other = factories.device_for(street.workers[0])
    exchange(client, phone, line(seq=1))
    assert exchange(client, other, line(seq=1))["receipt"]["no"] == 1
    assert [r["install"] for r in given_again(client, other)["receipts"]] == [other.install]


@pytest.mark.parametrize("first", ["0", "-1", "x", str(2**53)])
def test_a_number_that_is_none_is_422(client: FlaskClient, phone: Phone, first: str) -> None:
    headers = factories.auth(phone.token)
    answer = client.get(f"/api/v1/sync/receipts?from={first}", headers=headers)
    assert (answer.status_code, set(answer.json["errors"])) == (422, {"from"})


def test_the_key_is_the_one_that_lies_in_the_folder(app: Flask, client: FlaskClient) -> None:
    told = client.get("/api/v1/sync/key").json
    assert (told["alg"], told["key"]) == ("Ed25519", keys.signer().public_base64())
