"""Pages of one light: the same that the pure rule says, for everybody, along an index."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from server.grid.roles import SUPERVISOR
from server.grid.scope import Holding, Scope
from server.kernel import clock
from server.kernel.database import db, reading, writing
from server.kernel.ids import uuid7
from server.tasks import lights, queries
from server.tasks.clock import Light, light
from server.tasks.models import Task
from tests import factories
from tests.factories import Street, auth, token_for
from tests.plans import ways
from tests.tasks import given

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)
MOMENTS = ("due", "yellow_at", "suspended_at", "done_at", "closed_at")


def _any(street: Street, draw: random.Random, worker: int) -> str:
    task = given.task(street, worker)
    hours = [draw.choice([None, -2, -1, 0, 1, 2]) for _ in MOMENTS]
    # A light that is on is the rule: what ends the clock comes less often.
    hours[2:] = [value if draw.random() < 0.3 else None for value in hours[2:]]
    values = [None if h is None else NOW + timedelta(hours=h) for h in hours]
    with writing() as session:
        moments = dict(zip(MOMENTS, values, strict=True))
        session.execute(update(Task).where(Task.id == task).values(**moments))
    return task


def test_the_database_sees_the_lights_that_the_rule_sees(app: Flask) -> None:
    street, draw = factories.street(), random.Random(7)
    for number in range(120):
        _any(street, draw, number % 6)
    with reading() as session:
        tasks = session.scalars(select(Task)).all()
        for wanted in Light:
            found = session.scalars(select(Task.id).where(lights.condition(wanted, NOW)))
            assert set(found) == {task.id for task in tasks if light(task, NOW) is wanted}


def _get(client: FlaskClient, member: str, **query: Any) -> list[str]:
    answer = client.get("/api/v1/tasks", query_string=query, headers=auth(token_for(member)))
    assert answer.status_code == 200
    assert all(row["light"] == query["light"] for row in answer.json["results"])
    return [row["id"] for row in answer.json["results"]]


def test_a_light_is_asked_for(client: FlaskClient) -> None:
    street, draw = factories.street(), random.Random(11)
    ids = {_any(street, draw, number % 6): number % 6 for number in range(60)}
    with clock.standing_at(NOW), reading() as session:
        seen = {task.id: light(task, NOW) for task in session.scalars(select(Task))}
    with clock.standing_at(NOW):
        for wanted in Light:
            of_it = sorted(task for task in ids if seen[task] is wanted)
            assert _get(client, street.supervisor, light=str(wanted), limit=100) == of_it
            assert _get(client, street.leader, light=str(wanted), limit=100) == [
                task for task in of_it if ids[task] < 3
            ]
            assert _get(client, street.workers[4], light=str(wanted), limit=100) == [
                task for task in of_it if ids[task] == 4
            ]
            narrowed = {"area": street.grids[1], "assignee": street.workers[1], "limit": 2}
            there = [task for task in of_it if ids[task] == 1]
            assert _get(client, street.admin, light=str(wanted), **narrowed) == there[:2]
            if len(there) > 2:
                narrowed["after"] = there[1]
                assert _get(client, street.admin, light=str(wanted), **narrowed) == there[2:4]


def test_an_unheard_of_light_is_refused(client: FlaskClient) -> None:
    street = factories.street()
    answer = client.get("/api/v1/tasks?light=blue", headers=auth(token_for(street.admin)))
    assert (answer.status_code, "light" in answer.json["errors"]) == (422, True)


ALL = Scope(uuid7(), date(2026, 6, 1), (Holding(SUPERVISOR, None),))
STREET = Scope(uuid7(), date(2026, 6, 1), (Holding(SUPERVISOR, uuid7()),))
UNASKED = dict.fromkeys(("after", "area", "assignee", "state")) | {"limit": 50}
OPEN_ONES = {"ix_task_area_open (area=?)", "ix_task_area_open (area=? AND id>?)"}
# Of the page: its own tasks, and those of it by their ids.
OTHERS = {"ix_task_assignee_id (assignee=?)", "sqlite_autoindex_task_1 (id=?)"}


@pytest.mark.parametrize("scope", [STREET, ALL], ids=["street", "all"])
@pytest.mark.parametrize("wanted", [Light.RED, Light.YELLOW, Light.GREEN, Light.SUSPENDED])
@pytest.mark.parametrize("area", [None, uuid7()], ids=["everywhere", "area"])
def test_sqlite_walks_what_is_open_area_by_area(
    app: Flask, scope: Scope, wanted: Light, area: str | None
) -> None:
    if db.engine.dialect.name != "sqlite":
        return
    asked = queries.asked(UNASKED | {"light": str(wanted), "area": area}, NOW)
    taken = ways(queries.SHOWN.statement("sqlite", scope, asked), "task")
    assert taken == OPEN_ONES | OTHERS
