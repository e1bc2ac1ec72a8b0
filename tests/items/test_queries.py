"""What the hot path asks of items goes by an index, however many there are."""

import pytest
from flask import Flask

from server.items import queries
from server.kernel.database import db, reading

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
    compiled = statement.compile(dialect=db.engine.dialect)
    with reading() as session:
        rows = session.connection().exec_driver_sql(
            f"EXPLAIN QUERY PLAN {compiled}", ("[]",) * len(compiled.params)
        )
        assert index in "; ".join(row.detail for row in rows)
