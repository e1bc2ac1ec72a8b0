"""A street with a phone, people who ask, and rooms put in for one test."""

from collections.abc import Callable
from typing import Protocol

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.items import intake
from server.items.handling import Handler
from tests import factories
from tests.factories import Phone, Street

PutIn = Callable[[tuple[str, ...], Handler], None]


class Ask(Protocol):
    """(member, path, method) → answer; further names are the query."""

    def __call__(
        self, who: str, path: str, method: str = "GET", **query: object
    ) -> TestResponse: ...


@pytest.fixture
def street(app: Flask) -> Street:
    return factories.street()


@pytest.fixture
def phone(street: Street) -> Phone:
    """The phone of the worker of `grids[0]`."""
    return factories.device_for(street.workers[0])


@pytest.fixture
def ask(client: FlaskClient) -> Ask:
    def send(who: str, path: str, method: str = "GET", **query: object) -> TestResponse:
        headers = factories.auth(factories.token_for(who))
        named = {name.rstrip("_"): value for name, value in query.items()}
        return client.open(f"/api/v1{path}", method=method, query_string=named, headers=headers)

    return send


@pytest.fixture
def put_in(monkeypatch: pytest.MonkeyPatch) -> PutIn:
    """`handle_with`, undone when the test ends."""
    monkeypatch.setattr(intake, "_handlers", dict(intake._handlers))
    return intake.handle_with
