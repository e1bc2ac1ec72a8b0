"""The doors of suspension, answers and marks: roles, scopes, versions, bad input."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from server.kernel import clock
from tests import factories
from tests.factories import Street, token_for
from tests.tasks import given
from tests.tasks.asking import get, post


@pytest.fixture
def street(app: Flask) -> Street:
    return factories.street()


@pytest.fixture
def leader(street: Street) -> str:
    """A token of the leader of the first community: grids 0 to 2."""
    return token_for(street.leader)


def test_a_clock_is_stopped_and_goes_on(client: FlaskClient, street: Street, leader: str) -> None:
    due = clock.now() + timedelta(days=1)
    task = given.task(street, due=due)
    stopped = post(client, leader, f"/{task}/suspend", {"reason": "等配件"}, if_match="1")
    assert (stopped.status_code, stopped.json["light"], stopped.headers["ETag"]) == (
        200,
        "suspended",
        '"2"',
    )
    again = post(client, leader, f"/{task}/suspend", {}, if_match="2")
    assert (again.status_code, again.json["code"]) == (409, "state_illegal")
    going = post(client, leader, f"/{task}/resume", {}, if_match="2")
    assert (going.status_code, going.json["suspended_at"]) == (200, None)
    assert going.json["due"] > clock.iso(due)


def test_a_request_is_granted_and_another_refused(
    client: FlaskClient, street: Street, leader: str
) -> None:
    until = clock.now() + timedelta(days=3)
    task = given.task(street, due=clock.now() + timedelta(days=1))
    ask = given.action(street.workers[0], task, "request_extension", until=until)
    given.handled(ask)
    granted = post(client, leader, f"/{task}/grant", {"reason": "同意"}, if_match="2")
    assert (granted.status_code, granted.json["due"]) == (200, clock.iso(until))
    assert granted.json["events"][-1]["detail"]["due"]["to"] == clock.iso(until)
    given.handled(given.action(street.workers[0], task, "request_transfer", reason="不在本网格"))
    assert get(client, leader, f"/{task}").json["request"]["reason"] == "不在本网格"
    refused = post(client, leader, f"/{task}/refuse", {"reason": "无人可替"}, if_match="4")
    assert (refused.status_code, refused.json["request"]) == (200, None)
    empty = post(client, leader, f"/{task}/grant", {}, if_match="5")
    assert (empty.status_code, empty.json["code"]) == (409, "state_illegal")


def test_an_end_that_has_passed_is_refused(
    client: FlaskClient, street: Street, leader: str
) -> None:
    task = given.task(street, due=clock.now() + timedelta(days=1))
    given.handled(given.action(street.workers[0], task, "request_extension"))
    body = {"until": "2020-01-01T00:00:00Z"}
    answer = post(client, leader, f"/{task}/grant", body, if_match="2")
    assert (answer.status_code, answer.json["code"]) == (422, "due_past")
    assert list(answer.json["errors"]) == ["until"]


def test_a_transfer_beyond_the_own_areas_is_forbidden(
    client: FlaskClient, street: Street, leader: str
) -> None:
    task = given.task(street)
    ask = given.action(street.workers[0], task, "request_transfer", to=street.workers[3])
    given.handled(ask)
    answer = post(client, leader, f"/{task}/grant", {}, if_match="2")
    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")


@pytest.mark.parametrize(
    ("act", "body", "field"),
    [
        ("settle", {}, "decision"),
        ("settle", {"decision": "toss"}, "decision"),
        ("settle", {"decision": "keep", "item": "x"}, "item"),
        ("grant", {"until": "tomorrow"}, "until"),
        ("grant", {"assignee": "x"}, "assignee"),
        ("return", {"marks": [{"text": "无"}]}, "point"),
        ("return", {"marks": "photo"}, "marks"),
        ("return", {"marks": [{"point": "p", "text": "长" * 1001}]}, "text"),
    ],
)
def test_an_answer_names_the_field_that_is_wrong(
    client: FlaskClient, street: Street, leader: str, act: str, body: dict[str, Any], field: str
) -> None:
    answer = post(client, leader, f"/{given.task(street)}/{act}", body, if_match="1")
    assert (answer.status_code, field in str(answer.json["errors"])) == (422, True)


@pytest.mark.parametrize("act", ["suspend", "resume", "grant", "refuse", "settle"])
def test_foreign_tasks_are_not_found_and_old_versions_refused(
    client: FlaskClient, street: Street, leader: str, act: str
) -> None:
    body = {"decision": "keep"} if act == "settle" else {}
    foreign, own = given.task(street, 3), given.task(street)
    assert post(client, leader, f"/{foreign}/{act}", body, if_match="1").status_code == 404
    assert post(client, leader, f"/{own}/{act}", body).status_code == 428
    assert post(client, leader, f"/{own}/{act}", body, if_match="9").json["code"] == "version_old"
    worker = token_for(street.workers[0])
    assert post(client, worker, f"/{own}/{act}", body, if_match="1").status_code == 403


def test_a_task_with_demands(client: FlaskClient, street: Street, leader: str) -> None:
    demands = {"photos": ["near", "far"], "visit_minutes": 10, "visit_metres": 50}
    body = {"assignee": street.workers[0], "title": "走访", "demands": demands}
    made = post(client, leader, "", body).json
    assert (made["demands"], made["light"], made["late"]) == (demands, "none", False)
    for wrong in ({"photos": []}, {"visit_minutes": 0}, {"colour": "red"}, {"form": ""}):
        assert post(client, leader, "", body | {"demands": wrong}).status_code == 422
