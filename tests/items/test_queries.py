"""What is asked of items goes by an index, however many there are."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from server.grid.listing import Asked
from server.grid.roles import SUPERVISOR
from server.grid.scope import Holding, Scope
from server.items import queries
from server.items.lines import read_line
from server.kernel import clock, driver
from server.kernel.database import db, reading, writing
from server.kernel.ids import uuid7
from tests.executed import executed
from tests.plans import ways
from tests.wire import line

ASKED = {
    "known": (queries._KNOWN_ITEMS, "sqlite_autoindex_item_1 (id=?)"),
    "aside": (queries._KNOWN_ASIDE, "ix_quarantine_install_sha256 (install=? AND sha256=?)"),
    "moment": (queries._SAME_MOMENT, "ix_item_member_at (member=? AND at=?)"),
    "number": (queries._NUMBERED, "ix_item_install_seq (install=? AND seq=?)"),
}


@pytest.mark.parametrize("name", ASKED)
def test_sqlite_looks_a_list_up_by_its_index(app: Flask, name: str) -> None:
    """PostgreSQL chooses by what it has counted, so that an empty table tells nothing."""
    if db.engine.dialect.name != "sqlite":
        return
    statement, index = ASKED[name]
    compiled = statement.statement.compile(dialect=db.engine.dialect)
    with reading() as session:
        rows = session.connection().exec_driver_sql(
            f"EXPLAIN QUERY PLAN {compiled}", ("[]",) * len(compiled.params)
        )
        assert index in "; ".join(row.detail for row in rows)


EVERYTHING = Scope(uuid7(), date(2026, 6, 1), (Holding(SUPERVISOR, None),))
STREET = Scope(uuid7(), date(2026, 6, 1), (Holding(SUPERVISOR, uuid7()),))
UNASKED = dict.fromkeys(("after", "area", "member", "kind", "from_", "to", "flag")) | {"limit": 50}
BY_AREA = {
    "ix_item_area_id (area=?)",
    "ix_item_area_id (area=? AND id>?)",
    "ix_item_member_id (member=?)",
    "sqlite_autoindex_item_1 (id=?)",
}
LATER_BY_AREA = BY_AREA - {"ix_item_area_id (area=?)", "ix_item_member_id (member=?)"} | {
    "ix_item_member_id (member=? AND id>?)"
}
# Whoever looks, what is asked for, and the ways to items.
PAGES: dict[str, tuple[Scope, dict[str, Any], set[str]]] = {
    "street": (STREET, {}, BY_AREA),
    "later": (STREET, {"after": uuid7()}, LATER_BY_AREA),
    "area": (STREET, {"area": uuid7()}, BY_AREA),
    "kind": (STREET, {"kind": "report"}, BY_AREA),
    "since": (STREET, {"from_": clock.now(), "to": clock.now()}, BY_AREA),
    "flag": (STREET, {"flag": "gap"}, BY_AREA),
    "held": (STREET, {"flag": "held"}, BY_AREA),
    "member": (STREET, {"member": uuid7()}, {"ix_item_member_id (member=?)"}),
    "member in area": (
        STREET,
        {"member": uuid7(), "area": uuid7(), "after": uuid7()},
        {"ix_item_member_id (member=? AND id>?)"},
    ),
    "everything": (EVERYTHING, {}, {"sqlite_autoindex_item_1"}),
    "later of everything": (
        EVERYTHING,
        {"after": uuid7(), "kind": "report"},
        {"sqlite_autoindex_item_1 (id>?)"},
    ),
    "area of everything": (EVERYTHING, {"area": uuid7()}, BY_AREA),
}


@pytest.mark.parametrize("name", PAGES)
def test_sqlite_walks_a_page_along_an_index(app: Flask, name: str) -> None:
    scope, given, expected = PAGES[name]
    if db.engine.dialect.name != "sqlite":
        return
    args = UNASKED | given
    asked = Asked.of(args, queries._narrowed(args))
    assert ways(queries.SHOWN.statement("sqlite", scope, asked), "item") == expected


def test_postgresql_looks_moments_up_by_their_index_before_it_has_counted(app: Flask) -> None:
    """A member's items are never walked, though a new table seems to be small."""
    if db.engine.dialect.name != "postgresql":
        return
    with writing() as session:
        session.execute(text("TRUNCATE item CASCADE"))  # else counted and found empty, maybe
    with executed() as seen, reading() as session:
        queries.same_content(session, uuid7(), [read_line(2, line(), 65_536)])
    ((asked, values),) = seen
    with reading() as session:
        rows = driver.fetch(driver.of(session), f"EXPLAIN {asked}", values)
    assert any("ix_item_member_at" in row for (row,) in rows), rows
