"""The exchange over HTTP: verdicts, replays, receipts, the feed."""

import json

from flask import Flask
from flask.testing import FlaskClient

from tests import factories
from tests.wire import exchange, line, sha


def test_a_fresh_item_is_accepted_and_its_replay_gets_the_same_answer(
    app: Flask, client: FlaskClient
) -> None:
    street = factories.street()
    phone = factories.device_for(street.workers[0])
    raw = line()
    first = exchange(client, phone, raw)
    (result,) = first["results"]
    assert result == {
        "line": 2,
        "id": json.loads(raw)["id"],
        "sha256": sha(raw),
        "status": "accepted",
        "replay": False,
        "flags": [],
        "code": None,
        "message": None,
    }
    again = exchange(client, phone, raw)
    assert again["results"] == [result | {"replay": True}]
    assert (first["receipt"]["no"], again["receipt"]["no"]) == (1, 2)
