"""The door of the tasks room: giving, reading, changing; roles, scopes, versions, bad input."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from server.dispatch.pushes import driving
from server.dispatch.pushes import service as pushes
from server.dispatch.pushes.orders import Order
from server.dispatch.pushes.rules import Target
from server.dispatch.pushes.service import Ordered
from server.grid import roles
from server.grid.scope import scope_of, today
from server.kernel import clock
from server.kernel.database import reading, writing
from server.kernel.ids import uuid7
from tests import factories
from tests.factories import Street, token_for
from tests.tasks import given
from tests.tasks.asking import TASKS, get, post


@pytest.fixture
def street(app: Flask) -> Street:
    return factories.street()


@pytest.fixture
def leader(street: Street) -> str:
    """A token of the leader of the first community: grids 0 to 2."""
    return token_for(street.leader)


def test_post_gives_a_task(client: FlaskClient, street: Street, leader: str) -> None:
    due = clock.iso(clock.now() + timedelta(days=1))
    body = {
        "assignee": street.workers[0],
        "kind": "check",
        "title": "检查消防通道",
        "text": "三号楼",
        "due": due,
        "priority": 3,
        "area": street.grids[1],
        "loc": {"lat": 30.0, "lon": 120.0},
        "subject": uuid7(),
        "form": "fire",
    }
    answer = post(client, leader, "", body)
    assert answer.status_code == 201
    made = answer.json
    assert made | body | {"loc": {"lat": 30.0, "lon": 120.0, "datum": "wgs84"}} == made
    assert (made["state"], made["version"], made["assignment"]) == ("assigned", 1, 1)
    assert made["created_by"] == street.leader
    assert [event["action"] for event in made["events"]] == ["assign"]


def test_post_again_under_the_same_key_gives_one_task(
    client: FlaskClient, street: Street, leader: str
) -> None:
    body = {"assignee": street.workers[0], "title": "走访"}
    answers = [post(client, leader, "", body, idempotency_key="k1") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json == answers[1].json
    assert len(get(client, leader).json["results"]) == 1


def test_a_template_says_what_is_not_said_and_rules_by_its_kind(
    client: FlaskClient, street: Street, leader: str
) -> None:
    given.ruled(street)
    told = {"assignee": street.workers[0], "template": "bare"}
    made = post(client, leader, "", told).json
    assert (made["kind"], made["title"], made["template"]) == ("check", "走访", "bare")
    assert (made["limit_number"], made["limit_unit"]) == (2, "work_day")
    assert made["demands"] == {"photos": ["near", "far"]}
    said = {"kind": "verify", "title": "复查", "text": "三号楼", "priority": 2}
    made = post(client, leader, "", told | said).json
    assert made | said == made
    assert (made["limit_number"], made["limit_unit"]) == (2, "work_hour")


def test_a_task_and_a_push_of_one_template_are_alike(
    client: FlaskClient, street: Street, leader: str
) -> None:
    given.ruled(street)
    alone = post(client, leader, "", {"assignee": street.workers[0], "template": "quick"}).json
    target = Target(member=street.workers[0])
    with reading() as session:
        scope = scope_of(session, street.leader, today("Asia/Shanghai", clock.now()))
    with writing() as session:
        push = pushes.plan(session, Ordered(scope, Order(target, "quick"), 100)).id
        driving.advance(session, push)
    (of_push,) = (row for row in get(client, leader).json["results"] if row["id"] != alone["id"])
    alike = ("kind", "title", "text", "priority", "demands")
    assert [alone[name] for name in alike] == [of_push[name] for name in alike]


@pytest.mark.parametrize("said", [{}, {"template": None}, {"template": ""}, {"text": "三号楼"}])
def test_a_task_needs_a_title_or_a_template(
    client: FlaskClient, street: Street, leader: str, said: dict[str, Any]
) -> None:
    answer = post(client, leader, "", {"assignee": street.workers[0]} | said)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["title"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("assignee", "nobody"),
        ("assignee", None),
        ("title", ""),
        ("title", "\u3000"),
        ("title", "长" * 201),
        ("title", 7),
        ("text", "nul\0"),
        ("due", "tomorrow"),
        ("due", "2026-11-22T08:00:00"),
        ("due", "2020-01-01T00:00:00Z"),
        ("priority", 4),
        ("priority", "1"),
        ("area", "x"),
        ("loc", {"lat": 91, "lon": 0}),
        ("loc", {"lat": 1, "lon": 0, "datum": "mars"}),
        ("subject", "x"),
        ("kind", ""),
        ("colour", "red"),
    ],
)
def test_post_names_the_field_that_is_wrong(
    client: FlaskClient, street: Street, leader: str, field: str, value: Any
) -> None:
    body = {"assignee": street.workers[0], "title": "走访"} | {field: value}
    answer = post(client, leader, "", body)
    assert answer.status_code == 422
    assert field in str(answer.json["errors"])


def test_post_beyond_the_own_areas_is_forbidden(
    client: FlaskClient, street: Street, leader: str
) -> None:
    foreign_worker = {"assignee": street.workers[3], "title": "走访"}
    foreign_area = {"assignee": street.workers[0], "title": "走访", "area": street.grids[3]}
    for body in (foreign_worker, foreign_area):
        answer = post(client, leader, "", body)
        assert (answer.status_code, answer.json["code"]) == (403, "forbidden")


@pytest.mark.parametrize("role", [roles.WORKER, roles.DEPARTMENT, roles.AUDITOR])
def test_only_dispatchers_write(client: FlaskClient, street: Street, role: str) -> None:
    token = token_for(factories.member(role, street.street))
    task = given.task(street)
    assert post(client, token, "", {}).status_code == 403
    for act in ("reassign", "cancel", "verify", "return"):
        assert post(client, token, f"/{task}/{act}", {}, if_match="1").status_code == 403


def test_the_list_shows_what_is_within_reach(
    client: FlaskClient, street: Street, leader: str
) -> None:
    tasks = [given.task(street, worker) for worker in range(6)]
    shown = {
        "leader": (leader, tasks[:3]),
        "supervisor": (token_for(street.supervisor), tasks),
        "worker": (token_for(street.workers[4]), [tasks[4]]),
    }
    for token, expected in shown.values():
        answer = get(client, token)
        assert [row["id"] for row in answer.json["results"]] == sorted(expected)
        assert answer.json["next"] is None


def test_the_list_is_narrowed_and_paged(client: FlaskClient, street: Street) -> None:
    token = token_for(street.supervisor)
    tasks = [given.task(street, worker) for worker in range(6)]
    given.steps(street.workers[1], tasks[1], ["accept"])
    in_order = sorted(tasks)
    narrowed: list[tuple[dict[str, Any], list[str]]] = [
        ({"state": "accepted"}, [tasks[1]]),
        ({"assignee": street.workers[5]}, [tasks[5]]),
        ({"area": street.communities[1]}, tasks[3:]),
        ({"area": street.communities[1], "state": "accepted"}, []),
        ({"after": in_order[3]}, in_order[4:]),
    ]
    for query, expected in narrowed:
        results = get(client, token, **query).json["results"]
        assert [row["id"] for row in results] == sorted(expected)
    first = get(client, token, limit=4).json
    assert [row["id"] for row in first["results"]] == in_order[:4]
    rest = get(client, token, limit=4, after=first["next"]).json
    assert ([row["id"] for row in rest["results"]], rest["next"]) == (in_order[4:], None)


@pytest.mark.parametrize(
    "query", [{"state": "lost"}, {"after": "x"}, {"area": "x"}, {"assignee": "x"}, {"limit": 0}]
)
def test_the_list_refuses_bad_queries(
    client: FlaskClient, leader: str, query: dict[str, Any]
) -> None:
    assert get(client, leader, **query).status_code == 422


def test_one_task_with_its_events_and_version(
    client: FlaskClient, street: Street, leader: str
) -> None:
    task = given.task(street)
    given.steps(street.workers[0], task, ["accept"])
    for token in (leader, token_for(street.workers[0])):
        answer = get(client, token, f"/{task}")
        assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
        assert [event["action"] for event in answer.json["events"]] == ["assign", "accept"]


def test_a_task_out_of_reach_is_not_found(client: FlaskClient, street: Street, leader: str) -> None:
    foreign = given.task(street, 3)
    for path in (f"/{foreign}", f"/{uuid7()}", "/nothing"):
        assert get(client, leader, path).status_code == 404
    neighbour = token_for(street.workers[0])
    assert get(client, neighbour, f"/{foreign}").status_code == 404
    for act in ("cancel", "verify", "return"):
        answer = post(client, leader, f"/{foreign}/{act}", {"reason": "x"}, if_match="1")
        assert answer.status_code == 404


def test_without_a_token_nobody_enters(client: FlaskClient, street: Street) -> None:
    task = given.task(street)
    assert client.get(TASKS).status_code == 401
    assert client.get(f"{TASKS}/{task}").status_code == 401
    assert client.post(TASKS, json={}).status_code == 401


def test_a_task_is_reassigned(client: FlaskClient, street: Street, leader: str) -> None:
    task = given.task(street)
    body = {"assignee": street.workers[1], "mode": "soft", "reason": "请假"}
    answer = post(client, leader, f"/{task}/reassign", body, if_match='"1"')
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    assert (answer.json["assignee"], answer.json["assignment"]) == (street.workers[1], 2)
    assert answer.json["events"][-1]["reason"] == "请假"


def test_a_task_is_reassigned_hard(client: FlaskClient, street: Street, leader: str) -> None:
    factories.device_for(street.workers[0])
    task = given.task(street)
    body = {"assignee": street.workers[1], "mode": "hard"}
    answer = post(client, leader, f"/{task}/reassign", body, if_match="1")
    assert answer.json["assignee"] == street.workers[0]
    assert answer.json["pending_assignee"] == street.workers[1]
    assert answer.json["lease_until"] is not None


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [("mode", "gentle", 422), ("assignee", "x", 422), ("assignee", None, 422)],
)
def test_a_reassignment_names_the_field_that_is_wrong(
    client: FlaskClient, street: Street, leader: str, field: str, value: Any, status: int
) -> None:
    task = given.task(street)
    body = {"assignee": street.workers[1]} | {field: value}
    answer = post(client, leader, f"/{task}/reassign", body, if_match="1")
    assert (answer.status_code, field in str(answer.json["errors"])) == (status, True)


def test_a_reassignment_beyond_the_own_areas_is_forbidden(
    client: FlaskClient, street: Street, leader: str
) -> None:
    task = given.task(street)
    body = {"assignee": street.workers[3]}
    assert post(client, leader, f"/{task}/reassign", body, if_match="1").status_code == 403


def test_done_work_is_returned_and_then_verified(
    client: FlaskClient, street: Street, leader: str
) -> None:
    task = given.task(street)
    given.steps(street.workers[0], task, ["accept", "complete"])
    back = post(client, leader, f"/{task}/return", {"reason": "缺近景"}, if_match="3")
    assert (back.status_code, back.json["state"]) == (200, "returned")
    given.steps(street.workers[0], task, ["complete"])
    right = post(client, leader, f"/{task}/verify", {}, if_match="5")
    assert (right.status_code, right.json["state"]) == (200, "verified")


def test_a_task_is_cancelled(client: FlaskClient, street: Street, leader: str) -> None:
    task = given.task(street)
    answer = post(client, leader, f"/{task}/cancel", {"reason": "重复"}, if_match="1")
    assert (answer.status_code, answer.json["state"]) == (200, "cancelled")


def test_a_reassignment_needs_somebody(client: FlaskClient, street: Street, leader: str) -> None:
    answer = post(client, leader, f"/{given.task(street)}/reassign", {}, if_match="1")
    assert (answer.status_code, "assignee" in str(answer.json["errors"])) == (422, True)


@pytest.mark.parametrize("act", ["reassign", "cancel", "verify", "return"])
def test_a_change_needs_the_version_that_stands(
    client: FlaskClient, street: Street, leader: str, act: str
) -> None:
    task = given.task(street)
    body = {"reason": "x"} | ({"assignee": street.workers[1]} if act == "reassign" else {})
    assert post(client, leader, f"/{task}/{act}", body).status_code == 428
    for version in ("2", "0", "x", '"99999999999999999999"'):
        answer = post(client, leader, f"/{task}/{act}", body, if_match=version)
        assert (answer.status_code, answer.json["code"]) == (412, "version_old")


def test_a_change_that_the_state_does_not_allow_is_a_conflict(
    client: FlaskClient, street: Street, leader: str
) -> None:
    task = given.task(street)
    answer = post(client, leader, f"/{task}/verify", {}, if_match="1")
    assert (answer.status_code, answer.json["code"]) == (409, "state_illegal")
