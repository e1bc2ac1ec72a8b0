"""Doors to members."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from server.grid import roles
from server.grid.models import Member
from server.kernel.audit import AuditEntry
from server.kernel.database import reading
from tests import factories
from tests.factories import Street, auth
from tests.grid.conftest import Call, errors_of, feed_of

LI = {"username": "Li.Hua", "name": "李华", "phone": "138 0000 8000", "language": "en"}


def test_a_member_is_made_with_its_number_sealed_and_masked(call: Call, street: Street) -> None:
    made = call(street.admin, "POST", "/members", LI | {"password": "长一点的口令才行的吧"})
    assert made.status_code == 201
    body = made.json
    assert (body["username"], body["name"], body["language"]) == ("li.hua", "李华", "en")
    assert body["phone"] == "138****8000"
    assert "password" not in body
    with reading() as session:
        row = session.get_one(Member, body["id"])
        assert "8000" not in str(row.phone) and str(row.password).startswith("$argon2id$")
        details = session.scalars(select(AuditEntry.detail)).all()
    assert not [detail for detail in details if "8000" in detail or "李" in detail]
    assert feed_of(body["id"]) == [("member", body["id"], "put")]


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"name": ""}, "invalid", "name"),
        ({"name": None}, "invalid", "name"),
        ({"name": "\ud800"}, "invalid", "name"),
        ({"username": "a" * 65}, "invalid", "username"),
        ({"username": "ﷺ" * 4}, "invalid", "username"),
        ({"username": 5}, "invalid", "username"),
        ({"phone": "call me"}, "invalid", "phone"),
        ({"phone": "1" * 30}, "invalid", "phone"),
        ({"password": "short"}, "password_weak", "password"),
        ({"password": ["x"] * 10}, "invalid", "password"),
        ({"language": "fr"}, "invalid", "language"),
        ({"roles": ["admin"]}, "invalid", "roles"),
    ],
)
def test_a_bad_member_is_refused_by_field(
    call: Call, street: Street, change: dict[str, Any], code: str, field: str
) -> None:
    answer = call(street.admin, "POST", "/members", LI | change)
    assert (answer.status_code, answer.json["code"]) == (422, code)
    assert field in errors_of(answer)


def test_a_user_name_is_taken_in_every_spelling(call: Call, street: Street) -> None:
    first = call(street.admin, "POST", "/members", LI).json
    again = call(street.admin, "POST", "/members", LI | {"username": " ＬＩ．hua "})
    assert (again.status_code, again.json["code"]) == (422, "username_taken")
    path = f"/members/{street.workers[0]}"
    changed = call(street.admin, "PATCH", path, {"username": "LI.HUA"}, if_match=1)
    assert (changed.status_code, changed.json["code"]) == (422, "username_taken")
    own = call(street.admin, "PATCH", f"/members/{first['id']}", LI, if_match=1)
    assert own.status_code == 200


def test_members_without_user_names_do_not_collide(call: Call, street: Street) -> None:
    for name in ("甲", "乙"):
        assert call(street.admin, "POST", "/members", {"name": name}).status_code == 201


def test_a_change_needs_the_version_and_goes_to_the_phone(call: Call, street: Street) -> None:
    member = street.workers[0]
    path = f"/members/{member}"
    assert call(street.supervisor, "PATCH", path, {"name": "王"}).status_code == 428
    changed = call(street.supervisor, "PATCH", path, {"name": "王"}, if_match=1)
    assert (changed.json["name"], changed.json["version"]) == ("王", 2)
    assert call(street.supervisor, "PATCH", path, {"name": "张"}, if_match=1).status_code == 412
    assert feed_of(member) == [("member", member, "put")]


def test_members_are_found_by_name_and_user_name(call: Call, street: Street) -> None:
    call(street.admin, "POST", "/members", LI)
    for q, found in [("李", 1), ("LI.h", 1), ("i_h", 0), ("%25", 0), ("成员", 9)]:
        assert len(call(street.admin, "GET", f"/members?q={q}").json["results"]) == found
    first = call(street.admin, "GET", "/members?q=成员&limit=8").json
    rest = call(street.admin, "GET", f"/members?q=成员&limit=8&after={first['next']}").json
    assert (len(first["results"]), len(rest["results"]), rest["next"]) == (8, 1, None)


def test_everybody_changes_the_own_phone_but_not_the_own_name(call: Call, street: Street) -> None:
    member = street.workers[0]
    path = f"/members/{member}"
    changed = call(member, "PATCH", path, {"phone": "+8613900001234"}, if_match=1)
    assert changed.json["phone"] == "139****1234"
    assert call(member, "PATCH", path, {"name": "主任"}, if_match=2).status_code == 403
    assert call(street.workers[1], "GET", path).status_code == 404
    assert call(street.workers[1], "PATCH", path, {"phone": None}, if_match=2).status_code == 404


def test_a_new_password_ends_the_sessions(call: Call, street: Street) -> None:
    member = street.workers[0]
    assert call(member, "GET", f"/members/{member}").status_code == 200
    change = {"password": "abcdefghij"}
    path = f"/members/{member}"
    assert call(street.supervisor, "PATCH", path, change, if_match=1).status_code == 200
    assert call(member, "GET", f"/members/{member}").status_code == 401


def test_an_api_token_sets_no_password(app: Flask, call: Call, street: Street) -> None:
    headers = auth(factories.token_for(street.admin, "api"), if_match="1")
    client = app.test_client()
    body = {"password": "abcdefghij"}
    path = f"/api/v1/members/{street.admin}"
    assert client.patch(path, json=body, headers=headers).status_code == 403
    made = client.post("/api/v1/members", json=LI | body, headers=headers)
    assert made.status_code == 403
    assert client.post("/api/v1/members", json=LI, headers=headers).status_code == 201


def test_a_small_post_gives_no_hold_on_a_big_one(call: Call, street: Street) -> None:
    """Who may give a worker's post cannot take over the account of an admin by it."""
    boss = factories.member(roles.ADMIN, None)
    factories.post(boss, roles.OPERATOR, street.communities[0])
    path = f"/members/{boss}"
    assert call(street.supervisor, "GET", path).status_code == 200
    for change in ({"password": "abcdefghij"}, {"username": "x"}):
        assert call(street.supervisor, "PATCH", path, change, if_match=1).status_code == 403
    assert call(street.supervisor, "POST", f"{path}/end").status_code == 403
    assert call(street.leader, "PATCH", path, {"name": "x"}, if_match=1).status_code == 403


def test_ending_a_member_ends_posts_tokens_and_drains_phones(call: Call, street: Street) -> None:
    member = street.workers[0]
    phone = factories.device_for(member)
    assert call(member, "GET", "/areas").status_code == 200
    ended = call(street.supervisor, "POST", f"/members/{member}/end")
    assert (ended.status_code, ended.json["active"], ended.json["roles"]) == (200, False, [])
    assert call(member, "GET", "/areas").status_code == 401
    device = call(street.supervisor, "GET", f"/devices/{phone.install}").json
    assert device["state"] == "draining"
    assert feed_of(member) == [("area", street.grids[0], "remove"), ("member", member, "put")]
    again = call(street.supervisor, "POST", f"/members/{member}/end")
    assert (again.status_code, again.json["code"]) == (409, "state_illegal")
    post = {"member": member, "area": street.grids[0], "role": "worker", "from_day": "2026-01-01"}
    assert call(street.admin, "POST", "/posts", post).json["code"] == "reference_unknown"


def test_nobody_ends_itself(call: Call, street: Street) -> None:
    answer = call(street.admin, "POST", f"/members/{street.admin}/end")
    assert (answer.status_code, answer.json["code"]) == (409, "state_illegal")


def test_foreign_members_are_not_found(call: Call, street: Street) -> None:
    local = factories.member(roles.SUPERVISOR, street.communities[0])
    path = f"/members/{street.workers[5]}"
    assert call(local, "GET", path).status_code == 404
    assert call(local, "PATCH", path, {"name": "x"}, if_match=1).status_code == 404
    assert call(local, "POST", f"{path}/end").status_code == 404
    seen = {member["id"] for member in call(local, "GET", "/members").json["results"]}
    assert seen == {local, street.leader, *street.workers[:3]}
    assert call(street.workers[0], "GET", "/members").status_code == 403
