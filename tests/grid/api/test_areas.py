"""Doors to trees and areas."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from server.grid import roles
from server.grid.service import reach
from server.kernel.database import writing
from tests import factories
from tests.factories import SIDE, SOUTH, WEST, Street, square
from tests.grid.conftest import Call, errors_of, feed_of, reach_of

NEW_TREE = {
    "code": "fire",
    "name": "消防",
    "levels": [{"code": "big", "name": "大网格"}, {"code": "small", "name": "小网格"}],
}
FREE = square(SOUTH, WEST + 3 * SIDE, SIDE, SIDE)


def new_grid(street: Street, **given: Any) -> dict[str, Any]:
    """A sound seventh cell of the first community."""
    return {
        "tree": street.tree,
        "parent": street.communities[0],
        "level": "grid",
        "code": "330199001001004",
        "name": "新网格",
        "geometry": FREE,
    } | given


def test_a_tree_is_made_and_listed(call: Call, street: Street) -> None:
    made = call(street.admin, "POST", "/trees", NEW_TREE)
    assert made.status_code == 201
    assert made.json == NEW_TREE
    listed = call(street.workers[0], "GET", "/trees?limit=1").json
    assert [tree["code"] for tree in listed["results"]] == ["fire"]
    rest = call(street.workers[0], "GET", f"/trees?after={listed['next']}").json
    assert [tree["code"] for tree in rest["results"]] == [street.tree]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"levels": []}, "levels"),
        ({"levels": [{"code": "a", "name": "a"}] * 2}, "levels"),
        ({"levels": "a"}, "levels"),
        ({"code": ""}, "code"),
        ({"code": "x" * 33}, "code"),
        ({"name": "a\x00b"}, "name"),
        ({"nonsense": 1}, "nonsense"),
    ],
)
def test_a_bad_tree_is_refused_by_field(
    call: Call, street: Street, change: dict[str, Any], field: str
) -> None:
    answer = call(street.admin, "POST", "/trees", NEW_TREE | change)
    assert answer.status_code == 422
    assert field in str(answer.json["errors"])


def test_a_tree_code_is_taken_once(call: Call, street: Street) -> None:
    answer = call(street.admin, "POST", "/trees", NEW_TREE | {"code": street.tree})
    assert (answer.status_code, answer.json["code"]) == (422, "code_taken")


def test_an_admin_of_an_area_makes_no_tree(call: Call, street: Street) -> None:
    local = factories.member(roles.ADMIN, street.street)
    assert call(local, "POST", "/trees", NEW_TREE).status_code == 403
    root = {"tree": street.tree, "level": "street", "code": "330199002", "name": "邻街道"}
    assert call(local, "POST", "/areas", root).status_code == 403
    assert call(street.admin, "POST", "/areas", root).status_code == 201


def test_an_area_is_made_shown_and_listed(call: Call, street: Street) -> None:
    made = call(street.admin, "POST", "/areas", new_grid(street))
    assert made.status_code == 201
    assert made.json["geometry"] == FREE
    assert made.json["version"] == 1
    shown = call(street.leader, "GET", f"/areas/{made.json['id']}")
    assert shown.json == made.json
    assert shown.headers["ETag"] == '"1"'
    below = call(street.leader, "GET", f"/areas?parent={street.communities[0]}&limit=3").json
    assert [area["id"] for area in below["results"]] == street.grids[:3]
    rest = call(
        street.leader, "GET", f"/areas?parent={street.communities[0]}&after={below['next']}"
    )
    assert [area["id"] for area in rest.json["results"]] == [made.json["id"]]


def test_an_area_made_twice_under_one_key_stands_once(call: Call, street: Street) -> None:
    first, second = (
        call(street.admin, "POST", "/areas", new_grid(street), idempotency_key="k") for _ in "12"
    )
    assert first.json == second.json
    assert second.headers["Idempotent-Replayed"] == "true"


SHARP = [[WEST, SOUTH], [WEST + 1, SOUTH + 1], [WEST + 1, SOUTH], [WEST, SOUTH + 1], [WEST, SOUTH]]


@pytest.mark.parametrize(
    ("change", "code", "field", "words"),
    [
        ({"code": "12"}, "code_format", "code", "{15}"),
        ({"code": "33019900100100a"}, "code_format", "code", "{15}"),
        ({"code": "330199001001001"}, "code_taken", "code", ""),
        ({"level": "community"}, "level_wrong", "level", "grid"),
        ({"level": "nonsense"}, "level_wrong", "level", "grid"),
        ({"parent": None}, "level_wrong", "level", "street"),
        ({"tree": "nonsense"}, "reference_unknown", "tree", ""),
        ({"parent": "0199aaaa-0000-7000-8000-000000000000"}, "reference_unknown", "parent", ""),
        ({"parent": "nonsense"}, "invalid", "parent", "UUID"),
        (
            {"valid_from": "2026-02-01", "valid_to": "2026-01-31"},
            "period_reversed",
            "valid_to",
            "",
        ),
        ({"valid_from": "2026-02-30"}, "invalid", "valid_from", ""),
        ({"valid_from": "0001-01-01"}, "invalid", "valid_from", "1900"),
        ({"geometry": 5}, "polygon_invalid", "geometry", "type"),
        (
            {"geometry": {"type": "Polygon", "coordinates": [FREE["coordinates"][0][:-1]]}},
            "polygon_invalid",
            "geometry",
            "coordinates.0: the last position",
        ),
        (
            {"geometry": {"type": "Polygon", "coordinates": [SHARP]}},
            "polygon_invalid",
            "geometry",
            "at lat 30.5, lon 120.5",
        ),
        ({"name": 7}, "invalid", "name", ""),
        ({"version": 7}, "invalid", "version", ""),
    ],
)
def test_a_bad_area_is_refused_by_field(
    call: Call, street: Street, change: dict[str, Any], code: str, field: str, words: str
) -> None:
    answer = call(street.admin, "POST", "/areas", new_grid(street) | change)
    assert (answer.status_code, answer.json["code"]) == (422, code)
    errors = errors_of(answer)
    assert words in str(errors[field])


def test_an_overlap_names_the_neighbour_and_the_ground_shared(call: Call, street: Street) -> None:
    half = square(SOUTH, WEST + 2.5 * SIDE, SIDE, SIDE)
    answer = call(street.admin, "POST", "/areas", new_grid(street, geometry=half))
    assert (answer.status_code, answer.json["code"]) == (422, "polygon_overlap")
    (line,) = answer.json["errors"]["geometry"]
    neighbour, area = line.removesuffix(" m²").split(": ")
    assert neighbour == "330199001001003"
    assert 500_000 < int(area) < 600_000


def test_a_cell_may_follow_one_that_ended(call: Call, street: Street) -> None:
    ended = call(street.admin, "POST", f"/areas/{street.grids[2]}/end", {"valid_to": "2026-01-31"})
    assert ended.status_code == 200
    shape = square(SOUTH, round(WEST + 2 * SIDE, 6), SIDE, SIDE)
    answer = call(
        street.admin, "POST", "/areas", new_grid(street, geometry=shape, valid_from="2026-02-01")
    )
    assert answer.status_code == 201
    earlier = new_grid(street, geometry=shape, valid_from="2026-01-31", code="330199001001005")
    assert call(street.admin, "POST", "/areas", earlier).json["code"] == "polygon_overlap"


def test_what_is_not_asked_for_is_not_stored_with_a_geometry(call: Call, street: Street) -> None:
    odd = {
        "type": "Polygon",
        "coordinates": [[[*position, 12.5] for position in FREE["coordinates"][0]]],
        "crs": "a\x00b",
    }
    made = call(street.admin, "POST", "/areas", new_grid(street, geometry=odd))
    assert made.json["geometry"] == FREE


def test_a_change_needs_the_version_that_was_seen(call: Call, street: Street) -> None:
    path = f"/areas/{street.grids[0]}"
    assert call(street.admin, "PATCH", path, {"name": "甲"}).status_code == 428
    assert call(street.admin, "PATCH", path, {"name": "甲"}, if_match="x").status_code == 412
    changed = call(street.admin, "PATCH", path, {"name": "甲"}, if_match='"1"')
    assert (changed.json["name"], changed.json["version"]) == ("甲", 2)
    assert changed.headers["ETag"] == '"2"'
    assert call(street.admin, "PATCH", path, {"name": "乙"}, if_match=1).status_code == 412


def test_a_new_name_reaches_the_members_below_it(call: Call, street: Street) -> None:
    call(street.admin, "PATCH", f"/areas/{street.grids[0]}", {"name": "甲"}, if_match=1)
    area = ("area", street.grids[0], "put")
    assert feed_of(street.workers[0]) == [area, ("member", street.workers[0], "put")]
    assert feed_of(street.leader) == feed_of(street.supervisor) == [area]
    assert feed_of(street.workers[1]) == []


def test_a_cell_that_moves_is_taken_from_some_and_given_to_others(
    call: Call, street: Street
) -> None:
    other = factories.member(roles.LEADER, street.communities[1])
    change = {"parent": street.communities[1]}
    moved = call(street.admin, "PATCH", f"/areas/{street.grids[0]}", change, if_match=1)
    assert moved.status_code == 200
    assert feed_of(street.leader) == [("area", street.grids[0], "remove")]
    assert feed_of(other) == feed_of(street.workers[0]) == [("area", street.grids[0], "put")]
    assert call(street.leader, "GET", f"/areas/{street.grids[0]}").status_code == 404
    assert call(other, "GET", f"/areas/{street.grids[0]}").status_code == 200


def test_a_parent_below_itself_is_refused(call: Call, street: Street) -> None:
    for parent in (street.communities[0], street.grids[0]):
        path = f"/areas/{street.communities[0]}"
        answer = call(street.admin, "PATCH", path, {"parent": parent}, if_match=1)
        assert (answer.status_code, answer.json["code"]) == (422, "tree_cycle")
        assert list(answer.json["errors"]) == ["parent"]


def test_a_parent_of_another_level_or_tree_is_refused(call: Call, street: Street) -> None:
    path = f"/areas/{street.grids[0]}"
    onto_street = call(street.admin, "PATCH", path, {"parent": street.street}, if_match=1)
    assert onto_street.json["code"] == "level_wrong"
    call(street.admin, "POST", "/trees", NEW_TREE)
    big = {"tree": "fire", "level": "big", "code": "1", "name": "大"}
    foreign = call(street.admin, "POST", "/areas", big).json["id"]
    answer = call(street.admin, "PATCH", path, {"parent": foreign}, if_match=1)
    assert answer.json["code"] == "reference_unknown"


def test_the_taken_code_of_a_change_is_refused(call: Call, street: Street) -> None:
    change = {"code": "330199001001002"}
    answer = call(street.admin, "PATCH", f"/areas/{street.grids[0]}", change, if_match=1)
    assert (answer.status_code, answer.json["code"]) == (422, "code_taken")


def test_a_geometry_is_replaced_by_one_beside_its_old_place(call: Call, street: Street) -> None:
    path = f"/areas/{street.grids[2]}"
    wide = square(SOUTH, round(WEST + 2 * SIDE, 6), SIDE, 2 * SIDE)
    assert call(street.admin, "PATCH", path, {"geometry": wide}, if_match=1).status_code == 200
    none = call(street.admin, "PATCH", path, {"geometry": None}, if_match=2)
    assert none.json["geometry"] is None


def test_ending_a_cell_ends_its_posts_when_the_day_is_over(
    app: Flask, call: Call, street: Street
) -> None:
    path = f"/areas/{street.grids[0]}/end"
    today = reach_of(app, street.admin).day
    ended = call(street.admin, "POST", path, {})
    assert ended.json["valid_to"] == today.isoformat()
    (post,) = call(street.admin, "GET", f"/posts?area={street.grids[0]}").json["results"]
    assert post["to_day"] == today.isoformat()
    assert feed_of(street.workers[0]) == []
    yesterday = today - timedelta(days=1)
    assert call(street.admin, "POST", path, {"valid_to": yesterday.isoformat()}).status_code == 200
    assert feed_of(street.workers[0]) == [
        ("area", street.grids[0], "remove"),
        ("member", street.workers[0], "put"),
    ]
    assert feed_of(street.leader) == [("area", street.grids[0], "remove")]


def test_an_area_ends_after_its_parts_and_not_before_it_began(call: Call, street: Street) -> None:
    answer = call(street.admin, "POST", f"/areas/{street.communities[0]}/end", {})
    assert (answer.status_code, answer.json["code"]) == (409, "area_in_use")
    assert len(answer.json["errors"]["children"]) == 3
    made = call(street.admin, "POST", "/areas", new_grid(street, valid_from="2026-05-01")).json
    answer = call(street.admin, "POST", f"/areas/{made['id']}/end", {"valid_to": "2026-04-30"})
    assert (answer.status_code, answer.json["code"]) == (422, "period_reversed")


def test_an_area_that_begins_later_is_not_yet_on_the_feed(
    app: Flask, call: Call, street: Street
) -> None:
    tomorrow = reach_of(app, street.admin).day + timedelta(days=1)
    call(street.admin, "POST", "/areas", new_grid(street, valid_from=tomorrow.isoformat()))
    assert feed_of(street.leader) == []
    with writing() as session:
        reach.turn_day(session, tomorrow)
    assert [(kind, op) for kind, _, op in feed_of(street.leader)] == [("area", "put")]


def test_foreign_areas_are_not_found_and_not_built_upon(call: Call, street: Street) -> None:
    foreign = street.communities[1]
    local = factories.member(roles.ADMIN, street.communities[0])
    for who in (local, street.leader, street.workers[0]):
        assert call(who, "GET", f"/areas/{foreign}").status_code == 404
        seen = call(who, "GET", "/areas?limit=100").json["results"]
        assert foreign not in [area["id"] for area in seen]
    assert call(local, "PATCH", f"/areas/{foreign}", {"name": "x"}, if_match=1).status_code == 404
    assert call(local, "POST", f"/areas/{foreign}/end", {}).status_code == 404
    body = new_grid(street, parent=foreign, code="330199001002004")
    assert call(local, "POST", "/areas", body).status_code == 403
    own = call(local, "PATCH", f"/areas/{street.grids[0]}", {"parent": foreign}, if_match=1)
    assert own.status_code == 403


@pytest.mark.parametrize("path", ["/areas/nonsense", "/areas/0199aaaa-0000-7000-8000-000000000000"])
def test_what_is_no_area_is_not_found(call: Call, street: Street, path: str) -> None:
    assert call(street.admin, "GET", path).status_code == 404
    assert call(street.admin, "PATCH", path, {"name": "x"}, if_match=1).status_code == 404


@pytest.mark.parametrize(
    "query", ["after=nonsense", "limit=0", "limit=501", "parent=x", "level=%00"]
)
def test_bad_queries_are_refused(call: Call, street: Street, query: str) -> None:
    answer = call(street.admin, "GET", f"/areas?{query}")
    assert answer.status_code == 422


def test_a_body_that_is_no_object_is_refused(call: Call, street: Street) -> None:
    for body in ([], "x", 5):
        assert call(street.admin, "POST", "/areas", body).status_code == 422


def test_only_admins_change_areas(call: Call, street: Street) -> None:
    assert call(street.supervisor, "POST", "/areas", new_grid(street)).status_code == 403
    assert call(None, "GET", "/areas").status_code == 401
