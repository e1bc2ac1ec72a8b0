"""The floor under the server's cost: the rows that it wrote, inserted raw; the lines, only parsed.

The raw database stands beside the product's, with the same tables and indexes but without foreign
keys. One connection inserts what one exchange wrote in one transaction: items, and the rows of
their effects. What the server updates (device, tasks, feed) is not in it.
"""

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg.types.json import Jsonb
from sqlalchemy import (
    Dialect,
    Engine,
    NullPool,
    Table,
    create_engine,
    select,
    type_coerce,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.types import NullType

from bench.deployment import SQLITE, Deployment
from bench.phones import Lines
from server.cases.models import Report
from server.items.models import Item
from server.kernel.database import db
from server.patrol.models import Shift
from server.tasks.models import TaskEvent

BY_ITEM = (Item.id, Report.id, Shift.start_item, TaskEvent.item)
TABLES: tuple[Table, ...] = tuple(column.class_.__table__ for column in BY_ITEM)

Rows = list[list[dict[str, Any]]]
"""The rows of one batch, by table in the order of `TABLES`."""


class RawDatabase:
    """A connection of the driver alone to the raw database of a deployment."""

    def __init__(self, deployment: Deployment) -> None:
        with create_engine(deployment.raw_url, poolclass=NullPool).begin() as connection:
            for table in TABLES:
                connection.execute(CreateTable(table, include_foreign_key_constraints=[]))
                for index in table.indexes:
                    connection.execute(CreateIndex(index))
        self._connection, dialect = _connected(deployment)
        self._inserts = [str(table.insert().compile(dialect=dialect)) for table in TABLES]

    def insert(self, batches: Sequence[Rows]) -> None:
        """Insert each batch in one transaction."""
        cursor = self._connection.cursor()
        for batch in batches:
            for statement, rows in zip(self._inserts, batch, strict=True):
                cursor.executemany(statement, rows)
            self._connection.commit()

    def close(self) -> None:
        self._connection.close()


def _connected(deployment: Deployment) -> tuple[Any, Dialect]:
    url = make_url(deployment.raw_url)
    if deployment.database == SQLITE:
        connection = sqlite3.connect(str(url.database))
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        return connection, sqlite.dialect(paramstyle="named")
    raw = psycopg.connect(deployment.raw_url)
    raw.execute("SET synchronous_commit = on")
    raw.commit()
    return raw, create_engine(deployment.url).dialect


def rows_of(batches: Sequence[Lines]) -> list[Rows]:
    """What the server wrote of the batches, as its driver keeps it; needs the app's context."""
    return [_rows(db.engine, [json.loads(line)["id"] for line in lines]) for lines in batches]


def _rows(engine: Engine, ids: list[str]) -> Rows:
    with engine.connect() as connection:
        return [
            [
                {name: _storable(value) for name, value in row.items()}
                for row in connection.execute(
                    select(*(type_coerce(c, NullType()).label(c.name) for c in table.c)).where(
                        column.in_(ids)
                    )
                ).mappings()
            ]
            for column, table in zip(BY_ITEM, TABLES, strict=True)
        ]


def _storable(value: Any) -> Any:
    """psycopg reads JSON as lists and objects, and wants to be told when it writes them."""
    return Jsonb(value) if isinstance(value, list | dict) else value


def parse(batches: Sequence[Lines]) -> None:
    """Every line from JSON, and nothing else."""
    for lines in batches:
        for line in lines:
            json.loads(line)
