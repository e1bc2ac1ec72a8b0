"""Of 60,000 tasks, a tenth of them open, pages of a light and figures look at few others.

PostgreSQL alone: SQLite goes by the indexes, whatever is there (test_lights.py and
test_statistics.py).
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from server.grid.roles import SUPERVISOR
from server.grid.scope import Holding, Scope
from server.kernel.database import writing
from server.kernel.ids import uuid7
from server.tasks import queries, statistics
from server.tasks.models import Task
from server.tasks.statistics import Asked
from tests import factories
from tests.factories import Street
from tests.plans import counted, explained

MANY, NOW = 60_000, datetime(2026, 12, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# All of the street is asked for: any index that knows nothing else will do.
DONE_ONES, OPEN_ONES = "ix_task_area_done_at", "ix_task_(area_open|due|yellow_at)"
UNASKED = dict.fromkeys(("after", "area", "assignee", "state")) | {"limit": 50}


@pytest.fixture(scope="module")
def street(postgres_app: Flask) -> Iterator[Street]:
    """Done were tasks over 600 days; hardly one that is open is red."""
    street = factories.street()
    with counted(Task, [_row(street, number) for number in range(MANY)]):
        yield street


def _row(street: Street, number: int) -> dict[str, Any]:
    is_open = number % 10 == 0
    due = NOW + HOUR * (number % 700 - 7) if is_open else NOW - 600 * DAY * number / MANY
    return {
        "id": uuid7(),
        "assignee": street.workers[number % 6],
        "kind": "general",
        "title": "检查",
        "text": "",
        "priority": 0,
        "area": street.grids[number % 6],
        "state": "accepted" if is_open else "done",
        "version": 1,
        "assignment": 1,
        "events": 0,
        "flags": [],
        "due": due,
        "yellow_at": due - 12 * HOUR,
        "clock_from": due - 2 * DAY,
        "accepted_at": due - DAY,
        "done_at": None if is_open else due - HOUR,
        "created_by": street.admin,
        "created_at": NOW,
        "updated_at": NOW,
    }


def _scope(street: Street, area: str | None) -> Scope:
    return Scope(street.supervisor, NOW.date(), (Holding(SUPERVISOR, area),))


@pytest.mark.parametrize("light", ["red", "yellow", "suspended"])
def test_a_page_of_a_light_is_found_among_what_is_open(street: Street, light: str) -> None:
    for scope in (_scope(street, street.street), _scope(street, None)):
        asked = queries.asked(UNASKED | {"light": light, "area": street.street}, NOW)
        page = queries.SHOWN.statement("postgresql", scope, asked)
        with writing() as session:
            plan = explained(session, page)
        assert "Seq Scan on task" not in plan, plan
        assert "task_pkey" not in plan, plan


def test_the_figures_of_a_month_do_not_walk_all_tasks(street: Street) -> None:
    asked = Asked(_scope(street, street.street), street.street, NOW - 30 * DAY, NOW, NOW)
    found = {
        statistics._done: [DONE_ONES],
        statistics._open: [OPEN_ONES],
        statistics._accepting: [DONE_ONES, OPEN_ONES],
        statistics._finishing: [DONE_ONES],
    }
    for statement, indexes in found.items():
        with writing() as session:
            plan = explained(session, statement(asked, Task.area.label("key")))
        assert "Seq Scan on task" not in plan, plan
        assert all(re.search(index, plan) for index in indexes), plan
