"""The golden messages of tests/contract, which the device's tests read too.

What a device writes is understood; what it was taught to read is what it gets.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from server.grid.models import Device
from server.grid.schemas import EnrollSchema
from server.grid.service import devices
from server.items.lines import parse, read_line
from server.kernel import feed
from server.kernel.database import writing
from server.kernel.ids import uuid7
from server.sync.schemas import ENVELOPE
from tests import factories
from tests.factories import Phone, Street
from tests.tasks import given
from tests.wire import line

CONTRACT = Path(__file__).parent.parent / "contract"
BODY = (CONTRACT / "exchange_request.ndjson").read_bytes()
FIRST, *LINES = BODY.splitlines()
INSTALL = json.loads(FIRST)["install"]


def golden(name: str) -> Any:
    return json.loads((CONTRACT / name).read_bytes())


def shape(value: Any) -> Any:
    """Names and types; of a list the shapes that occur in it."""
    if isinstance(value, dict):
        return {name: shape(part) for name, part in value.items()}
    if isinstance(value, list):
        shapes = [shape(part) for part in value]
        return [part for n, part in enumerate(shapes) if part not in shapes[:n]]
    return type(value).__name__


@pytest.fixture
def phone(street: Street) -> Phone:
    """The phone that wrote the golden exchange; other phones know its file and its ids."""
    phone = factories.device_for(street.workers[0])

    with writing() as session:
        session.query(Device).filter_by(install=phone.install).update({"install": INSTALL})
    return Phone(INSTALL, phone.token)


@pytest.mark.parametrize("number", range(len(LINES)))
def test_every_golden_item_is_an_item(number: int) -> None:
    read = read_line(2, LINES[number], 65_536)
    assert (read.code, read.detail) == (None, "")
    said = json.loads(LINES[number])
    assert (read.id, read.seq, read.kind) == (said["id"], said["seq"], said["kind"])


def test_there_is_one_of_each_kind() -> None:
    kinds = {json.loads(raw)["kind"] for raw in LINES}
    assert len(LINES) == len(kinds) == 7


def test_the_golden_envelope_is_an_envelope() -> None:
    loaded = ENVELOPE.load(parse(FIRST))
    assert (loaded["install"], loaded["want"]) == (INSTALL, {"bytes": 24_000})
    assert loaded["outbox"]["items"] == len(LINES)


def test_the_golden_enrolment_is_one() -> None:
    assert EnrollSchema().load(golden("enroll_request.json"))["install"] == INSTALL


def post(client: FlaskClient, phone: Phone, body: bytes) -> Any:
    headers = factories.auth(phone.token, gewu_protocol="1")
    answer = client.post("/api/v1/sync", data=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_an_exchange_is_answered_as_the_device_was_taught(
    app: Flask, client: FlaskClient, street: Street, phone: Phone
) -> None:
    app.extensions["gewu_settings"].__dict__["min_app"] = "0.9.0"
    given.task(street, worker=0)
    with writing() as session:
        lost = feed.Change(street.workers[0], "task", uuid7(), 9, "remove", "reassigned")
        feed.publish(session, [lost])

    real, taught = post(client, phone, BODY), golden("exchange_answer.json")

    assert [r["id"] for r in real["results"]] == [r["id"] for r in taught["results"]]
    assert [r["sha256"] for r in real["results"]] == [r["sha256"] for r in taught["results"]]
    for answer in (real, taught):
        for change in answer["changes"]:
            change.pop("body", None)
    for name in ("results", "gaps"):
        real.pop(name), taught.pop(name)
    assert shape(real) == shape(taught)


def by_status(results: list[dict[str, Any]]) -> dict[str, Any]:
    """The shape of a verdict by its status; its flags are words."""
    assert all(isinstance(flag, str) for result in results for flag in result.pop("flags"))
    return {result["status"]: shape(result) for result in results}


def test_a_verdict_is_one_the_device_was_taught(
    client: FlaskClient, street: Street, phone: Phone
) -> None:
    task = given.task(street, worker=0)
    action = {"task": task, "assignment": 7, "action": "start"}
    other = line(seq=2, id=json.loads(LINES[1])["id"])
    lines = [BODY.strip(), line("task_action", action, seq=8), other, line("dance", seq=9), b""]
    real = by_status(post(client, phone, b"\n".join(lines))["results"])
    assert real == by_status(golden("exchange_answer.json")["results"])
    assert set(real) == {"accepted", "stale", "conflict", "quarantined"}


def test_a_task_on_the_feed_holds_what_the_device_reads(
    client: FlaskClient, street: Street, phone: Phone
) -> None:
    given.task(street, worker=0, due=None)
    (change,) = post(client, phone, FIRST)["changes"]
    taught = shape(golden("exchange_answer.json")["changes"][0]["body"]) | {"due": "NoneType"}
    assert taught.items() <= shape(change["body"]).items()


def test_receipts_and_the_key_are_answered_as_the_device_was_taught(
    client: FlaskClient, phone: Phone
) -> None:
    post(client, phone, BODY)
    headers = factories.auth(phone.token)
    receipts = client.get("/api/v1/sync/receipts", headers=headers).json
    assert shape(receipts) == shape(golden("receipts_answer.json"))
    assert shape(client.get("/api/v1/sync/key").json) == shape(golden("key_answer.json"))


def test_enrolment_is_answered_as_the_device_was_taught(
    client: FlaskClient, street: Street
) -> None:
    with writing() as session:
        member = street.workers[0]
        code = devices.make_enrolment(session, street.admin, member, 60, "https://x").code
    asked = golden("enroll_request.json") | {"code": code}
    answer = client.post("/api/v1/devices/enroll", json=asked)
    assert answer.status_code == 201
    real, taught = shape(answer.json), shape(golden("enroll_answer.json"))
    assert taught.pop("member").items() <= real.pop("member").items()
    assert real == taught
