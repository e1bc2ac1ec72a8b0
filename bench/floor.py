"""The floor under the server's cost: its rows inserted raw, lines only parsed, files only written.

The raw database stands beside the product's, with the same tables and indexes but without foreign
keys. One connection inserts what one exchange wrote in one transaction: items, and the rows of
their effects. What the server updates (device, tasks, feed) is not in it.
"""

import hashlib
import json
import os
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.json import Jsonb
from sqlalchemy import (
    Connection,
    Dialect,
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
from bench.load import Lines
from server.cases.models import Report
from server.items.models import Item
from server.kernel.database import db
from server.patrol.models import Shift
from server.tasks.models import TaskEvent

BY_ITEM = (Item.id, Report.id, Shift.start_item, TaskEvent.item)

Row = dict[str, Any]
Rows = list[tuple[Table, list[Row]]]
"""What one transaction wrote, by table, as its driver keeps it."""


class RawDatabase:
    """A connection of the driver alone to the raw database of a deployment.

    It has the tables of the `keys` given, columns by which rows are looked up (`stored`).
    """

    def __init__(self, deployment: Deployment, keys: Sequence[Any]) -> None:
        tables: list[Table] = [key.class_.__table__ for key in keys]
        with create_engine(deployment.raw_url, poolclass=NullPool).begin() as connection:
            for table in tables:
                connection.execute(CreateTable(table, include_foreign_key_constraints=[]))
                for index in table.indexes:
                    connection.execute(CreateIndex(index))
        self._connection, dialect = connected(deployment.database, deployment.raw_url)
        self._inserts = {table: insert_of(table, dialect) for table in tables}

    def insert(self, batches: Iterable[Rows]) -> None:
        """Insert each batch in one transaction."""
        cursor = self._connection.cursor()
        for batch in batches:
            for table, rows in batch:
                if rows:
                    cursor.executemany(self._inserts[table], rows)
            self._connection.commit()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def connected(database: str, url: str) -> tuple[Any, Dialect]:
    """A connection of the driver, as durable as the product's, and what compiles for it."""
    if database == SQLITE:
        connection = sqlite3.connect(str(make_url(url).database))
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        return connection, sqlite.dialect(paramstyle="named")
    raw = psycopg.connect(url)
    raw.execute("SET synchronous_commit = on")
    raw.commit()
    return raw, create_engine(url, poolclass=NullPool).dialect


def insert_of(table: Table, dialect: Dialect) -> str:
    """The driver's INSERT of a whole row, values by name."""
    return str(table.insert().compile(dialect=dialect))


def rows_of(batches: Sequence[Lines]) -> list[Rows]:
    """What the server wrote of the batches; needs the app's context."""
    with db.engine.connect() as connection:
        return [
            stored(connection, BY_ITEM, [json.loads(line)["id"] for line in lines])
            for lines in batches
        ]


def stored(connection: Connection, keys: Sequence[Any], values: Collection[str]) -> Rows:
    """By table: the rows in which the key (a column of the table) has one of the values."""
    tables = [(key.class_.__table__, key.in_(values)) for key in keys]
    return [(table, rows_where(connection, table, wanted)) for table, wanted in tables]


def rows_where(connection: Connection, table: Table, condition: Any) -> list[Row]:
    """Whole rows as the driver keeps them, by their primary key."""
    whole = select(*(type_coerce(one, NullType()).label(one.name) for one in table.c))
    ordered = whole.where(condition).order_by(*table.primary_key)
    found = connection.execute(ordered).mappings()
    return [{name: _storable(value) for name, value in row.items()} for row in found]


def _storable(value: Any) -> Any:
    """psycopg reads JSON as lists and objects, and wants to be told when it writes them."""
    return Jsonb(value) if isinstance(value, list | dict) else value


def parse(batches: Sequence[Lines]) -> None:
    """Every line from JSON, and nothing else."""
    for lines in batches:
        for line in lines:
            json.loads(line)


def write_synced(path: Path, content: bytes) -> None:
    """Hash a new file's content, write it, and have it on the disk."""
    hashlib.sha256(content).hexdigest()
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
