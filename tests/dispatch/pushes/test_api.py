"""Pushes over HTTP."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.jobs.consumer import do_next
from server.jobs.work import WORK
from server.kernel import clock
from server.kernel.ids import uuid7
from tests import factories
from tests.dispatch import given
from tests.duty import given as duty
from tests.factories import Street

A = "/api/v1"


@pytest.fixture
def street(app: Flask) -> Street:
    return factories.street()


@pytest.fixture
def token(street: Street) -> str:
    return factories.token_for(street.supervisor)


def post(client: FlaskClient, token: str, body: Any, **headers: str) -> TestResponse:
    return client.post(f"{A}/pushes", json=body, headers=factories.auth(token, **headers))


def body(street: Street, **more: Any) -> dict[str, Any]:
    return {"target": {"area": street.street}, "task": {"title": "检查井盖"}} | more


def test_a_push_is_planned_and_goes_on_by_itself(
    client: FlaskClient, street: Street, token: str
) -> None:
    answer = post(client, token, body(street))
    assert answer.status_code == 202
    told = answer.json
    assert (told["state"], told["total"], told["done"]) == ("planned", 6, 0)
    assert (told["left_out"], told["title"]) == ([], "检查井盖")
    while do_next(WORK):
        pass
    given.check_each_once(told["id"])
    shown = client.get(f"{A}/pushes/{told['id']}", headers=factories.auth(token)).json
    assert (shown["state"], shown["done"]) == ("done", 6)
    listed = client.get(f"{A}/pushes", headers=factories.auth(token)).json
    assert [one["id"] for one in listed["results"]] == [told["id"]]


def test_a_dry_run_tells_and_does_nothing(client: FlaskClient, street: Street, token: str) -> None:
    leaders = {"role": "leader", "area": street.street}
    answer = post(client, token, body(street, target=leaders, dry_run=True))
    assert answer.status_code == 200
    assert (answer.json["state"], answer.json["id"], answer.json["total"]) == ("dry_run", None, 1)
    assert [one["area"] for one in answer.json["left_out"]] == street.grids[3:]
    assert client.get(f"{A}/pushes", headers=factories.auth(token)).json["results"] == []
    assert not do_next(WORK)


def test_a_dry_run_says_who_is_absent_and_who_stands_in(
    client: FlaskClient, street: Street, token: str
) -> None:
    absent, other = street.workers[:2]
    duty.slip(absent, backup=other)
    answer = post(client, token, body(street, dry_run=True)).json
    assert answer["total"] == 6
    assert answer["stood_in"] == [{"member": absent, "area": street.grids[0], "by": other}]
    assert answer["left_out"] == []
    for member in (street.leader, street.supervisor, street.admin, other):
        duty.slip(member)
    answer = post(client, token, body(street, dry_run=True)).json
    assert (answer["total"], answer["stood_in"]) == (4, [])
    assert answer["left_out"] == [{"area": area, "why": "absent"} for area in street.grids[:2]]


def test_a_push_sent_again_is_the_same_push(
    client: FlaskClient, street: Street, token: str
) -> None:
    key = uuid7()
    first = post(client, token, body(street), idempotency_key=key)
    again = post(client, token, body(street), idempotency_key=key)
    assert (again.status_code, again.json) == (202, first.json)
    assert again.headers["Idempotent-Replayed"] == "true"


def test_a_large_push_asks_for_its_number(
    app: Flask, client: FlaskClient, street: Street, token: str
) -> None:
    app.config["PUSH_ASK"] = 5
    answer = post(client, token, body(street))
    assert answer.status_code == 409
    assert (answer.json["code"], answer.json["number"]) == ("confirm_needed", 6)
    assert post(client, token, body(street, confirm=5)).status_code == 409
    assert post(client, token, body(street, confirm=6)).status_code == 202
    assert post(client, token, body(street, dry_run=True)).json["total"] == 6


def test_a_list_of_subjects(client: FlaskClient, street: Street, token: str) -> None:
    subjects = [{"subject": uuid7(), "area": street.grids[no % 2]} for no in range(5)]
    answer = post(client, token, body(street, target={"subjects": subjects}))
    assert (answer.status_code, answer.json["total"]) == (202, 5)
    assert answer.json["target"] == {"subjects": 5}


@pytest.mark.parametrize(
    ("change", "status", "code", "field"),
    [
        ({"target": {}}, 422, "invalid", "target"),
        ({"target": None}, 422, "invalid", "target"),
        ({"target": {"area": "x"}}, 422, "invalid", "target"),
        ({"target": {"subjects": []}}, 422, "invalid", "target"),
        ({"target": {"subjects": [{"subject": 3}]}}, 422, "invalid", "target"),
        ({"target": {"role": "king"}}, 422, "invalid", "target"),
        ({"task": {}}, 422, "invalid", "task"),
        ({"task": {"title": ""}}, 422, "invalid", "task"),
        ({"task": {"title": "x", "priority": 9}}, 422, "invalid", "task"),
        ({"task": {"title": "x", "colour": "red"}}, 422, "invalid", "task"),
        ({"template": "no_such", "task": {}}, 422, "template_unknown", "template"),
        ({"due": "2020-01-01T00:00:00Z"}, 422, "due_past", "due"),
        ({"due": "tomorrow"}, 422, "invalid", "due"),
        ({"confirm": "6"}, 422, "invalid", "confirm"),
    ],
)
def test_what_is_wrong_is_named(
    client: FlaskClient,
    street: Street,
    token: str,
    change: dict[str, Any],
    status: int,
    code: str,
    field: str,
) -> None:
    answer = post(client, token, body(street) | change)
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert field in answer.json["errors"]


def test_who_made_it_sees_it_wherever_it_lies(client: FlaskClient, app: Flask) -> None:
    one, other = factories.street(), factories.street()
    made = factories.token_for(one.admin)
    target = {
        "subjects": [
            {"subject": uuid7(), "area": one.grids[0]},
            {"subject": uuid7(), "area": other.grids[0]},
        ]
    }
    push = post(client, made, body(one, target=target)).json["id"]
    for token, status in (
        (made, 200),
        (factories.token_for(other.admin), 200),
        (factories.token_for(one.supervisor), 404),
    ):
        answer = client.get(f"{A}/pushes/{push}", headers=factories.auth(token))
        assert answer.status_code == status


def test_a_due_is_one_for_all(client: FlaskClient, street: Street, token: str) -> None:
    due = clock.iso(clock.now() + timedelta(days=3))
    push = post(client, token, body(street, due=due)).json["id"]
    given.drive(push)
    assert {clock.iso(task.due) for task in given.tasks(push)} == {due}
