"""Errors leave as problem documents."""

import json

import pytest
from flask import Flask
from flask.testing import FlaskClient

from server.kernel.problems import CATALOGUE
from tests import factories


@pytest.fixture
def admin(app: Flask) -> dict[str, str]:
    return factories.auth(factories.token_for(factories.street().admin))


def test_a_problem_says_its_code_in_the_callers_language(client: FlaskClient) -> None:
    chinese = client.get("/api/v1/items")
    english = client.get("/api/v1/items", headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert chinese.content_type == english.content_type == "application/problem+json"
    assert (chinese.status_code, chinese.json["code"]) == (401, "unauthorized")
    assert chinese.json["title"] == CATALOGUE["unauthorized"].zh
    assert english.json["title"] == CATALOGUE["unauthorized"].en
    assert chinese.headers["WWW-Authenticate"] == "Bearer"
    assert chinese.headers["Gewu-Protocol"] == "1"
    assert chinese.headers["Gewu-Epoch"]


def test_errors_are_named_by_field(client: FlaskClient, admin: dict[str, str]) -> None:
    body = client.post("/api/v1/trees", json={"code": 5, "odd": 1}, headers=admin)
    assert body.status_code == 422
    assert set(body.json["errors"]) == {"code", "name", "levels", "odd"}
    query = client.get("/api/v1/items?limit=x", headers=admin)
    assert (query.status_code, set(query.json["errors"])) == (422, {"limit"})


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"no json", 400),
        (b"\xff", 400),
        (b"[]", 422),
        (b"null", 422),
        (b"[" * 50_000 + b"]" * 50_000, 400),
        (b'{"code": ' + b'{"a":' * 5000 + b"1" + b"}" * 5000 + b"}", 400),
    ],
)
def test_a_body_that_is_no_object(
    client: FlaskClient, admin: dict[str, str], data: bytes, status: int
) -> None:
    answer = client.post("/api/v1/trees", data=data, headers=admin, content_type="application/json")
    assert answer.status_code == status
    assert answer.json["code"] in ("bad_request", "invalid")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/api/v1/items/not-a-uuid", 404, "not_found"),
        ("PUT", "/api/v1/items", 405, "method_not_allowed"),
        ("GET", "/api/v1/sync", 405, "method_not_allowed"),
    ],
)
def test_what_is_not_there(
    client: FlaskClient, method: str, path: str, status: int, code: str
) -> None:
    answer = client.open(path, method=method)
    assert (answer.status_code, json.loads(answer.data)["code"]) == (status, code)


def test_every_text_of_the_catalogue_stands_in_both_languages() -> None:
    for code, entry in CATALOGUE.items():
        assert entry.zh and entry.en, code
        assert not entry.zh.isascii() and entry.en.isascii(), code
        assert 400 <= entry.status < 600, code
