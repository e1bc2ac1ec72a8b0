"""The audit trail: a chain per actor that shows what was changed, and that nobody changes."""

import hashlib
import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from server.kernel import audit, clock
from server.kernel.audit import AuditChain, AuditEntry, broken_links
from server.kernel.database import db, reading, writing
from tests.journeys.at_once import all_at_once


def note(actor: str, *objects: str, **detail: Any) -> None:
    """One transaction with an act on each object."""
    with writing() as session:
        for object_ in objects:
            audit.note(session, actor, "thing.change", object_, **detail)


def broken() -> list[tuple[str, int]]:
    with reading() as session:
        return broken_links(session)


def entries(actor: str) -> list[AuditEntry]:
    with reading() as session:
        statement = select(AuditEntry).where(AuditEntry.actor == actor).order_by(AuditEntry.no)
        found = list(session.scalars(statement))
        session.expunge_all()
    return found


def tamper(statement: str, **values: Any) -> None:
    """Change the trail as somebody would who owns the database and its triggers."""
    with writing() as session:
        if db.engine.dialect.name == "postgresql":
            session.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            session.execute(text("DROP TRIGGER IF EXISTS audit_entry_no_update"))
            session.execute(text("DROP TRIGGER IF EXISTS audit_entry_no_delete"))
        assert session.execute(text(statement), values).rowcount == 1  # type: ignore[attr-defined]


@pytest.fixture
def trail(app: Flask) -> None:
    """Three acts of one actor, two of another."""
    note("li", "a", "b")
    note("wang", "a", text="网格")
    note("li", "c")
    note("wang", "b")


def test_each_actor_has_a_chain_from_one(trail: None) -> None:
    for actor, objects in (("li", "abc"), ("wang", "ab")):
        found = entries(actor)
        assert [(e.no, e.object) for e in found] == list(enumerate(objects, 1))
        assert [e.prev for e in found] == ["", *(e.hash for e in found[:-1])]
    assert broken() == []


def test_the_hash_by_hand(trail: None) -> None:
    first = entries("wang")[0]
    at = first.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    said = f'\n1\n{at}\nwang\nthing.change\na\n{{"text": "网格"}}'
    assert first.hash == hashlib.sha256(said.encode()).hexdigest()


def test_the_chain_holds_in_every_time_zone_of_the_database(trail: None) -> None:
    with reading() as session:
        if db.engine.dialect.name == "postgresql":
            session.execute(text("SET LOCAL TimeZone = 'Asia/Shanghai'"))
        assert broken_links(session) == []


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE audit_entry SET detail = '{}' WHERE actor = 'wang' AND no = 1", [("wang", 1)]),
        ("UPDATE audit_entry SET object = 'z' WHERE actor = 'li' AND no = 2", [("li", 2)]),
        ("UPDATE audit_entry SET act = 'thing.see' WHERE actor = 'li' AND no = 3", [("li", 3)]),
        ("UPDATE audit_entry SET prev = 'x' WHERE actor = 'li' AND no = 2", [("li", 2)]),
        ("DELETE FROM audit_entry WHERE actor = 'li' AND no = 1", [("li", 2)]),
        ("DELETE FROM audit_entry WHERE actor = 'li' AND no = 2", [("li", 3)]),
        ("DELETE FROM audit_entry WHERE actor = 'li' AND no = 3", [("li", 3)]),
        ("UPDATE audit_chain SET no = 9 WHERE actor = 'wang'", [("wang", 9)]),
        ("DELETE FROM audit_chain WHERE actor = 'wang'", [("wang", 2)]),
    ],
)
def test_what_was_tampered_with_is_found(
    trail: None, statement: str, found: list[tuple[str, int]]
) -> None:
    tamper(statement)
    assert broken() == found


def forge(entry: AuditEntry, **changed: Any) -> None:
    """Write the entry otherwise, with the hash that then fits."""
    said = {n: getattr(entry, n) for n in ("prev", "no", "at", "actor", "act", "object", "detail")}
    said |= changed
    named = {n: said[n] for n in said if n not in ("at", "object")}
    hash_ = audit.entry_hash(at=said["at"], object_=said["object"], **named)
    tamper(
        "UPDATE audit_entry SET prev = :prev, object = :object, hash = :hash"
        " WHERE actor = :actor AND no = :no",
        hash=hash_,
        **{n: said[n] for n in ("prev", "object", "actor", "no")},
    )


def test_an_entry_forged_with_its_hash_is_found_by_the_next_one(trail: None) -> None:
    forge(entries("li")[1], object="z")
    assert broken() == [("li", 3)]


def test_the_last_entry_forged_with_its_hash_is_found_by_the_head(trail: None) -> None:
    forge(entries("li")[2], object="z")
    assert broken() == [("li", 3)]


def test_a_gap_is_found_though_the_links_and_the_head_were_mended(trail: None) -> None:
    first, _, third = entries("li")
    tamper("DELETE FROM audit_entry WHERE actor = 'li' AND no = 2")
    forge(third, prev=first.hash)
    forged = entries("li")[-1].hash
    tamper("UPDATE audit_chain SET hash = :hash WHERE actor = 'li'", hash=forged)
    assert broken() == [("li", 3)]


def test_a_changed_time_is_found(trail: None) -> None:
    tamper("UPDATE audit_entry SET at = '2026-01-01 00:00:00.000000' WHERE actor='li' AND no=1")
    assert broken() == [("li", 1)]


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entry SET detail = '{}'", "DELETE FROM audit_entry"]
)
def test_the_database_refuses_to_change_it(trail: None, statement: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"), writing() as session:
        session.execute(text(statement))
    assert len(entries("li")) == 3
    assert broken() == []


def test_acts_at_one_time_by_one_actor_leave_no_gap(app: Flask) -> None:
    def work() -> None:
        with app.app_context():
            for number in range(5):
                note("li", str(number))

    all_at_once([work] * 6)
    assert [entry.no for entry in entries("li")] == list(range(1, 31))
    assert broken() == []
    with reading() as session:
        assert session.scalars(select(AuditChain.no)).all() == [30]


def test_the_detail_is_kept_in_one_spelling(app: Flask) -> None:
    note("li", "a", b=1, a="格")
    (entry,) = entries("li")
    assert entry.detail == '{"a": "格", "b": 1}'
    assert json.loads(entry.detail) == {"a": "格", "b": 1}
    assert abs((clock.now() - entry.at).total_seconds()) < 3600
