"""`POST /sync/have`: which of the ids that a device still holds the server does not know."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.kernel.ids import uuid7
from tests import factories
from tests.factories import Phone, Street
from tests.wire import exchange, line


def ask(client: FlaskClient, phone: Phone, body: Any) -> TestResponse:
    return client.post("/api/v1/sync/have", json=body, headers=factories.auth(phone.token))


def test_items_and_lines_set_aside_are_known(client: FlaskClient, phone: Phone) -> None:
    item, danced, new, newer = line(seq=1), line("dance"), uuid7(), uuid7()
    exchange(client, phone, item, danced)
    known = [json.loads(raw)["id"] for raw in (item, danced)]
    answer = ask(client, phone, {"ids": [newer, known[0].upper(), known[1], new]})
    assert (answer.status_code, answer.json) == (200, {"unknown": [newer, new]})


def test_nothing_is_asked(client: FlaskClient, phone: Phone) -> None:
    assert ask(client, phone, {"ids": []}).json == {"unknown": []}


def test_500_at_once_and_no_more(client: FlaskClient, phone: Phone) -> None:
    ids = [uuid7() for _ in range(501)]
    assert ask(client, phone, {"ids": ids[:500]}).json == {"unknown": ids[:500]}
    assert ask(client, phone, {"ids": ids}).status_code == 422


def test_a_draining_device_may_ask(client: FlaskClient, street: Street) -> None:
    phone, new = factories.device_for(street.workers[0], state="draining"), uuid7()
    assert ask(client, phone, {"ids": [new]}).json == {"unknown": [new]}


@pytest.mark.parametrize(
    "body",
    [{}, {"ids": None}, {"ids": "x"}, {"ids": ["x"]}, {"ids": [None]}, {"ids": [{}]}],
    ids=json.dumps,
)
def test_what_is_no_list_of_ids_is_422(client: FlaskClient, phone: Phone, body: Any) -> None:
    answer = ask(client, phone, body)
    assert (answer.status_code, set(answer.json["errors"])) == (422, {"ids"})
