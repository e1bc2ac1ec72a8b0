"""Replaying a line as of the moment it came, and telling its member."""

import json
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.items import schemas, service
from server.items.models import Item, Quarantine
from server.items.verdicts import Verdict
from server.kernel import clock
from server.kernel.audit import AuditEntry
from server.kernel.database import reading, writing
from server.kernel.problems import Problem
from tests.factories import Phone, Street
from tests.wire import exchange, line


def the_line(session: Session) -> Quarantine:
    return session.scalars(select(Quarantine)).one()


def replayed(app: Flask, actor: str) -> Verdict:
    """The verdict on the one line that was set aside, three days from now."""
    with clock.standing_at(clock.now() + timedelta(days=3)), writing() as session:
        settings = app.extensions["gewu_settings"]
        return service.replay(session, the_line(session), actor, settings)


def test_a_replay_takes_the_times_of_the_exchange(
    app: Flask,
    client: FlaskClient,
    street: Street,
    phone: Phone,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    raw = line(schema=2, mono=1_000, boot="b", at="2026-01-01T00:00:00+08:00")
    exchange(client, phone, raw, mono=61_000, boot="b")
    monkeypatch.setitem(schemas.BODIES, ("report", 2), schemas.BODIES["report", 1])

    assert replayed(app, street.admin).flags == ["clock"]

    with reading() as session:
        item, kept = session.scalars(select(Item)).one(), the_line(session)
        assert item.received_at == kept.received_at
        assert (item.clock, item.estimated) == ("mono", kept.received_at - timedelta(minutes=1))
        assert (item.install, item.member) == (phone.install, street.workers[0])


def test_a_replay_is_written_to_the_trail_of_who_asked(
    app: Flask, client: FlaskClient, street: Street, phone: Phone
) -> None:
    exchange(client, phone, line("dance"))
    assert replayed(app, street.supervisor).status == "quarantined"
    with reading() as session:
        entry = session.scalars(select(AuditEntry)).one()
        assert (entry.actor, entry.act) == (street.supervisor, "quarantine.replay")
        assert entry.object == the_line(session).id
        assert json.loads(entry.detail) == {"status": "quarantined"}


def test_a_conflict_is_not_replayed(
    app: Flask, client: FlaskClient, street: Street, phone: Phone
) -> None:
    raw = line()
    other = line(id=json.loads(raw)["id"])
    assert [r["status"] for r in exchange(client, phone, raw, other)["results"]] == [
        "accepted",
        "conflict",
    ]
    with pytest.raises(Problem) as caught:
        replayed(app, street.admin)
    assert caught.value.code == "state_illegal"


def test_what_was_replayed_is_not_replayed_again(
    app: Flask,
    client: FlaskClient,
    street: Street,
    phone: Phone,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    exchange(client, phone, line(schema=2))
    monkeypatch.setitem(schemas.BODIES, ("report", 2), schemas.BODIES["report", 1])
    replayed(app, street.admin)
    with pytest.raises(Problem) as caught:
        replayed(app, street.admin)
    assert caught.value.code == "state_illegal"


def test_a_verdict_is_rendered_for_its_member_only(
    client: FlaskClient, street: Street, phone: Phone
) -> None:
    (result,) = exchange(client, phone, line())["results"]
    with reading() as session:
        bodies = service.render(session, street.workers[0], [result["id"]])
        assert service.render(session, street.workers[1], [result["id"]]) == {}
    assert bodies == {
        result["id"]: {
            "id": result["id"],
            "kind": "report",
            "status": "accepted",
            "code": None,
            "flags": [],
            "findings": [],
            "held": False,
            "duplicate_of": None,
            "version": 1,
        }
    }
