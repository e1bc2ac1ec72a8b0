"""On 100,000 open tasks the sweeps of each minute look at what turned, and at nothing else.

PostgreSQL alone: SQLite goes by the indexes, whatever is there (test_lights.py).
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from server.duty import queries
from server.kernel.database import writing
from server.kernel.ids import uuid7
from server.tasks.models import Task
from tests import factories
from tests.plans import counted, explained

MANY, NOW = 100_000, datetime(2026, 12, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def full(postgres_app: Flask) -> Iterator[None]:
    """Half of the tasks are red and were told of for long, half are not due for long."""
    street = factories.street()
    with counted(Task, [_row(street, number) for number in range(MANY)]):
        yield


def _row(street: factories.Street, number: int) -> dict[str, Any]:
    is_old = number % 2 == 0
    due = NOW + (-1 if is_old else 1) * timedelta(hours=number % 1000 + 24)
    yellow_at = due - 12 * HOUR
    return {
        "id": uuid7(),
        "assignee": street.workers[number % 6],
        "kind": "general",
        "title": "检查",
        "text": "",
        "priority": 0,
        "area": street.grids[number % 6],
        "state": "assigned",
        "version": 1,
        "assignment": 1,
        "events": 0,
        "flags": [],
        "due": due,
        "yellow_at": yellow_at,
        "escalate_at": None if is_old else due - 6 * HOUR,
        "told_yellow": yellow_at if is_old else None,
        "told_red": due if is_old else None,
        "created_by": street.admin,
        "created_at": NOW,
        "updated_at": NOW,
    }


def test_postgresql_takes_the_narrow_index(full: None) -> None:
    yellow = queries.by_moment(queries.turned_yellow(NOW), Task.yellow_at, 500)
    red = queries.by_moment(queries.turned_red(NOW), Task.due, 500)
    with writing() as session:
        assert "ix_task_yellow_untold" in explained(session, yellow)
        assert "ix_task_red_untold" in explained(session, red)
        assert session.execute(red).all() == []
        assert "ix_task_escalate_at" in explained(session, queries.rising(NOW, 200))
