"""The database seam: one `db`, the column types both databases share, and transactions.

SQLite runs with WAL, synchronous=FULL and BEGIN IMMEDIATE behind a fair queue; PostgreSQL through
psycopg 3 at READ COMMITTED. There are no SAVEPOINTs: what fails, fails whole (docs/adr/0003).
"""

import select
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from psycopg.types.array import ListBinaryDumper
from sqlalchemy import (
    JSON,
    ColumnElement,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    String,
    event,
    type_coerce,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from server.kernel import driver
from server.kernel.writelock import WriteLock

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
WRITES = "gewu_writes"
WAL_PAGES = 4000
"""SQLite copies its log into the database after so many pages, 16 MB: what many batches wrote over
in between is copied once. The log is synced at each commit all the same.
"""
GLANCES = "gewu_glances"


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


class _Session(FlaskSession):
    """The session of a request."""

    def get_bind(self, *args: Any, **more: Any) -> Any:
        """While it only glances, what begins no transaction."""
        return self.info.get(GLANCES) or super().get_bind(*args, **more)


db = SQLAlchemy(model_class=Base, session_options={"class_": _Session})

Id = String(36).with_variant(postgresql.UUID(as_uuid=False), "postgresql")
Json = JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


class Instant(TypeDecorator[datetime]):
    """An instant in UTC, aware in Python on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else _in_utc(value)

    def bind_processor(self, dialect: Dialect) -> Any:
        """SQLite keeps a text, which Python writes sooner than SQLAlchemy."""
        return _instant_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        # SQLite gives it back naive, PostgreSQL in the zone that the database thinks in.
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("an instant needs its time zone")
    return value.astimezone(UTC)


def _instant_text(value: datetime | None) -> str | None:
    """As SQLAlchemy writes it, in UTC without saying so."""
    if value is None:
        return None
    return _in_utc(value).replace(tzinfo=None).isoformat(" ", "microseconds")


class Words(TypeDecorator[list[str]]):
    """A short list of words kept as ` one two ` so that `has_word` reads the same everywhere."""

    impl = String(400)
    cache_ok = True

    def process_bind_param(self, value: list[str] | None, dialect: Dialect) -> str:
        return f" {' '.join(value)} " if value else ""

    def process_result_value(self, value: str | None, dialect: Dialect) -> list[str]:
        return value.split() if value else []


def has_word(column: Any, word: str) -> ColumnElement[bool]:
    """A condition: the `Words` column holds `word`."""
    return type_coerce(column, String).contains(f" {word} ", autoescape=True)


def init_database(app: Flask) -> None:
    """Bind `db` to the app; SQLite connections get their pragmas and their write queue."""
    db.init_app(app)
    with app.app_context():
        engine = db.engine
        if engine.dialect.name == "sqlite":
            _prepare_sqlite(engine)
            app.extensions["gewu_write_lock"] = WriteLock(f"{engine.url.database}.lock")
            app.extensions[GLANCES] = engine
        else:
            _prepare_postgresql(engine)
            app.extensions[GLANCES] = engine.execution_options(isolation_level="AUTOCOMMIT")


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            "busy_timeout=15000",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "cache_size=-32000",
            f"wal_autocheckpoint={WAL_PAGES}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Any) -> None:
        writes = connection.get_execution_options().get(WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _prepare_postgresql(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, record: Any) -> None:
        # As text, a list costs several times as much to write.
        connection.adapters.register_dumper(list, ListBinaryDumper)

    @event.listens_for(engine, "checkout")
    def on_checkout(connection: Any, record: Any, lent: Any) -> None:
        # Before a statement there is nothing to read but the server's farewell.
        if connection.closed or _has_something_to_read(connection.pgconn.socket):
            raise DisconnectionError


def _has_something_to_read(socket: int) -> bool:
    readable = select.poll()
    readable.register(socket, select.POLLIN)
    return bool(readable.poll(0))


@contextmanager
def reading() -> Iterator[Session]:
    """A read transaction on the request's session, ended on leaving."""
    session = db.session()
    try:
        yield session
    finally:
        session.rollback()


@contextmanager
def glancing() -> Iterator[Session]:
    """The same for reads that need nothing in common: each prepared one runs by itself.

    To begin and to end a transaction costs as much as what it encloses here.
    """
    session, engine = db.session(), current_app.extensions[GLANCES]
    session.info[GLANCES] = engine
    try:
        with driver.lent(session, engine):
            yield session
    finally:
        session.rollback()
        del session.info[GLANCES]


@contextmanager
def writing() -> Iterator[Session]:
    """One write transaction: waits its turn, runs the last acts, commits; rolls back on any error.

    Raises WriteQueueFull (SQLite) if the turn does not come in `GEWU_WRITE_WAIT_S`.
    """
    session = db.session()
    session.rollback()
    lock: WriteLock | None = current_app.extensions.get("gewu_write_lock")
    if lock is None:
        with _committed(session):
            yield session
        return
    with lock.turn(current_app.config["WRITE_WAIT_S"]):
        session.connection(execution_options={WRITES: True})
        with _committed(session):
            yield session


LastAct = Callable[[Session], None]
_last_acts: list[LastAct] = []


def last_act(act: LastAct) -> LastAct:
    """Register what every write transaction does right before its commit (numbers, taken last)."""
    _last_acts.append(act)
    return act


@contextmanager
def _committed(session: Session) -> Iterator[None]:
    session.info.clear()
    try:
        driver.hold(session)
        yield
        session.flush()
        for act in _last_acts:
            act(session)
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.clear()


def columns(row: "DataclassInstance") -> dict[str, Any]:
    """The fields of a dataclass by name, not copied: `asdict` copies deeply, at every depth."""
    return {field.name: getattr(row, field.name) for field in fields(row)}


def insert(session: Session, model: type[Base]) -> Any:
    """The dialect's INSERT into a model's table; it knows ON CONFLICT and makes no objects."""
    dialect = session.get_bind().dialect.name
    return (postgresql if dialect == "postgresql" else sqlite).insert(model.__table__)
