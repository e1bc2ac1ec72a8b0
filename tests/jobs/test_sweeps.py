"""What is swept, and above all what is not."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from server.config import Settings
from server.grid.models import Device
from server.http.idempotency import IdempotencyKey
from server.jobs import sweeps
from server.kernel import clock, feed
from server.kernel.database import reading, writing
from server.kernel.feed import Change, Inbox
from server.kernel.ids import uuid7
from tests.factories import Phone, device_for, member

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=200)


@pytest.fixture
def settings(app: Flask) -> Settings:
    found: Settings = app.extensions["gewu_settings"]
    return found


def tell(to: str, op: str, at: datetime = LONG_AGO) -> str:
    """A change on the feed of the member; its object."""
    object_ = uuid7()
    with clock.standing_at(at), writing() as session:
        feed.publish(session, [Change(to, "task", object_, 1, op)])
    return object_


def left() -> set[str]:
    with reading() as session:
        return set(session.scalars(select(Inbox.object)))


def stands_at(phone: Phone, cursor: int, seen: datetime = NOW) -> None:
    with writing() as session:
        session.execute(
            update(Device)
            .where(Device.install == phone.install)
            .values(cursor=cursor, seen_at=seen)
        )


def test_a_removal_that_all_devices_passed_goes(app: Flask, settings: Settings) -> None:
    who = member()
    tell(who, "remove")
    put, fresh = tell(who, "put"), tell(who, "remove", NOW - timedelta(days=179))
    for phone in (device_for(who), device_for(who)):
        stands_at(phone, 3)
    assert sweeps.tombstones(settings, NOW) == 1
    assert left() == {put, fresh}
    with reading() as session:
        assert feed.counter(session, who) == (3, 1)


def test_one_device_that_did_not_pass_it_holds_it_back(app: Flask, settings: Settings) -> None:
    who = member()
    tell(who, "put")
    removal = tell(who, "remove")
    stands_at(device_for(who), 2)
    stands_at(device_for(who), 1)
    assert sweeps.tombstones(settings, NOW) == 0
    assert removal in left()


@pytest.mark.parametrize("state", ["revoked", "draining"])
def test_a_device_that_only_hands_in_holds_nothing_back(
    app: Flask,
    settings: Settings,
    state: str,
) -> None:
    who = member()
    tell(who, "remove")
    stands_at(device_for(who, state), 0)
    stands_at(device_for(who), 1)
    assert sweeps.tombstones(settings, NOW) == 1


def test_a_device_silent_too_long_holds_nothing_back(app: Flask, settings: Settings) -> None:
    who = member()
    tell(who, "remove")
    stands_at(device_for(who), 0, NOW - timedelta(days=181))
    assert sweeps.tombstones(settings, NOW) == 1


def test_without_a_device_removals_go(app: Flask, settings: Settings) -> None:
    who = member()
    tell(who, "remove")
    assert sweeps.tombstones(settings, NOW) == 1


def test_members_do_not_hold_back_each_other(app: Flask, settings: Settings) -> None:
    behind, ahead = member(), member()
    kept = tell(behind, "remove")
    tell(ahead, "remove")
    stands_at(device_for(behind), 0)
    stands_at(device_for(ahead), 1)
    assert sweeps.tombstones(settings, NOW) == 1
    assert left() == {kept}


def test_first_answers_are_kept_for_a_week(app: Flask, settings: Settings) -> None:
    ages = {"old": timedelta(days=7, seconds=1), "young": timedelta(days=7)}
    with writing() as session:
        for key, age in ages.items():
            row = {"actor": "x", "key": key, "request": "0" * 64, "answer": "{}"}
            session.add(IdempotencyKey(**row, at=NOW - age))
    assert sweeps.idempotency_keys(settings, NOW) == 1
    with reading() as session:
        assert session.scalars(select(IdempotencyKey.key)).all() == ["young"]
