"""Doors to devices: codes, enrolment, revoking (docs/protocol.md, section 3)."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.grid.models import Enrolment
from server.kernel import clock, feed
from server.kernel.database import reading, writing
from server.kernel.ids import uuid7
from tests import factories
from tests.factories import Street, auth
from tests.grid.conftest import Call, errors_of

FACTS = {"model": "P40", "os": "Android 14", "app": "2.3.1", "timezone": "Asia/Shanghai"}


def invite(call: Call, street: Street, member: str | None = None, **given: Any) -> str:
    """A fresh code for the first worker."""
    body = {"member": member or street.workers[0]} | given
    return str(call(street.leader, "POST", "/enrolments", body).json["code"])


def enrol(client: FlaskClient, code: str, install: str | None = None) -> TestResponse:
    body = {"code": code, "install": install or uuid7(), "device": FACTS}
    return client.post("/api/v1/devices/enroll", json=body)


def test_a_code_comes_with_its_address_and_picture(call: Call, street: Street) -> None:
    answer = call(street.leader, "POST", "/enrolments", {"member": street.workers[0]})
    assert answer.status_code == 201
    assert answer.json["url"] == f"http://127.0.0.1:8000/app#enrol={answer.json['code']}"
    assert answer.json["qr"].startswith("<svg")
    with reading() as session:
        assert session.get(Enrolment, answer.json["code"]) is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "member"),
        ({"member": "x"}, "member"),
        ({"ttl_s": 59}, "ttl_s"),
        ({"ttl_s": 604_801}, "ttl_s"),
        ({"ttl_s": "soon"}, "ttl_s"),
    ],
)
def test_a_bad_enrolment_is_refused_by_field(
    call: Call, street: Street, body: dict[str, Any], field: str
) -> None:
    answer = call(street.leader, "POST", "/enrolments", body)
    assert answer.status_code == 422
    assert field in errors_of(answer)


def test_codes_are_made_for_members_within_reach(call: Call, street: Street) -> None:
    foreign = {"member": street.workers[5]}
    unknown = {"member": uuid7()}
    assert call(street.leader, "POST", "/enrolments", foreign).status_code == 403
    assert call(street.leader, "POST", "/enrolments", unknown).status_code == 403
    assert call(street.admin, "POST", "/enrolments", unknown).json["code"] == "reference_unknown"
    assert call(street.workers[0], "POST", "/enrolments", foreign).status_code == 403


def test_a_phone_enrols_with_a_code_typed_by_hand(
    client: FlaskClient, call: Call, street: Street
) -> None:
    install = uuid7()
    code = invite(call, street)
    answer = enrol(client, f" {code.lower().replace('-', ' ')} ", install)
    assert answer.status_code == 201
    body = answer.json
    assert body["install"] == install
    assert body["token"].startswith("gwd_")
    assert body["epoch"] == answer.headers["Gewu-Epoch"]
    assert body["member"]["id"] == street.workers[0]
    assert body["member"]["roles"] == ["worker"]
    assert body["member"]["posts"][0]["area"] == street.grids[0]
    assert body["limits"] == {
        "batch_items": 100,
        "batch_bytes": 1 << 20,
        "item_bytes": 65_536,
        "exchanges_per_minute": 60,
        "upload_bytes": 200 << 20,
        "chunk_bytes": 262_144,
    }
    shown = call(street.leader, "GET", f"/devices/{install}").json
    assert {name: shown[name] for name in FACTS} == FACTS
    assert (shown["state"], shown["member"]) == ("active", street.workers[0])
    again = enrol(client, code, install)
    assert (again.status_code, again.json["code"]) == (410, "code_used")


def test_a_code_expires(client: FlaskClient, call: Call, street: Street) -> None:
    code = invite(call, street, ttl_s=60)
    with clock.standing_at(clock.now() + timedelta(seconds=61)):
        answer = enrol(client, code)
    assert (answer.status_code, answer.json["code"]) == (410, "code_expired")


def test_the_code_of_who_was_ended_is_of_no_use(
    client: FlaskClient, call: Call, street: Street
) -> None:
    code = invite(call, street)
    call(street.supervisor, "POST", f"/members/{street.workers[0]}/end")
    answer = enrol(client, code)
    assert (answer.status_code, answer.json["code"]) == (410, "code_expired")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": None}, "code"),
        ({"code": "x" * 65}, "code"),
        ({"install": "x"}, "install"),
        ({"device": []}, "device"),
        ({"device": {"model": 5}}, "device"),
        ({"device": {"model": "x" * 101}}, "device"),
    ],
)
def test_a_bad_phone_is_refused_by_field(
    client: FlaskClient, change: dict[str, Any], field: str
) -> None:
    body = {"code": "x", "install": uuid7(), "device": FACTS} | change
    answer = client.post("/api/v1/devices/enroll", json=body)
    assert answer.status_code == 422
    assert field in errors_of(answer)


def test_what_a_newer_app_adds_is_passed_over(
    client: FlaskClient, call: Call, street: Street
) -> None:
    device = FACTS | {"battery": 80}
    body = {"code": invite(call, street), "install": uuid7(), "device": device, "mood": "good"}
    assert client.post("/api/v1/devices/enroll", json=body).status_code == 201


def test_guessing_codes_shuts_the_address_out(
    client: FlaskClient, call: Call, street: Street
) -> None:
    code = invite(call, street)
    with clock.standing_at(clock.now()):
        answers = [enrol(client, f"GUESS-{number}") for number in range(5)]
        assert [answer.status_code for answer in answers] == [404] * 5
        shut = enrol(client, code)
    assert (shut.status_code, shut.json["code"]) == (429, "locked_out")
    assert shut.headers["Retry-After"] == "60"


def test_an_address_enrols_twenty_times_a_minute(client: FlaskClient, street: Street) -> None:
    with clock.standing_at(clock.now()):
        codes = {enrol(client, "GUESS").json["code"] for _ in range(21)}
        last = enrol(client, "GUESS")
    assert codes >= {"code_unknown", "locked_out"}
    assert (last.status_code, last.json["code"]) == (429, "too_many_requests")


def test_of_two_phones_with_one_code_one_wins(app: Flask, call: Call, street: Street) -> None:
    code = invite(call, street)
    start = threading.Barrier(6)
    statuses: list[int] = []

    def phone() -> None:
        start.wait()
        statuses.append(enrol(app.test_client(), code).status_code)

    threads = [threading.Thread(target=phone) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201] + [410] * 5
    assert len(call(street.leader, "GET", "/devices").json["results"]) == 1


def test_a_known_install_gets_a_new_token_from_its_own_member(
    client: FlaskClient, call: Call, street: Street
) -> None:
    first = enrol(client, invite(call, street)).json
    install = first["install"]
    call(street.leader, "POST", f"/devices/{install}/revoke", {"mode": "now"})
    code = invite(call, street, street.workers[1])
    foreign = enrol(client, code, install)
    assert (foreign.status_code, foreign.json["code"]) == (409, "conflict")
    assert enrol(client, code).status_code == 201
    second = enrol(client, invite(call, street), install)
    assert second.status_code == 201
    assert second.json["token"] != first["token"]
    assert call(street.leader, "GET", f"/devices/{install}").json["state"] == "active"


def test_revoking_drains_by_default_and_has_no_way_back(
    client: FlaskClient, call: Call, street: Street
) -> None:
    phone = factories.device_for(street.workers[0])
    path = f"/devices/{phone.install}/revoke"
    drained = call(street.leader, "POST", path, {})
    assert (drained.status_code, drained.json["state"]) == (200, "draining")
    assert call(street.leader, "POST", path, {"mode": "drain"}).json["state"] == "draining"
    assert call(street.leader, "POST", path, {"mode": "now"}).json["state"] == "revoked"
    back = call(street.leader, "POST", path, {"mode": "drain"})
    assert (back.status_code, back.json["code"]) == (409, "state_illegal")
    assert call(street.leader, "POST", path, {"mode": "later"}).status_code == 422
    answer = client.get("/api/v1/sync/receipts?from=1", headers=auth(phone.token))
    assert answer.status_code == 401


def test_a_supervisor_sees_what_a_phone_has_not_learnt(call: Call, street: Street) -> None:
    member = street.workers[0]
    phone = factories.device_for(member, cursor=1, outbox={"items": 3, "media": 1})
    changes = [feed.Change(member, "notice", uuid7(), 1) for _ in range(3)]
    with writing() as session:
        feed.publish(session, changes)
    shown = call(street.leader, "GET", f"/devices/{phone.install}").json
    assert (shown["cursor"], shown["undelivered"]) == (1, 2)
    assert shown["outbox"] == {"items": 3, "media": 1}
    (listed,) = call(street.leader, "GET", f"/devices?member={member}").json["results"]
    assert listed == shown


def test_devices_are_paged(call: Call, street: Street) -> None:
    installs = sorted(factories.device_for(street.workers[0]).install for _ in range(3))
    first = call(street.leader, "GET", "/devices?limit=2").json
    rest = call(street.leader, "GET", f"/devices?limit=2&after={first['next']}").json
    seen = [device["install"] for device in first["results"] + rest["results"]]
    assert (seen, rest["next"]) == (installs, None)


def test_foreign_devices_are_not_found(call: Call, street: Street) -> None:
    install = factories.device_for(street.workers[5]).install
    assert call(street.leader, "GET", f"/devices/{install}").status_code == 404
    assert call(street.leader, "POST", f"/devices/{install}/revoke", {}).status_code == 404
    assert call(street.leader, "GET", "/devices").json["results"] == []
    assert call(street.workers[5], "GET", f"/devices/{install}").status_code == 403
    assert call(street.leader, "GET", "/devices/nonsense").status_code == 404
