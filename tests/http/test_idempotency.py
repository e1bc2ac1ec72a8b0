"""`Idempotency-Key` on a route that honours it: giving a task."""

import hashlib
from functools import partial
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from server.http.idempotency import IdempotencyKey
from server.kernel.database import reading
from server.tasks.models import Task
from tests import factories
from tests.factories import Street
from tests.journeys.at_once import all_at_once

KEY = "3e0f6f0a-52a5-4f6d"


@pytest.fixture
def street(app: Flask) -> Street:
    return factories.street()


def give(
    client: FlaskClient, who: str, key: str | None, body: dict[str, Any], path: str = "/tasks"
) -> TestResponse:
    headers = factories.auth(factories.token_for(who))
    if key is not None:
        headers["Idempotency-Key"] = key
    return client.post(f"/api/v1{path}", json=body, headers=headers)


def a_task(street: Street, **given: Any) -> dict[str, Any]:
    return {"assignee": street.workers[0], "title": "清理小广告"} | given


def count(model: Any) -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_the_second_time_gets_the_first_answer(client: FlaskClient, street: Street) -> None:
    first, again = (give(client, street.supervisor, KEY, a_task(street)) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json == first.json
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert count(Task) == 1


def test_without_a_key_each_is_another(client: FlaskClient, street: Street) -> None:
    ids = {give(client, street.supervisor, None, a_task(street)).json["id"] for _ in range(2)}
    assert (len(ids), count(Task), count(IdempotencyKey)) == (2, 2, 0)


def test_other_keys_are_other_tasks(client: FlaskClient, street: Street) -> None:
    for key in ("a", "A", "b", "é"):
        assert give(client, street.supervisor, key, a_task(street)).status_code == 201
    assert count(Task) == count(IdempotencyKey) == 4


def test_another_body_or_another_door_is_409(client: FlaskClient, street: Street) -> None:
    give(client, street.supervisor, KEY, a_task(street))
    for body, path in ((a_task(street, priority=1), "/tasks"), ({"name": "李"}, "/members")):
        answer = give(client, street.supervisor, KEY, body, path)
        assert (answer.status_code, answer.json["code"]) == (409, "idempotency_reused")
    assert count(Task) == 1


def test_each_caller_has_keys_of_its_own(client: FlaskClient, street: Street) -> None:
    people = (street.supervisor, street.admin)
    first, again = (
        [give(client, who, KEY, a_task(street)).json["id"] for who in people] for _ in range(2)
    )
    assert (len(set(first)), count(Task)) == (2, 2)
    assert again == first


def test_an_act_that_failed_keeps_no_key(client: FlaskClient, street: Street) -> None:
    refused = give(client, street.supervisor, KEY, a_task(street, assignee=street.tree))
    unknown = give(client, street.supervisor, KEY, a_task(street, assignee=street.street))
    assert (refused.status_code, unknown.status_code) == (422, 422)
    assert count(IdempotencyKey) == 0
    assert give(client, street.supervisor, KEY, a_task(street)).status_code == 201


@pytest.mark.parametrize(("key", "status"), [("", 422), ("k" * 201, 422), ("k" * 200, 201)])
def test_a_key_has_a_length(client: FlaskClient, street: Street, key: str, status: int) -> None:
    answer = give(client, street.supervisor, key, a_task(street))
    assert answer.status_code == status
    assert count(Task) == (1 if status == 201 else 0)
    if status == 422:
        assert set(answer.json["errors"]) == {"Idempotency-Key"}


def test_eight_at_once_make_one(app: Flask, street: Street) -> None:
    headers = factories.auth(factories.token_for(street.supervisor), idempotency_key=KEY)
    body = a_task(street)

    def act(client: FlaskClient) -> TestResponse:
        return client.post("/api/v1/tasks", json=body, headers=headers)

    answers = all_at_once([partial(act, app.test_client()) for _ in range(8)])

    assert [answer.status_code for answer in answers] == [201] * 8
    assert len({answer.data for answer in answers}) == 1
    assert sum("Idempotent-Replayed" in answer.headers for answer in answers) == 7
    assert count(Task) == 1


def test_what_is_kept_tells_nothing_of_the_request(client: FlaskClient, street: Street) -> None:
    """A password in a body could be guessed from a bare hash of it."""
    body = {"name": "李", "username": "li", "password": "correct horse"}
    assert give(client, street.admin, KEY, body, "/members").status_code == 201
    with reading() as session:
        row = session.scalars(select(IdempotencyKey)).one()
        assert "correct horse" not in f"{row.request}{row.answer}"
        sent = client.application.json.dumps(body).encode()
        bare = {hashlib.sha256(x + sent).hexdigest() for x in (b"", b"POST /api/v1/members\n")}
        assert row.request not in bare
