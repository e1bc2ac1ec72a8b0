"""Rows by the million into the product's database: the driver alone, large transactions."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from psycopg import sql
from sqlalchemy import Dialect

from bench.deployment import POSTGRESQL, Deployment
from bench.floor import Rows, connected, insert_of

Write = Callable[[Rows], None]
"""Writes whole rows in one transaction."""


@contextmanager
def bulk(deployment: Deployment) -> Iterator[Write]:
    """A way to write, until the block is left; then the database is as tidy as overnight."""
    connection, dialect = connected(deployment.database, deployment.url)
    try:
        if deployment.database == POSTGRESQL:
            # The rows are copies: what they refer to is there, and need not be looked up again.
            connection.execute("SET session_replication_role = replica")
            connection.commit()
            yield partial(_copy_in, connection)
            connection.autocommit = True
            connection.execute("VACUUM ANALYZE")
            connection.execute("CHECKPOINT")
        else:
            connection.execute("PRAGMA synchronous=OFF")
            yield partial(_insert, connection, dialect)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def _copy_in(connection: Any, batch: Rows) -> None:
    with connection.cursor() as cursor:
        for table, rows in batch:
            names = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.c)
            into = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), names)
            with cursor.copy(into) as copy:
                for row in rows:
                    copy.write_row(tuple(row.values()))
    connection.commit()


def _insert(connection: Any, dialect: Dialect, batch: Rows) -> None:
    for table, rows in batch:
        connection.executemany(insert_of(table, dialect), rows)
    connection.commit()
