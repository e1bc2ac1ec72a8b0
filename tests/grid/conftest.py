"""What the tests of the room start from: a street and its people, and a way to call the doors."""

from typing import Any, Protocol

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.grid.scope import Scope, scope_of, today
from server.kernel import clock, feed
from server.kernel.database import reading
from tests import factories
from tests.factories import Street


class Call(Protocol):
    """(member or None, method, path, JSON body) → answer; `if_match=2` becomes a header."""

    def __call__(
        self, who: str | None, method: str, path: str, json: Any = None, **headers: Any
    ) -> TestResponse: ...


@pytest.fixture
def street(app: Flask) -> Street:
    return factories.street()


@pytest.fixture
def call(client: FlaskClient) -> Call:
    tokens: dict[str, str] = {}

    def send(
        who: str | None, method: str, path: str, json: Any = None, **headers: Any
    ) -> TestResponse:
        named = {name: str(value) for name, value in headers.items()}
        if who is not None:
            token = tokens.get(who) or tokens.setdefault(who, factories.token_for(who))
            named = factories.auth(token, **named)
        return client.open(f"/api/v1{path}", method=method, json=json, headers=named)

    return send


def reach_of(app: Flask, member: str) -> Scope:
    """The member's scope today."""
    with reading() as session:
        return scope_of(session, member, today(app.config["TIMEZONE"], clock.now()))


def feed_of(member: str) -> list[tuple[str, str, str]]:
    """(kind, id, op) of everything on the member's feed, in order."""
    with reading() as session:
        changes = feed.page(session, member, 0, 100)
    return [(change["kind"], change["id"], change["op"]) for change in changes]


def errors_of(answer: TestResponse) -> dict[str, list[str]]:
    """The errors by field, whether the shape or a rule refused the body."""
    errors = answer.get_json()["errors"]
    return dict(errors.get("json", errors))
