"""Doors to sessions and API tokens: logging in, being locked out, logging out."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from server.grid import service
from server.grid.models import LoginFailure, PersonToken
from server.kernel import clock
from server.kernel.database import reading, writing
from tests import factories
from tests.factories import Street, auth
from tests.grid.conftest import Call, errors_of

RIGHT = "correct horse battery"


@pytest.fixture
def admin(app: Flask) -> str:
    """An admin with a password."""
    with writing() as session:
        return service.create_admin(session, "Zhang.San", RIGHT).id


def log_in(
    client: FlaskClient, password: str = RIGHT, username: str = "zhang.san", **environ: Any
) -> TestResponse:
    body = {"username": username, "password": password}
    return client.post("/api/v1/sessions", json=body, environ_overrides=environ)


@pytest.fixture
def noon() -> Iterator[datetime]:
    """The clock stands still."""
    instant = clock.now()
    with clock.standing_at(instant):
        yield instant


def test_a_log_in_gives_a_session_that_ends(
    client: FlaskClient, admin: str, noon: datetime
) -> None:
    answer = log_in(client, username=" ZHANG.San ")
    assert answer.status_code == 201
    assert answer.json["member"] == {
        "id": admin,
        "username": "zhang.san",
        "name": "Zhang.San",
        "language": "zh",
        "roles": ["admin"],
    }
    token = answer.json["token"]
    assert token.startswith("gws_")
    for hours, status in [(11, 200), (12, 401)]:
        with clock.standing_at(noon + timedelta(hours=hours)):
            assert client.get("/api/v1/trees", headers=auth(token)).status_code == status
    with reading() as session:
        assert token not in session.scalars(select(PersonToken.token)).all()


def test_logging_out_ends_the_session(client: FlaskClient, admin: str) -> None:
    headers = auth(log_in(client).json["token"])
    assert client.delete("/api/v1/sessions/current", headers=headers).status_code == 204
    assert client.get("/api/v1/trees", headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"username": "x"}, "password"),
        ({"username": 5, "password": RIGHT}, "username"),
        ({"username": ["x"], "password": RIGHT}, "username"),
        ({"username": "x", "password": None}, "password"),
        ({"username": "x\x00", "password": RIGHT}, "username"),
        ({"username": "x", "password": "\ud800" * 10}, "password"),
        ({"username": "x", "password": RIGHT, "remember": True}, "remember"),
    ],
)
def test_a_bad_log_in_is_refused_by_field(
    client: FlaskClient, body: dict[str, Any], field: str
) -> None:
    answer = client.post("/api/v1/sessions", json=body)
    assert answer.status_code == 422
    assert field in errors_of(answer)


def test_wrong_passwords_and_unknown_names_look_alike(
    app: Flask, client: FlaskClient, admin: str
) -> None:
    factories.member(username="nopassword")
    answers = [
        log_in(client, "wrong password"),
        log_in(client, username="nobody"),
        log_in(client, username="nopassword"),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert {answer.json["code"] for answer in answers} == {"login_failed"}


def test_five_failures_shut_the_door_for_growing_times(
    client: FlaskClient, admin: str, noon: datetime
) -> None:
    for number in range(5):
        spelling = ["zhang.san", "ZHANG.SAN", " Zhang.San"][number % 3]
        answer = log_in(client, "wrong password", spelling, REMOTE_ADDR=f"192.0.2.{number}")
        assert answer.status_code == 401
    shut = log_in(client, REMOTE_ADDR="192.0.2.9")
    assert (shut.status_code, shut.json["code"]) == (429, "locked_out")
    assert shut.headers["Retry-After"] == "60"
    with clock.standing_at(noon + timedelta(seconds=60)):
        assert log_in(client, "wrong password", REMOTE_ADDR="192.0.2.9").status_code == 401
        assert log_in(client, REMOTE_ADDR="192.0.2.9").headers["Retry-After"] == "120"
    with clock.standing_at(noon + timedelta(seconds=180)):
        assert log_in(client, REMOTE_ADDR="192.0.2.9").status_code == 201
    with reading() as session:
        left = session.scalars(select(LoginFailure.key)).all()
    assert sorted(left) == [f"login:192.0.2.{number}" for number in range(5)]


def test_five_failures_of_an_address_shut_it_out_for_every_name(
    client: FlaskClient, admin: str, noon: datetime
) -> None:
    for number in range(5):
        log_in(client, username=f"nobody{number}", REMOTE_ADDR="192.0.2.1")
    assert log_in(client, REMOTE_ADDR="192.0.2.1").json["code"] == "locked_out"
    assert log_in(client, REMOTE_ADDR="192.0.2.2").status_code == 201


def test_failures_long_ago_do_not_count(client: FlaskClient, admin: str, noon: datetime) -> None:
    for _ in range(4):
        log_in(client, "wrong password")
    with clock.standing_at(noon + timedelta(hours=2)):
        assert log_in(client, "wrong password").status_code == 401
        assert log_in(client).status_code == 201


def test_who_was_ended_cannot_log_in(client: FlaskClient, call: Call, admin: str) -> None:
    other = factories.member("admin")
    assert call(other, "POST", f"/members/{admin}/end").status_code == 200
    assert log_in(client).status_code == 401


def test_an_api_token_is_shown_once_and_works(client: FlaskClient, street: Street) -> None:
    own = auth(factories.token_for(street.leader))
    made = client.post("/api/v1/tokens", json={"name": "统计", "days": 7}, headers=own)
    assert made.status_code == 201
    token = made.json["token"]
    assert token.startswith("gwa_")
    assert client.get("/api/v1/trees", headers=auth(token)).status_code == 200
    (listed,) = client.get("/api/v1/tokens", headers=own).json["results"]
    assert listed == {name: made.json[name] for name in made.json if name != "token"}
    revoked = client.post(f"/api/v1/tokens/{listed['id']}/revoke", headers=own)
    assert revoked.json["revoked_at"] is not None
    assert client.get("/api/v1/trees", headers=auth(token)).status_code == 401
    again = client.post(f"/api/v1/tokens/{listed['id']}/revoke", headers=own)
    assert again.json == revoked.json


@pytest.mark.parametrize("body", [{"name": "", "days": 7}, {"name": "x", "days": 0}, {"days": 7}])
def test_a_bad_token_is_refused(call: Call, street: Street, body: dict[str, Any]) -> None:
    assert call(street.admin, "POST", "/tokens", body).status_code == 422


def test_an_api_token_makes_no_token_and_ends_none(client: FlaskClient, street: Street) -> None:
    headers = auth(factories.token_for(street.admin, "api"))
    (mine,) = client.get("/api/v1/tokens", headers=headers).json["results"]
    for method, path, body in [
        ("POST", "/tokens", {"name": "x"}),
        ("POST", f"/tokens/{mine['id']}/revoke", None),
        ("DELETE", "/sessions/current", None),
    ]:
        answer = client.open(f"/api/v1{path}", method=method, json=body, headers=headers)
        assert answer.status_code == 403


def test_the_tokens_of_others_are_not_found(call: Call, street: Street) -> None:
    made = call(street.leader, "POST", "/tokens", {"name": "x"}).json
    assert call(street.admin, "GET", "/tokens").json["results"] == []
    assert call(street.admin, "POST", f"/tokens/{made['id']}/revoke").status_code == 404
    assert call(street.admin, "POST", "/tokens/nonsense/revoke").status_code == 404
