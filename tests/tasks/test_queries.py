"""A page of tasks is walked along an index, however many there are."""

from datetime import date
from typing import Any

import pytest
from flask import Flask

from server.grid.listing import Asked
from server.grid.roles import SUPERVISOR
from server.grid.scope import Holding, Scope
from server.kernel.database import db
from server.kernel.ids import uuid7
from server.tasks import queries
from server.tasks.models import Task
from server.tasks.standing import ASSIGNED
from tests.plans import ways

EVERYTHING = Scope(uuid7(), date(2026, 6, 1), (Holding(SUPERVISOR, None),))
STREET = Scope(uuid7(), date(2026, 6, 1), (Holding(SUPERVISOR, uuid7()),))
UNASKED = dict.fromkeys(("after", "area", "assignee")) | {"limit": 50}
BY_AREA = {
    "ix_task_area_id (area=?)",
    "ix_task_area_id (area=? AND id>?)",
    "ix_task_assignee_id (assignee=?)",
    "sqlite_autoindex_task_1 (id=?)",
}
BY_STATE = {
    "ix_task_area_state_id (area=? AND state=?)",
    "ix_task_area_state_id (area=? AND state=? AND id>?)",
    "ix_task_assignee_state_id (assignee=? AND state=?)",
    "sqlite_autoindex_task_1 (id=?)",
}
ASSIGNED_ONES = [Task.state == ASSIGNED]
# Whoever looks, what is asked for, and the ways to tasks.
PAGES: dict[str, tuple[Scope, dict[str, Any], list[Any], set[str]]] = {
    "street": (STREET, {}, [], BY_AREA),
    "area": (STREET, {"area": uuid7()}, [], BY_AREA),
    "state": (STREET, {}, ASSIGNED_ONES, BY_STATE),
    "area and state": (EVERYTHING, {"area": uuid7()}, ASSIGNED_ONES, BY_STATE),
    "member": (STREET, {"assignee": uuid7()}, [], {"ix_task_assignee_id (assignee=?)"}),
    "member and state": (
        STREET,
        {"assignee": uuid7(), "area": uuid7(), "after": uuid7()},
        ASSIGNED_ONES,
        {"ix_task_assignee_state_id (assignee=? AND state=? AND id>?)"},
    ),
    "everything": (EVERYTHING, {}, [], {"sqlite_autoindex_task_1"}),
    "state of everything": (EVERYTHING, {}, ASSIGNED_ONES, {"ix_task_state_id (state=?)"}),
    "later state of everything": (
        EVERYTHING,
        {"after": uuid7()},
        ASSIGNED_ONES,
        {"ix_task_state_id (state=? AND id>?)"},
    ),
}


@pytest.mark.parametrize("name", PAGES)
def test_sqlite_walks_a_page_along_an_index(app: Flask, name: str) -> None:
    scope, given, narrowed, expected = PAGES[name]
    if db.engine.dialect.name != "sqlite":
        return
    asked = Asked.of(UNASKED | given, narrowed, "assignee")
    assert ways(queries.SHOWN.statement("sqlite", scope, asked), "task") == expected
