"""Doors to posts."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from server.grid import roles
from server.grid.service import reach
from server.kernel import feed
from server.kernel.database import reading, writing
from tests import factories
from tests.factories import Street
from tests.grid.conftest import Call, errors_of, feed_of, reach_of


def new_post(member: str, area: str | None, role: str = "worker", **given: Any) -> dict[str, Any]:
    return {"member": member, "area": area, "role": role, "from_day": "2026-01-01"} | given


def holder(call: Call, street: Street, area: str) -> str:
    """The id of the worker post of the area."""
    (post,) = call(street.admin, "GET", f"/posts?area={area}&role=worker").json["results"]
    return str(post["id"])


def test_a_post_given_is_on_the_feed_and_in_force_at_once(call: Call, street: Street) -> None:
    member = factories.member(created_by=street.supervisor)
    post = new_post(member, street.communities[1], "leader")
    made = call(street.supervisor, "POST", "/posts", post)
    assert made.status_code == 201
    assert made.json["to_day"] is None
    areas = {("area", area, "put") for area in (street.communities[1], *street.grids[3:])}
    assert set(feed_of(member)) == areas | {("member", member, "put")}
    assert call(member, "GET", f"/areas/{street.grids[3]}").status_code == 200
    with reading() as session:
        bodies = {change["id"]: change["body"] for change in feed.page(session, member, 0, 9)}
    assert bodies[member]["roles"] == ["leader"]
    assert bodies[member]["posts"] == [
        {
            "id": made.json["id"],
            "role": "leader",
            "area": street.communities[1],
            "area_name": "第2社区",
            "backup_of": None,
        }
    ]
    assert bodies[street.grids[3]]["parent"] == street.communities[1]


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"area": None}, "invalid", "area"),
        ({"to_day": "2025-12-31"}, "period_reversed", "to_day"),
        ({"role": "king"}, "invalid", "role"),
        ({"code": "Head"}, "invalid", "code"),
        ({"code": "h" * 33}, "invalid", "code"),
        ({"code": ""}, "invalid", "code"),
        ({"from_day": "someday"}, "invalid", "from_day"),
        ({"from_day": None}, "invalid", "from_day"),
        ({"member": "x"}, "invalid", "member"),
        ({"member": "0199aaaa-0000-7000-8000-000000000000"}, "reference_unknown", "member"),
        ({"area": "0199aaaa-0000-7000-8000-000000000000"}, "reference_unknown", "area"),
        ({"backup_of": "0199aaaa-0000-7000-8000-000000000000"}, "reference_unknown", "backup_of"),
    ],
)
def test_a_bad_post_is_refused_by_field(
    call: Call, street: Street, change: dict[str, Any], code: str, field: str
) -> None:
    body = new_post(street.workers[0], street.communities[0], "leader") | change
    answer = call(street.admin, "POST", "/posts", body)
    assert (answer.status_code, answer.json["code"]) == (422, code)
    assert field in errors_of(answer)


def test_a_taken_post_names_its_holder_and_has_room_for_a_backup(
    call: Call, street: Street
) -> None:
    held = holder(call, street, street.grids[0])
    other = street.workers[1]
    taken = call(street.admin, "POST", "/posts", new_post(other, street.grids[0]))
    assert (taken.status_code, taken.json["code"]) == (422, "post_taken")
    assert taken.json["errors"] == {"area": [held]}
    backup = new_post(other, street.grids[0], backup_of=held)
    made = call(street.admin, "POST", "/posts", backup)
    assert (made.status_code, made.json["backup_of"]) == (201, held)
    wrong = new_post(other, street.grids[2], backup_of=held)
    assert call(street.admin, "POST", "/posts", wrong).json["code"] == "backup_wrong"


def test_a_post_passes_on_when_it_ends(app: Flask, call: Call, street: Street) -> None:
    held = holder(call, street, street.grids[0])
    today = reach_of(app, street.admin).day
    call(street.admin, "PATCH", f"/posts/{held}", {"to_day": today.isoformat()}, if_match=1)
    tomorrow = (today + timedelta(days=1)).isoformat()
    after = new_post(street.workers[1], street.grids[0], from_day=tomorrow)
    assert call(street.admin, "POST", "/posts", after).status_code == 201
    reopened = call(street.admin, "PATCH", f"/posts/{held}", {"to_day": None}, if_match=2)
    assert reopened.json["code"] == "post_taken"


def test_ending_a_post_takes_the_area_away_at_once(app: Flask, call: Call, street: Street) -> None:
    held = holder(call, street, street.grids[0])
    yesterday = reach_of(app, street.admin).day - timedelta(days=1)
    ended = call(street.supervisor, "POST", f"/posts/{held}/end")
    assert (ended.status_code, ended.json["to_day"]) == (200, yesterday.isoformat())
    member = street.workers[0]
    assert feed_of(member) == [("area", street.grids[0], "remove"), ("member", member, "put")]
    assert call(member, "GET", "/areas").status_code == 403
    assert call(street.supervisor, "POST", f"/posts/{held}/end").json == ended.json


def test_an_area_reached_by_another_post_stays(call: Call, street: Street) -> None:
    factories.post(street.workers[0], roles.OPERATOR, street.communities[0])
    held = holder(call, street, street.grids[0])
    call(street.supervisor, "POST", f"/posts/{held}/end")
    assert feed_of(street.workers[0]) == [("member", street.workers[0], "put")]


def test_a_post_of_later_comes_with_its_day(app: Flask, call: Call, street: Street) -> None:
    day = reach_of(app, street.admin).day + timedelta(days=7)
    body = new_post(street.workers[0], street.communities[1], "operator", from_day=day.isoformat())
    assert call(street.admin, "POST", "/posts", body).status_code == 201
    assert feed_of(street.workers[0]) == []
    with writing() as session:
        reach.turn_day(session, day)
    told = feed_of(street.workers[0])
    assert ("area", street.communities[1], "put") in told
    with writing() as session:
        reach.turn_day(session, day)
    assert feed_of(street.workers[0]) == told


def test_a_change_needs_the_version_and_a_day_in_order(call: Call, street: Street) -> None:
    path = f"/posts/{holder(call, street, street.grids[0])}"
    assert call(street.admin, "PATCH", path, {"to_day": None}).status_code == 428
    assert call(street.admin, "PATCH", path, {"to_day": None}, if_match=2).status_code == 412
    assert call(street.admin, "PATCH", path, {}, if_match=1).status_code == 422
    reversed_ = call(street.admin, "PATCH", path, {"to_day": "2019-12-31"}, if_match=1)
    assert reversed_.json["code"] == "period_reversed"
    changed = call(street.admin, "PATCH", path, {"to_day": "2020-12-31"}, if_match=1)
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')


@pytest.mark.parametrize("role", roles.ROLES)
def test_supervisors_give_field_posts_only(call: Call, street: Street, role: str) -> None:
    member = factories.member(created_by=street.supervisor)
    body = new_post(member, street.street, role)
    field = role in ("worker", "leader", "operator")
    assert call(street.supervisor, "POST", "/posts", body).status_code == (201 if field else 403)


def test_admins_give_posts_without_an_area(call: Call, street: Street) -> None:
    local = factories.member(roles.ADMIN, street.street)
    body = new_post(street.workers[0], None, "auditor")
    assert call(local, "POST", "/posts", body).status_code == 403
    made = call(street.admin, "POST", "/posts", body)
    assert (made.status_code, made.json["area"]) == (201, None)


def test_foreign_posts_are_not_found_and_not_given(call: Call, street: Street) -> None:
    local = factories.member(roles.SUPERVISOR, street.communities[0])
    foreign = holder(call, street, street.grids[5])
    for method, path in [
        ("GET", f"/posts/{foreign}"),
        ("PATCH", f"/posts/{foreign}"),
        ("POST", f"/posts/{foreign}/end"),
    ]:
        body = {"to_day": None} if method == "PATCH" else None
        assert call(local, method, path, body, if_match=1).status_code == 404
    into = new_post(street.workers[0], street.communities[1], "operator")
    assert call(local, "POST", "/posts", into).status_code == 403
    whom = new_post(street.workers[5], street.communities[0], "operator")
    assert call(local, "POST", "/posts", whom).status_code == 403
    seen = call(local, "GET", f"/posts?area={street.grids[5]}").json["results"]
    assert seen == []


def test_one_sees_the_own_posts(call: Call, street: Street) -> None:
    path = f"/posts/{holder(call, street, street.grids[0])}"
    assert call(street.workers[0], "GET", path).status_code == 200
    assert call(street.workers[1], "GET", path).status_code == 404
    assert call(street.workers[0], "POST", f"{path}/end").status_code == 403


def test_a_post_says_which_of_the_pack_it_is(call: Call, street: Street) -> None:
    member, area = street.workers[0], street.communities[1]
    head = call(street.admin, "POST", "/posts", new_post(member, area, "leader", code="head"))
    assert (head.status_code, head.json["code"]) == (201, "head")
    contact = new_post(street.workers[1], area, "leader")
    taken = call(street.admin, "POST", "/posts", contact)
    assert (taken.json["code"], taken.json["errors"]) == ("post_taken", {"area": [head.json["id"]]})
    beside = call(street.admin, "POST", "/posts", contact | {"code": "contact"})
    assert beside.status_code == 201
    listed = call(street.admin, "GET", f"/posts?area={area}&role=leader").json["results"]
    assert [post["code"] for post in listed] == ["head", "contact"]


def test_a_backup_is_the_post_that_it_backs_unless_it_says_otherwise(
    call: Call, street: Street
) -> None:
    area = street.communities[1]
    first = call(
        street.admin, "POST", "/posts", new_post(street.workers[0], area, "leader", code="head")
    )
    backup = new_post(street.workers[1], area, "leader", backup_of=first.json["id"])
    assert call(street.admin, "POST", "/posts", backup).json["code"] == "head"
    other = backup | {"member": street.workers[2], "code": "deputy"}
    assert call(street.admin, "POST", "/posts", other).json["code"] == "deputy"


def test_the_code_of_a_post_is_set_and_taken_away(call: Call, street: Street) -> None:
    path = f"/posts/{holder(call, street, street.grids[0])}"
    coded = call(street.admin, "PATCH", path, {"code": "member"}, if_match=1)
    assert (coded.status_code, coded.json["code"], coded.json["to_day"]) == (200, "member", None)
    bare = call(street.admin, "PATCH", path, {"code": None}, if_match=2)
    assert (bare.json["code"], bare.headers["ETag"]) == (None, '"3"')
    assert call(street.admin, "PATCH", path, {"code": "?"}, if_match=3).status_code == 422


def test_a_code_taken_away_may_leave_no_room(call: Call, street: Street) -> None:
    area = street.communities[1]
    for number, code in enumerate(("head", "contact")):
        body = new_post(street.workers[number], area, "leader", code=code)
        made = call(street.admin, "POST", "/posts", body)
        assert made.status_code == 201
    refused = call(street.admin, "PATCH", f"/posts/{made.json['id']}", {"code": None}, if_match=1)
    assert refused.json["code"] == "post_taken"
