"""The exchange over HTTP: verdicts, replays, receipts, the feed."""

import json
import threading

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from server.grid.models import Device
from server.kernel.database import db, writing
from server.sync import installs
from tests import factories
from tests.factories import Phone, Street
from tests.plans import ways
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


def test_a_look_at_a_device_asks_the_index_for_missing_files(app: Flask) -> None:
    if db.engine.dialect.name == "sqlite":
        found = ways(installs._LOOK.statement, "item_media")
        assert found == {"ix_item_media_wanted (install=?)"}


def test_a_device_that_only_asks_does_not_wait_for_the_writer(
    app: Flask, client: FlaskClient, street: Street, phone: Phone
) -> None:
    first = exchange(client, phone)
    cursor = first["cursor"]
    told = exchange(client, phone, cursor=cursor)
    with writing() as session:
        session.execute(update(Device).values(model="another writer"))
        answered = []

        def ask() -> None:
            answered.append(exchange(app.test_client(), phone, cursor=cursor))

        thread = threading.Thread(target=ask)
        thread.start()
        thread.join(10)
        assert len(answered) == 1
    assert answered[0]["cursor"] == told["cursor"] == cursor
