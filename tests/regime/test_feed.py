"""What devices learn of packs: where posts are live, from day to day."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from server.grid.scope import Holding, Scope
from server.grid.service import areas, posts, reach
from server.kernel import feed
from server.kernel.database import reading, writing
from server.regime import service
from tests import factories
from tests.factories import Street
from tests.regime.conftest import DAY, Hold

TOMORROW = DAY + timedelta(days=1)


def inbox(member: str) -> list[tuple[str, str | None]]:
    """(op, ref or reason) of every pack that the member was told of, in order."""
    with reading() as session:
        page = feed.page(session, member, 0, 100)
    packs = [change for change in page if change["kind"] == "pack"]
    return [(c["op"], c["body"]["ref"] if c["op"] == "put" else c["reason"]) for c in packs]


def body(member: str) -> dict[str, Any]:
    with reading() as session:
        page = feed.page(session, member, 0, 100)
    (change,) = [change for change in page if change["kind"] == "pack"]
    assert change["version"] == change["body"]["version"]
    return dict(change["body"])


def turn(day: date) -> None:
    with writing() as session:
        reach.turn_day(session, day)
        service.turn_day(session, day)


def scope(street: Street, day: date = DAY) -> Scope:
    return Scope(street.admin, day, (Holding("admin", None),))


def test_everybody_with_a_live_post_under_the_area_is_told(street: Street, hold: Hold) -> None:
    hold(area=street.communities[0])
    assert inbox(street.workers[0]) == inbox(street.leader) == [("put", "river@1")]
    for other in (street.workers[3], street.supervisor, street.admin):
        assert inbox(other) == []
    told = body(street.workers[0])
    assert (told["id"], told["name"], told["from_day"]) == ("river", "河道巡查", "2026-11-26")
    assert told["deadlines"]["default"]["limit"] == [3, "work_day"]


def test_a_pack_for_all_is_told_to_all(street: Street, hold: Hold) -> None:
    hold()
    for member in (*street.workers, street.supervisor, street.admin):
        assert inbox(member) == [("put", "river@1")]


def test_one_that_begins_later_is_told_on_its_day(street: Street, hold: Hold) -> None:
    hold(version=1)
    hold(version=2, from_day=TOMORROW)
    assert inbox(street.workers[0]) == [("put", "river@1")]
    turn(TOMORROW)
    assert inbox(street.workers[0]) == [("remove", "no_longer_in_force"), ("put", "river@2")]


def test_the_second_turn_of_a_day_tells_nothing(street: Street, hold: Hold) -> None:
    hold()
    turn(TOMORROW)
    with reading() as session:
        before = feed.counter(session, street.workers[0])
    turn(TOMORROW)
    turn(TOMORROW + timedelta(days=1))
    with reading() as session:
        assert feed.counter(session, street.workers[0]) == before


def test_a_nearer_pack_takes_the_place_of_a_wider_one(street: Street, hold: Hold) -> None:
    hold("all")
    hold("own", area=street.grids[0])
    assert inbox(street.workers[0]) == [("remove", "no_longer_in_force"), ("put", "own@1")]
    assert inbox(street.workers[1]) == [("put", "all@1")]


def test_who_gets_a_post_gets_its_pack_and_loses_it_with_the_post(
    street: Street, hold: Hold
) -> None:
    hold(area=street.street)
    new = factories.member()
    given = {"member": new, "area": street.grids[0], "role": "operator", "backup_of": None}
    with writing() as session:
        made = posts.create(session, scope(street), given | {"from_day": DAY, "to_day": None})
        post = made.id
    assert inbox(new) == [("put", "river@1")]
    with writing() as session:
        posts.end(session, scope(street), post)
    assert inbox(new) == [("remove", "no_longer_in_force")]


def test_a_post_that_begins_tomorrow_gets_its_pack_tomorrow(street: Street, hold: Hold) -> None:
    hold(area=street.street)
    new = factories.member()
    given = {"member": new, "area": street.grids[0], "role": "operator", "backup_of": None}
    with writing() as session:
        posts.create(session, scope(street), given | {"from_day": TOMORROW, "to_day": TOMORROW})
    assert inbox(new) == []
    turn(TOMORROW)
    assert inbox(new) == [("put", "river@1")]
    turn(TOMORROW + timedelta(days=1))
    assert inbox(new) == [("remove", "no_longer_in_force")]


def test_two_posts_under_one_pack_get_it_once(street: Street, hold: Hold) -> None:
    factories.post(street.workers[0], "operator", street.grids[3])
    hold(area=street.communities[0])
    hold(area=street.communities[1], from_day=DAY - timedelta(days=9))
    assert inbox(street.workers[0]) == [("put", "river@1")]
    assert body(street.workers[0])["from_day"] == "2026-11-17"


def test_an_area_that_moves_takes_its_people_under_another_pack(street: Street, hold: Hold) -> None:
    hold("first", area=street.communities[0])
    hold("second", area=street.communities[1])
    with writing() as session:
        changed = {"parent": street.communities[1]}
        areas.change(session, scope(street), street.grids[0], 1, changed)
    assert inbox(street.workers[0]) == [("remove", "no_longer_in_force"), ("put", "second@1")]
    assert inbox(street.workers[1]) == [("put", "first@1")]


def test_nobody_is_told_where_there_are_no_packs(street: Street) -> None:
    turn(TOMORROW)
    assert inbox(street.workers[0]) == []


@pytest.mark.parametrize("op", ["put", "remove"])
def test_a_pack_out_of_reach_is_never_rendered(street: Street, hold: Hold, op: str) -> None:
    hold(area=street.communities[0])
    with writing() as session:
        stranger = street.workers[3]
        rows = feed.page(session, street.workers[0], 0, 100)
        object_ = next(c["id"] for c in rows if c["kind"] == "pack")
        feed.publish(session, [feed.Change(stranger, "pack", object_, 1, op)])
    assert inbox(stranger) == [("remove", "gone")]


def test_the_job_of_the_day_turns_packs_too(app: Flask, street: Street, hold: Hold) -> None:
    from datetime import UTC, datetime

    from server.jobs import rooms

    hold(from_day=TOMORROW)
    settings = app.extensions["gewu_settings"]
    rooms.turn_day(settings, datetime(2026, 11, 26, 12, tzinfo=UTC))
    assert inbox(street.workers[0]) == []
    rooms.turn_day(settings, datetime(2026, 11, 26, 16, tzinfo=UTC))
    assert inbox(street.workers[0]) == [("put", "river@1")]
