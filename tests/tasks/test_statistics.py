"""Figures of tasks, against the same counted one by one; rates, medians, scope, the period."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert

from server.grid import roles
from server.grid.scope import Holding, Scope, today
from server.kernel import clock
from server.kernel.database import db, reading, writing
from server.kernel.ids import uuid7
from server.tasks import statistics
from server.tasks.clock import Light, light
from server.tasks.models import Task
from server.tasks.statistics import Asked
from tests import factories
from tests.factories import Street, auth, token_for
from tests.plans import SORTED, ways

BEGIN, END = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 20, tzinfo=UTC)
PATH = "/api/v1/tasks/statistics"
PERIOD = {"from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z"}


def _row(street: Street, **given: Any) -> dict[str, Any]:
    worker = given.pop("worker", 0)
    row = {
        "id": uuid7(),
        "assignee": street.workers[worker],
        "area": street.grids[worker],
        "kind": "general",
        "title": "走访",
        "text": "",
        "priority": 0,
        "state": "accepted",
        "version": 1,
        "assignment": 1,
        "events": 1,
        "flags": [],
        "clock_from": BEGIN,
        "created_by": street.admin,
        "created_at": BEGIN,
        "updated_at": BEGIN,
    }
    moments = ("due", "yellow_at", "suspended_at", "accepted_at", "done_at", "closed_at")
    return row | dict.fromkeys(moments) | {"late": False} | given


def _kept(rows: list[dict[str, Any]]) -> None:
    with writing() as session:
        session.execute(insert(Task), rows)


def _asked(member: str, holding: Holding, area: str | None = None) -> Asked:
    return Asked(Scope(member, today("Asia/Shanghai", NOW), (holding,)), area, BEGIN, END, NOW)


def _any_row(street: Street, draw: random.Random) -> dict[str, Any]:
    def moment() -> datetime:
        return BEGIN + timedelta(hours=draw.randint(-400, 1000))

    due = draw.choice([None, moment()])
    done = draw.choice([None, moment()])
    row = _row(
        street,
        worker=draw.randint(0, 5),
        due=due,
        yellow_at=due and due - timedelta(hours=draw.randint(0, 100)),
        suspended_at=draw.choice([None, None, moment()]),
        clock_from=BEGIN - timedelta(days=20),
        accepted_at=draw.choice([None, moment()]),
        done_at=done,
        closed_at=draw.choice([None, None, moment()]),
    )
    return row | {"late": bool(due and done and done > due)}


class _Seen:
    """A row as an object, and what it counts as."""

    def __init__(self, row: dict[str, Any]) -> None:
        self.__dict__ = row
        self.light = light(self, NOW)
        first = min(m for m in (row["due"], row["done_at"], END) if m)
        self.counts = row["due"] is not None and BEGIN <= first < END

    def took(self, name: str) -> float:
        return (getattr(self, name) - self.clock_from).total_seconds()


def _naive(rows: list[dict[str, Any]]) -> dict[str, Any]:
    seen = [_Seen(row) for row in rows]
    still = [s for s in seen if s.done_at is None and s.closed_at is None]
    done = [s for s in seen if s.done_at and BEGIN <= s.done_at < END]
    on_time = [s for s in seen if s.counts and s.done_at and not s.late]
    late = [s for s in seen if s.counts and s.done_at and s.late]
    overdue = [s for s in still if s.counts and s.light is Light.RED]
    accepted = [
        s.took("accepted_at")
        for s in seen
        if s.accepted_at and BEGIN <= s.accepted_at < END
        if (s.done_at and s.done_at >= BEGIN) or s in still
    ]
    counted = len(on_time) + len(late) + len(overdue)
    reds = [s.due for s in still if s.light is Light.RED]
    return {
        "done": len(done),
        "due": counted,
        "on_time": len(on_time),
        "late": len(late),
        "overdue": len(overdue),
        "on_time_rate": len(on_time) / counted if counted else None,
        "open": {str(way): sum(s.light is way for s in still) for way in Light},
        "oldest_red": min(reds, default=None),
        "accept_s": round(median(accepted)) if accepted else None,
        "finish_s": round(median(s.took("done_at") for s in done)) if done else None,
    }


@pytest.mark.parametrize("seed", range(4))
def test_figures_are_those_counted_one_by_one(app: Flask, seed: int) -> None:
    street, draw = factories.street(), random.Random(seed)
    rows = [_any_row(street, draw) for _ in range(150)]
    _kept(rows)
    asked = _asked(street.supervisor, Holding(roles.SUPERVISOR, street.street))
    with reading() as session:
        total, by_area = statistics.figures(session, asked, statistics.AREA)
        same, by_person = statistics.figures(session, asked, statistics.PERSON)
        alone = statistics.figures(session, asked, None)
    assert total == same == _naive(rows)
    assert alone == (total, {})
    assert by_area == {
        area: _naive([row for row in rows if row["area"] == area]) for area in street.grids
    }
    assert list(by_area) == sorted(by_area)
    assert by_person == {
        member: _naive([row for row in rows if row["assignee"] == member])
        for member in street.workers
    }


def test_nothing_has_no_rate_and_no_median(app: Flask) -> None:
    street = factories.street()
    asked = _asked(street.supervisor, Holding(roles.SUPERVISOR, street.street))
    with reading() as session:
        total, by_area = statistics.figures(session, asked, statistics.AREA)
    assert by_area == {}
    assert total == _naive([])
    assert (total["on_time_rate"], total["accept_s"], total["oldest_red"]) == (None, None, None)


def test_a_task_counts_in_one_period_alone(app: Flask) -> None:
    street = factories.street()
    due, done = END + timedelta(days=5), END - timedelta(days=5)
    _kept([_row(street, state="done", due=due, done_at=done)])
    holding = Holding(roles.SUPERVISOR, street.street)
    this = _asked(street.supervisor, holding)
    following = Asked(this.scope, None, END, END + timedelta(days=30), END + timedelta(days=30))
    with reading() as session:
        totals = [statistics.figures(session, asked, None)[0] for asked in (this, following)]
    assert [total["due"] for total in totals] == [1, 0]


@pytest.fixture
def street(app: Flask) -> Iterator[Street]:
    with clock.standing_at(NOW):
        yield factories.street()


def test_the_door_tells_what_the_token_reaches(client: FlaskClient, street: Street) -> None:
    due = NOW - timedelta(hours=1)
    _kept([_row(street, worker=worker, due=due) for worker in range(6)])
    leader, all_of_it = token_for(street.leader), token_for(street.supervisor)
    seen = client.get(PATH, query_string=PERIOD | {"by": "area"}, headers=auth(leader)).json
    assert [row["key"] for row in seen["results"]] == sorted(street.grids[:3])
    assert seen["total"]["open"] == {
        "none": 0,
        "green": 0,
        "yellow": 0,
        "red": 3,
        "suspended": 0,
    }
    assert seen["total"]["oldest_red"] == clock.iso(due)
    narrowed = PERIOD | {"area": street.communities[1], "by": "person"}
    seen = client.get(PATH, query_string=narrowed, headers=auth(all_of_it)).json
    assert [row["key"] for row in seen["results"]] == sorted(street.workers[3:])
    foreign = client.get(PATH, query_string=narrowed, headers=auth(leader))
    assert (foreign.status_code, foreign.json["code"]) == (403, "forbidden")


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ({"from": "2026-11-01T00:00:00Z"}, 422, "to"),
        (PERIOD | {"to": "2026-11-01T00:00:00Z"}, 422, "to"),
        (PERIOD | {"by": "colour"}, 422, "by"),
        (PERIOD | {"area": "x"}, 422, "area"),
        (PERIOD | {"from": "yesterday"}, 422, "from"),
    ],
)
def test_the_door_names_the_field_that_is_wrong(
    client: FlaskClient, street: Street, query: dict[str, str], status: int, field: str
) -> None:
    answer = client.get(PATH, query_string=query, headers=auth(token_for(street.admin)))
    assert (answer.status_code, field in str(answer.json["errors"])) == (status, True)


@pytest.mark.parametrize("key", [Task.area, Task.assignee], ids=["area", "person"])
def test_sqlite_walks_the_figures_along_indexes(app: Flask, key: Any) -> None:
    if db.engine.dialect.name != "sqlite":
        return
    asked = _asked(uuid7(), Holding(roles.SUPERVISOR, uuid7()))
    expected = {
        statistics._done: {"ix_task_area_done_at (area=? AND done_at>?)"},
        statistics._open: {"ix_task_area_open (area=?)"},
        statistics._accepting: {
            "ix_task_area_done_at (area=? AND done_at>?)",
            "ix_task_area_open (area=?)",
        },
        statistics._finishing: {"ix_task_area_done_at (area=? AND done_at>? AND done_at<?)"},
    }
    for statement, taken in expected.items():
        assert ways(statement(asked, key.label("key")), "task") - {SORTED} == taken
