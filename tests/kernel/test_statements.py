"""Lists bound as one value, and rows written at the driver's cost."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import bindparam, func, select, update
from sqlalchemy.exc import DataError, IntegrityError, OperationalError

from server.cases.models import Report
from server.items.models import Quarantine
from server.kernel.database import db, glancing, reading, writing
from server.kernel.feed import Inbox
from server.kernel.ids import uuid7
from server.kernel.prepared import Prepared
from server.kernel.statements import Alteration, Insertion, among
from tests import factories

INBOX = Inbox.__table__.c
REPORT = Report.__table__.c
OBJECTS = Alteration(Inbox, "object", ["kind", "seq", "reason", "at"])
MEMBER = uuid7()
INSTANT = datetime(2026, 11, 2, 1, 2, 3, 456000, tzinfo=UTC)


def row(**changed: Any) -> dict[str, Any]:
    """An inbox row, whole."""
    given = {"member": uuid7(), "object": uuid7(), "kind": "task", "seq": 7, "version": 1}
    return given | {"op": "put", "reason": None, "at": INSTANT} | changed


def report(**changed: Any) -> dict[str, Any]:
    """A report's row, whole."""
    given = {
        "id": uuid7(),
        "member": factories.member(),
        "area": None,
        "category": "trash",
        "text": None,
    }
    given |= {"address": None, "severity": None, "self_fixed": False, "lat": None, "lon": 120.5}
    return given | {"at": INSTANT, "state": "open", "duplicate_of": None} | changed


def kept(statement: Any, **bound: Any) -> list[dict[str, Any]]:
    with reading() as session:
        return [dict(found) for found in session.execute(statement, bound).mappings()]


def test_rows_come_back_as_they_were_written(app: Flask) -> None:
    rows = [row(), row(op="remove", reason="moved", seq=2**40)]
    with writing() as session:
        Insertion(Inbox).write(session, rows)
    by_seq = select(*INBOX).order_by(INBOX.seq)
    assert kept(by_seq) == rows


def test_every_kind_of_column_is_converted(app: Flask) -> None:
    line = {"id": uuid7(), "install": uuid7(), "member": factories.member(), "sha256": "ab" * 32}
    line |= {"item": None, "seq": None, "kind": None, "status": "quarantined", "code": "bad_json"}
    line |= {"detail": "坏行 % :x ?", "received_at": INSTANT, "envelope": {"mono": 5}}
    line |= {"state": "open", "version": 1, "raw": b"\x00\xff"}
    with writing() as session:
        Insertion(Quarantine).write(session, [line])
    assert kept(select(*Quarantine.__table__.c)) == [line]


def test_numbers_may_be_whole_broken_or_missing(app: Flask) -> None:
    rows = [report(lat=lat) for lat in (30, 30.25, None)]
    with writing() as session:
        Insertion(Report).write(session, rows)
    assert kept(select(*REPORT).order_by(REPORT.lat.is_(None), REPORT.lat)) == rows


def test_a_text_is_not_cut_short(app: Flask) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite knows no longest text")
    with pytest.raises(DataError), writing() as session:
        Insertion(Inbox).write(session, [row(kind="long" * 5)])
    with writing() as session:
        Insertion(Inbox).write(session, [first := row()])
    with pytest.raises(DataError), writing() as session:
        OBJECTS.write(session, [first | {"kind": "long" * 5}])
    assert kept(select(*INBOX)) == [first]


def test_no_rows_are_no_statement(app: Flask) -> None:
    with writing() as session:
        Insertion(Inbox).write(session, [])
    assert kept(select(*INBOX)) == []


def test_a_second_row_under_one_key_is_refused(app: Flask) -> None:
    twin = row()
    with pytest.raises(IntegrityError), writing() as session:
        Insertion(Inbox).write(session, [twin, twin])
    assert kept(select(*INBOX)) == []


def test_what_happens_to_rows_that_are_there_is_the_clauses_to_say(app: Flask) -> None:
    first = row()
    renewing = Insertion(
        Inbox,
        lambda insert: insert.on_conflict_do_update(
            index_elements=["member", "object"], set_={"seq": insert.excluded.seq}
        ),
    )
    with writing() as session:
        renewing.write(session, [first])
        renewing.write(session, [first | {"seq": 8, "kind": "item"}])
    assert kept(select(*INBOX)) == [first | {"seq": 8}]


def test_what_is_returned_of_the_rows_is_told(app: Flask) -> None:
    telling = Insertion(Inbox, lambda insert: insert.returning(INBOX.object))
    rows = [row(), row()]
    with writing() as session:
        told = [str(id_) for (id_,) in telling.written(session, rows)]
    assert sorted(told) == sorted(one["object"] for one in rows)


def test_an_alteration_changes_its_columns_of_its_rows(app: Flask) -> None:
    rows = [row(reason="moved"), row(), row()]
    with writing() as session:
        Insertion(Inbox).write(session, rows)
        for one in rows[:2]:
            one |= {"kind": "item", "seq": 2**40, "reason": None, "at": INSTANT.replace(hour=5)}
        OBJECTS.write(session, [*rows[:2], row()])
        OBJECTS.write(session, [])
    by_object = sorted(rows, key=lambda one: one["object"])
    assert kept(select(*INBOX).order_by(INBOX.object)) == by_object


def test_an_alteration_converts_every_kind_of_column(app: Flask) -> None:
    line = {"id": uuid7(), "sha256": "ab" * 32, "envelope": {"mono": 5}, "raw": b"\x00\xff"}
    whole = Quarantine(
        install=uuid7(),
        member=factories.member(),
        status="quarantined",
        code="bad_json",
        received_at=INSTANT,
        **line,
    )
    with writing() as session:
        session.add(whole)
    line |= {"sha256": "cd" * 32, "envelope": {"boot": "坏 % :x ?"}, "raw": b"\xff"}
    with writing() as session:
        Alteration(Quarantine, "id", ["sha256", "envelope", "raw"]).write(session, [line])
    assert kept(select(*(Quarantine.__table__.c[name] for name in line))) == [line]


@pytest.mark.parametrize("wanted", [[], [0], [0, 2], [2, 2, 2]])
def test_among_texts_and_numbers(app: Flask, wanted: list[int]) -> None:
    rows = [row(seq=number) for number in range(3)]
    with writing() as session:
        Insertion(Inbox).write(session, rows)
    expected = [rows[number] for number in sorted(set(wanted))]
    by_number = select(*INBOX).where(among(INBOX.seq, "seqs")).order_by(INBOX.seq)
    by_id = select(*INBOX).where(among(INBOX.object, "ids")).order_by(INBOX.seq)
    assert kept(by_number, seqs=wanted) == expected
    assert kept(by_id, ids={rows[number]["object"] for number in wanted}) == expected


COUNTED = Prepared(
    select(INBOX.seq, INBOX.at, INBOX.reason)
    .where(INBOX.member == bindparam("member"), INBOX.op == "put")
    .order_by(INBOX.seq)
    .limit(bindparam("most"))
)
MOVED = Prepared(
    update(Inbox.__table__)
    .where(INBOX.member == bindparam("of"))
    .values(reason=bindparam("reason"))
    .returning(INBOX.object, INBOX.reason)
)


class TestPrepared:
    @pytest.mark.parametrize("transaction", [reading, glancing, writing])
    def test_rows_are_named_and_converted(self, app: Flask, transaction: Any) -> None:
        rows = [row(seq=n, member=MEMBER, reason="a") for n in (3, 2**40, 5)]
        with writing() as session:
            Insertion(Inbox).write(session, [*rows, row(member=MEMBER, op="remove")])
        with transaction() as session:
            first, second = COUNTED.all(session, member=MEMBER, most=2)
            nobody = COUNTED.first(session, member=uuid7(), most=2)
        assert (first.seq, first.at, first.reason) == (3, INSTANT, "a")
        assert (second.seq, nobody) == (5, None)

    def test_what_is_changed_is_returned_or_not(self, app: Flask) -> None:
        given = row()
        with writing() as session:
            Insertion(Inbox).write(session, [given])
            assert MOVED.all(session, of=given["member"], reason="b") == [(given["object"], "b")]
            MOVED.run(session, of=given["member"], reason="c")
        assert [found["reason"] for found in kept(select(*INBOX))] == ["c"]

    def test_what_was_not_committed_is_taken_back(self, app: Flask) -> None:
        given = row()
        with writing() as session:
            Insertion(Inbox).write(session, [given])
        with pytest.raises(ZeroDivisionError), writing() as session:
            MOVED.run(session, of=given["member"], reason="gone")
            raise ZeroDivisionError
        assert kept(select(*INBOX)) == [given]

    def test_a_value_that_is_missing_is_an_error(self, app: Flask) -> None:
        with reading() as session, pytest.raises(KeyError):
            COUNTED.all(session, member=uuid7())

    def test_what_the_database_refuses_is_told_without_the_values(self, app: Flask) -> None:
        given = row(kind="notice", reason="secret")
        with pytest.raises(IntegrityError) as caught, writing() as session:
            Insertion(Inbox).write(session, [given])
            Insertion(Inbox).write(session, [given])
        assert caught.value.orig is not None
        assert "secret" not in str(caught.value).replace(str(caught.value.orig), "")
        assert kept(select(*INBOX)) == []

    @pytest.mark.parametrize("transaction", [reading, glancing, writing])
    def test_a_connection_lost_on_the_way_is_replaced(self, app: Flask, transaction: Any) -> None:
        if db.engine.dialect.name == "sqlite":
            return
        hangs_up = Prepared(select(func.pg_terminate_backend(func.pg_backend_pid()).label("gone")))
        with pytest.raises(OperationalError), transaction() as session:
            hangs_up.all(session)
        with transaction() as session:
            assert COUNTED.all(session, member=uuid7(), most=1) == []
