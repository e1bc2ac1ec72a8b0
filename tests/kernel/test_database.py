"""The database seam: instants and words, transactions, what SQLite is really set to."""

import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Column, Integer, MetaData, Table, func, insert, select, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session

from server.app import create_app
from server.kernel import audit, database, driver, feed
from server.kernel.audit import AuditEntry
from server.kernel.database import Instant, Words, db, glancing, has_word, reading, writing
from server.kernel.ids import uuid7
from server.kernel.writelock import WriteQueueFull
from tests.conftest import FreshDatabase, settings_for

THINGS = Table(
    "things",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("at", Instant),
    Column("words", Words),
)


@pytest.fixture
def things(app: Flask) -> Iterator[Session]:
    """A transaction with the table in it; both are gone in the end."""
    with reading() as session:
        THINGS.create(session.connection())
        yield session


@pytest.fixture
def sqlite_app(tmp_path: Path, fresh_database: FreshDatabase) -> Iterator[Flask]:
    app = create_app(settings_for(tmp_path, fresh_database("sqlite")))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


class TestInstant:
    AT = datetime(2026, 11, 22, 14, 5, 12, 345678, timezone(timedelta(hours=8)))

    @pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/Lima"])
    def test_it_comes_back_in_utc_whatever_zone_the_database_thinks_in(
        self, things: Session, zone: str
    ) -> None:
        if things.get_bind().dialect.name == "postgresql":
            things.execute(text("SELECT set_config('TimeZone', :zone, true)"), {"zone": zone})
        things.execute(insert(THINGS).values(id=1, at=self.AT))
        (found,) = things.scalars(select(THINGS.c.at))
        assert (found, found.tzinfo) == (self.AT, UTC)
        assert things.scalar(select(THINGS.c.id).where(THINGS.c.at >= self.AT)) == 1
        assert things.scalar(select(THINGS.c.id).where(THINGS.c.at > self.AT)) is None

    def test_it_needs_its_zone(self, things: Session) -> None:
        with pytest.raises(StatementError, match="needs its time zone"):
            things.execute(insert(THINGS).values(id=1, at=self.AT.replace(tzinfo=None)))

    def test_none_is_none(self, things: Session) -> None:
        things.execute(insert(THINGS).values(id=1, at=None))
        assert things.scalars(select(THINGS.c.at)).all() == [None]


class TestWords:
    ROWS: list[list[str] | None] = [[], None, ["late"], ["clock", "late"], ["lat", "not_late"]]

    @pytest.fixture
    def filled(self, things: Session) -> Session:
        rows = [{"id": number, "words": words} for number, words in enumerate(self.ROWS)]
        things.execute(insert(THINGS), rows)
        return things

    def test_they_come_back(self, filled: Session) -> None:
        found = filled.scalars(select(THINGS.c.words).order_by(THINGS.c.id)).all()
        assert found == [words or [] for words in self.ROWS]

    @pytest.mark.parametrize(
        ("word", "rows"),
        [
            ("late", [2, 3]),
            ("lat", [4]),
            ("not_late", [4]),
            ("clock", [3]),
            ("l_te", []),
            ("%", []),
            ("clock late", [3]),
        ],
    )
    def test_only_whole_words_are_found(self, filled: Session, word: str, rows: list[int]) -> None:
        statement = select(THINGS.c.id).where(has_word(THINGS.c.words, word))
        assert filled.scalars(statement.order_by(THINGS.c.id)).all() == rows


def acts() -> list[str]:
    with reading() as session:
        return list(session.scalars(select(AuditEntry.act).order_by(AuditEntry.no)))


class TestWriting:
    def test_it_commits_and_runs_the_last_acts(self, app: Flask) -> None:
        with writing() as session:
            audit.note(session, "me", "thing.make", "1")
            assert acts_of(session) == []
        assert acts() == ["thing.make"]

    def test_an_error_takes_everything_back(self, app: Flask) -> None:
        member = uuid7()
        with pytest.raises(ZeroDivisionError), writing() as session:
            audit.note(session, "me", "thing.make", "1")
            feed.publish(session, [feed.Change(member, "notice", uuid7(), 1)])
            session.execute(insert(feed.InboxCounter).values(member=uuid7(), last=1, swept=0))
            raise ZeroDivisionError
        with writing() as session:
            audit.note(session, "me", "thing.keep", "1")
        assert acts() == ["thing.keep"]
        with reading() as session:
            assert session.scalars(select(feed.InboxCounter.member)).all() == []

    def test_a_last_act_that_fails_takes_everything_back(
        self, app: Flask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(session: Session) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(database, "_last_acts", [*database._last_acts, fail])
        with pytest.raises(ZeroDivisionError), writing() as session:
            audit.note(session, "me", "thing.make", "1")
        assert acts() == []

    def test_a_row_that_the_database_refuses_takes_everything_back(self, app: Flask) -> None:
        twice = {"member": uuid7(), "last": 1, "swept": 0}
        with pytest.raises(IntegrityError), writing() as session:
            audit.note(session, "me", "thing.make", "1")
            session.add_all([feed.InboxCounter(**twice), feed.InboxCounter(**twice)])
            session.flush()
        assert acts() == []

    def test_what_is_prepared_is_asked_in_it_and_after_it_no_more(self, app: Flask) -> None:
        with writing() as session:
            member = feed_row(session)
            held = driver.of(session)
            assert held is session.connection().connection.driver_connection
            assert feed.counter(session, member) == (1, 0)
        assert driver.LENT not in session.info
        with reading() as session:
            assert feed.counter(session, member) == (1, 0)

    def test_what_was_noted_while_reading_is_not_written(self, app: Flask) -> None:
        with reading() as session:
            audit.note(session, "me", "thing.read", "1")
        with writing():
            pass
        assert acts() == []


def feed_row(session: Session) -> str:
    """A member with a counter that is not committed yet."""
    member = uuid7()
    session.execute(insert(feed.InboxCounter).values(member=member, last=1, swept=0))
    return member


def acts_of(session: Session) -> list[str]:
    return list(session.scalars(select(AuditEntry.act)))


class TestGlancing:
    def test_it_reads_what_was_committed_meanwhile(self, app: Flask) -> None:
        with glancing() as session:
            assert acts_of(session) == []
        with writing() as session:
            audit.note(session, "me", "thing.make", "1")
        with glancing() as session:
            assert acts_of(session) == ["thing.make"]

    def test_a_transaction_after_it_is_one(self, app: Flask) -> None:
        with glancing() as session:
            acts_of(session)
        with pytest.raises(ZeroDivisionError), writing() as session:
            session.execute(insert(feed.InboxCounter).values(member=uuid7(), last=1, swept=0))
            raise ZeroDivisionError
        with glancing() as session:
            assert session.scalars(select(feed.InboxCounter.member)).all() == []


class TestPostgresql:
    @pytest.fixture
    def postgresql_app(self, tmp_path: Path, fresh_database: FreshDatabase) -> Iterator[Flask]:
        app = create_app(settings_for(tmp_path, fresh_database("postgresql")))
        with app.app_context():
            yield app
            db.session.remove()
            db.engine.dispose()

    @pytest.mark.parametrize("transaction", [reading, glancing, writing])
    def test_a_connection_that_the_server_closed_is_replaced(
        self, postgresql_app: Flask, transaction: Any
    ) -> None:
        with reading() as session:
            pid = session.scalar(select(func.pg_backend_pid()))
        with psycopg.connect(address()) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
        for _ in range(3):
            with transaction() as session:
                assert acts_of(session) == []

    def test_glancing_holds_no_transaction(self, postgresql_app: Flask) -> None:
        with glancing() as session:
            first, second = (session.scalar(select(func.now())) for _ in range(2))
        assert first < second


class TestSqlite:
    @pytest.mark.parametrize(
        ("pragma", "value"),
        [
            ("journal_mode", "wal"),
            ("synchronous", 2),
            ("foreign_keys", 1),
            ("busy_timeout", 15000),
            ("wal_autocheckpoint", 4000),
        ],
    )
    def test_every_connection_is_set_so(
        self, sqlite_app: Flask, pragma: str, value: str | int
    ) -> None:
        with db.engine.connect() as one, db.engine.connect() as other:
            found = [c.exec_driver_sql(f"PRAGMA {pragma}").scalar() for c in (one, other)]
        assert found == [value, value]

    def test_a_writer_has_the_lock_before_its_first_statement(self, sqlite_app: Flask) -> None:
        with writing(), pytest.raises(sqlite3.OperationalError, match="locked"):
            begin_elsewhere()
        begin_elsewhere()

    def test_a_reader_stops_no_writer(self, sqlite_app: Flask) -> None:
        with reading() as session:
            acts_of(session)
            begin_elsewhere()

    def test_a_writer_whose_turn_does_not_come_gives_up(self, sqlite_app: Flask) -> None:
        sqlite_app.config["WRITE_WAIT_S"] = 0.01
        caught: list[Any] = []

        def write() -> None:
            with sqlite_app.app_context():
                try:
                    with writing():
                        caught.append(None)
                except WriteQueueFull as error:
                    caught.append(type(error))

        with writing():
            run(write)
        run(write)
        assert caught == [WriteQueueFull, None]


def address() -> str:
    """The database as psycopg is told of it."""
    return db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)


def begin_elsewhere() -> None:
    """Take SQLite's write lock as another program would, and let it go."""
    connection = sqlite3.connect(str(db.engine.url.database), timeout=0, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
    finally:
        connection.close()


def run(act: Any) -> None:
    thread = threading.Thread(target=act)
    thread.start()
    thread.join()
