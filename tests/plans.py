"""Which way SQLite takes to the rows of a statement.

It goes by the indexes alone, as nothing has counted its rows: an empty table tells as much as a
full one. PostgreSQL chooses by what it has counted (`explained`).
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import delete, insert, text
from sqlalchemy.orm import Session

from server.kernel.database import db, reading, writing

SORTED = "sorted"
LOT = 10_000


def ways(statement: Any, table: str) -> set[str]:
    """Every way to `table` as `index (columns)`, or `whole` for all of it; `SORTED` if it sorts."""
    compiled = statement.compile(
        dialect=db.engine.dialect, compile_kwargs={"render_postcompile": True}
    )
    given = ("",) * len(compiled.positiontup)
    with reading() as session:
        explained = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", given)
        details = [row.detail for row in explained]
    way = re.compile(rf"(?:SEARCH|SCAN) {table}(?: USING (?:COVERING )?INDEX (.+))?")
    taken = {(found[1] or "whole") for detail in details if (found := way.fullmatch(detail))}
    return taken | {SORTED for detail in details if "FOR ORDER BY" in detail}


def explained(session: Session, statement: Any) -> str:
    """The plan of PostgreSQL."""
    compiled = statement.compile(dialect=db.engine.dialect, compile_kwargs={"literal_binds": True})
    return "\n".join(row[0] for row in session.execute(text(f"EXPLAIN {compiled}")))


@contextmanager
def counted(model: Any, rows: Sequence[dict[str, Any]]) -> Iterator[None]:
    """The rows in the table of `model`, and counted by PostgreSQL; it is empty afterwards."""
    with writing() as session:
        for start in range(0, len(rows), LOT):
            session.execute(insert(model), rows[start : start + LOT])
        session.execute(text(f"ANALYZE {model.__tablename__}"))
    yield
    with writing() as session:
        session.execute(delete(model))
