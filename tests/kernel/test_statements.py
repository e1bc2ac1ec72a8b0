"""Lists bound as one value, and rows written at the driver's cost."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from server.items.models import Quarantine
from server.kernel.database import reading, writing
from server.kernel.feed import Inbox
from server.kernel.ids import uuid7
from server.kernel.statements import Insertion, among
from tests import factories

INBOX = Inbox.__table__.c
INSTANT = datetime(2026, 11, 2, 1, 2, 3, 456000, tzinfo=UTC)


def row(**changed: Any) -> dict[str, Any]:
    """An inbox row, whole."""
    given = {"member": uuid7(), "object": uuid7(), "kind": "task", "seq": 7, "version": 1}
    return given | {"op": "put", "reason": None, "at": INSTANT} | changed


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


def test_the_statement_is_for_rows_that_return_something(app: Flask) -> None:
    telling = Insertion(Inbox, lambda insert: insert.returning(INBOX.object))
    rows = [row(), row()]
    with writing() as session:
        told = session.scalars(telling.statement(session), rows).all()
    assert sorted(told) == sorted(one["object"] for one in rows)


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
