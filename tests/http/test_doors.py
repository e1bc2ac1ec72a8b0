"""Route × role × own/foreign area, generated from the URL map. An unlisted route fails."""

import inspect
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.grid.roles import AREALESS, LEADER, OPERATOR, ROLES, WORKER
from tests import factories
from tests.http.doors import DEVICE, OWN_ONLY, PEOPLE, PUBLIC, Door, World


def routes(app: Flask) -> Iterator[tuple[str, str]]:
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            yield method, rule.rule


def test_every_route_stands_in_the_table(app: Flask) -> None:
    assert set(routes(app)) == set(PEOPLE) | DEVICE | PUBLIC


def test_views_and_hooks_are_plain_functions(app: Flask) -> None:
    """Nobody would await another (server/app.py)."""
    views = app.view_functions.values()
    classes = [view.view_class for view in views if hasattr(view, "view_class")]
    methods = [getattr(of, name.lower()) for of in classes for name in of.methods or ()]
    by_name = (app.before_request_funcs, app.after_request_funcs, app.teardown_request_funcs)
    hooks = [hook for hooks in by_name for of in hooks.values() for hook in of]
    assert methods and hooks
    every = [*views, *methods, *hooks, *app.teardown_appcontext_funcs]
    assert not any(map(inspect.iscoroutinefunction, every))


@pytest.fixture
def world(app: Flask, client: FlaskClient) -> World:
    return World(client, factories.street(), factories.street())


def caller(world: World, role: str) -> str:
    """A token of somebody who holds only a post of `role`, in the own street."""
    if role in AREALESS:
        return factories.token_for(factories.member(role, None))
    if role in (WORKER,):
        return factories.token_for(factories.member(role, world.own.grids[0]))
    if role in (LEADER, OPERATOR):
        return factories.token_for(factories.member(role, world.own.communities[0]))
    return factories.token_for(factories.member(role, world.own.street))


def enter(world: World, method: str, door: Door, token: str | None, side: str) -> TestResponse:
    knock = door.knock(world, side)
    headers = dict(knock.headers) | (factories.auth(token) if token else {})
    answer = world.client.open(knock.path, method=method, json=knock.body, headers=headers)
    answer.hidden_id = knock.hidden  # type: ignore[attr-defined]
    return answer


def expected(key: tuple[str, str], door: Door, role: str, side: str) -> tuple[int, ...]:
    """The statuses that are right; lists answer 200 and hide what is out of reach."""
    if role not in door.allowed:
        return (403, 404) if key in OWN_ONLY or not door.allowed else (403,)
    if side == "own" or door.foreign is None or role in AREALESS:
        return (door.ok,)
    return (door.foreign,)


@pytest.mark.parametrize("key", list(PEOPLE), ids=lambda key: f"{key[0]} {key[1]}")
def test_who_may_enter(world: World, key: tuple[str, str]) -> None:
    method, path = key
    door = PEOPLE[key]
    is_list = method == "GET" and door.foreign is not None and "<" not in path
    for role in ROLES:
        for side in ("own", "foreign"):
            answer = enter(world, method, door, caller(world, role), side)
            where = (role, side, answer.status_code, answer.data[:300])
            if is_list:
                in_reach = role in door.allowed and (side == "own" or role in AREALESS)
                found = answer.hidden_id.encode() in answer.data  # type: ignore[attr-defined]
                assert answer.status_code in (200, 403), where
                assert found == in_reach, where
            else:
                assert answer.status_code in expected(key, door, role, side), where


@pytest.mark.parametrize("key", list(PEOPLE), ids=lambda key: f"{key[0]} {key[1]}")
def test_nobody_enters_without_a_token_or_with_a_device_token(
    world: World, key: tuple[str, str]
) -> None:
    door = PEOPLE[key]
    foreign_phone = world.phone("foreign").token
    assert enter(world, key[0], door, None, "own").status_code == 401
    assert enter(world, key[0], door, "gws_made-up", "own").status_code == 401
    with_phone = enter(world, key[0], door, foreign_phone, "own").status_code
    if "/packs/<id_>/" in key[1]:
        assert with_phone == 200  # a pack says nothing of people or places
    else:
        # Open to phones too, but not for what is somebody else's.
        either = ("/media/<sha256>", "/links", "/notices/<uuid:notice>/read")
        assert with_phone == (404 if key[1].endswith(either) else 401)


@pytest.mark.parametrize("key", sorted(DEVICE), ids=lambda key: f"{key[0]} {key[1]}")
def test_only_devices_enter_here(world: World, key: tuple[str, str]) -> None:
    method, path = key
    path = path.replace("<upload_id>", world.own.street)
    for token in (None, "gwd_made-up", factories.token_for(world.own.admin)):
        headers = {"Tus-Resumable": "1.0.0"} | (factories.auth(token) if token else {})
        assert world.client.open(path, method=method, headers=headers).status_code == 401


@pytest.mark.parametrize("key", sorted(PUBLIC), ids=lambda key: f"{key[0]} {key[1]}")
def test_anybody_enters_here(world: World, key: tuple[str, str]) -> None:
    method, path = key
    path = path.replace("<name>", "docs.js")
    answer = world.client.open(path, method=method, json={} if method == "POST" else None)
    right = 422 if method == "POST" else 404 if "<code>" in path else 200
    assert answer.status_code == right
