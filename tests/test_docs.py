"""The OpenAPI document: valid, complete, and true about who may enter."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import validate

from server.docs import doors
from server.grid.auth import guard_of


@pytest.fixture
def document(client: FlaskClient) -> Any:
    return client.get("/api/v1/openapi.json").get_json()


def test_is_valid_openapi(document: Any) -> None:
    validate(document)
    assert document["openapi"].startswith("3.1")
    assert document["servers"] == [{"url": "/"}]


def test_every_door_is_in_it(app: Flask, document: Any) -> None:
    described = {(path, method) for path, item in document["paths"].items() for method in item}
    wanted = {(path, method.lower()) for path, method, _ in doors(app)}
    assert {door for door in wanted if door[1] not in ("head", "options")} <= described


def test_no_path_is_in_it_that_is_no_door(app: Flask, document: Any) -> None:
    assert set(document["paths"]) <= {path for path, _, _ in doors(app)}


def test_every_rule_of_the_app_is_a_door(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        view = app.view_functions[rule.endpoint]
        assert all(guard_of(view, method) is not None for method in methods), rule.rule


def test_says_who_may_enter(app: Flask, document: Any) -> None:
    for path, method, guard in doors(app):
        operation = document["paths"][path].get(method.lower())
        if operation is not None:
            assert (operation.get("security") == []) == (guard == "public"), (method, path)
    assert document["security"] == [{"bearer": []}]
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert document["paths"]["/metrics"]["get"]["x-who"] == "admin, auditor"


def test_errors_are_problems(client: FlaskClient, document: Any) -> None:
    problem = document["components"]["schemas"]["Problem"]
    answer = client.get("/nowhere").get_json()
    assert set(problem["required"]) <= set(answer) <= set(problem["properties"])
    for shared in document["components"]["responses"].values():
        assert list(shared["content"]) == ["application/problem+json"]


def test_every_operation_has_a_summary(document: Any) -> None:
    bare = [
        (path, method)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method != "parameters" and not operation.get("summary")
    ]
    assert bare == []
