"""The doors of tasks, asked by whoever holds a token."""

from typing import Any

from flask.testing import FlaskClient

from tests.factories import auth

TASKS = "/api/v1/tasks"


def post(client: FlaskClient, token: str, path: str, body: Any, **headers: str) -> Any:
    return client.post(TASKS + path, json=body, headers=auth(token, **headers))


def get(client: FlaskClient, token: str, path: str = "", **query: Any) -> Any:
    return client.get(TASKS + path, query_string=query, headers=auth(token))
