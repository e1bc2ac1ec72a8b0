"""The driver's connection below a session: what prepared statements are handed to.

From a session to the driver, and from it through a transaction, SQLAlchemy takes several times what
SQLite takes for the answer (docs/performance.md). Errors are SQLAlchemy's all the same.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

Values = Sequence[Any]
Rows = list[tuple[Any, ...]]
LENT = "gewu_lent"


@contextmanager
def lent(session: Session, engine: Engine) -> Iterator[None]:
    """Inside of the block, what the session is prepared to ask runs by itself, in no transaction.

    `engine` has its isolation level set to AUTOCOMMIT where transactions begin unasked.
    """
    borrowed: Any = engine.raw_connection()
    try:
        with _by_itself(borrowed.driver_connection):
            session.info[LENT] = borrowed.driver_connection
            yield
    finally:
        session.info.pop(LENT, None)
        borrowed.close()


@contextmanager
def _by_itself(connection: Any) -> Iterator[None]:
    """psycopg begins a transaction unasked; SQLite's driver is told not to when it connects."""
    if isinstance(connection, sqlite3.Connection):
        yield
        return
    connection.autocommit = True
    try:
        yield
    finally:
        if not connection.closed:
            connection.autocommit = False


def hold(session: Session) -> None:
    """Begin the session's transaction; `of` knows its connection until `session.info` is cleared.

    To ask the session for it each time costs as much as many a statement.
    """
    session.info[LENT] = session.connection().connection.driver_connection


def of(session: Session) -> Any:
    """The connection that is lent to the session or held, else that of its transaction."""
    return session.info.get(LENT) or session.connection().connection.driver_connection


def fetch(connection: Any, text: str, values: Values) -> Rows:
    """All rows of a statement."""
    try:
        rows: Rows = connection.execute(text, values).fetchall()
    except (sqlite3.Error, psycopg.Error) as error:
        raise _told(error, text) from error
    return rows


def run(connection: Any, text: str, values: Values) -> None:
    """A statement that returns nothing."""
    try:
        connection.execute(text, values)
    except (sqlite3.Error, psycopg.Error) as error:
        raise _told(error, text) from error


def run_many(connection: Any, text: str, rows: Sequence[Values]) -> None:
    """The same for every row."""
    try:
        connection.executemany(text, rows)
    except (sqlite3.Error, psycopg.Error) as error:
        raise _told(error, text) from error


def _told(error: Exception, text: str) -> Any:
    """As SQLAlchemy names it, without the values: they may be somebody's."""
    base = sqlite3.Error if isinstance(error, sqlite3.Error) else psycopg.Error
    return DBAPIError.instance(text, None, error, base, hide_parameters=True)
