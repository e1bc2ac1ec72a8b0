"""The door of the patrol room: the list of shifts."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from server.grid import roles
from server.kernel.database import writing
from server.kernel.ids import uuid7
from server.patrol.handlers import handle_shifts
from tests import factories
from tests.factories import Street, auth, token_for
from tests.patrol import given

SHIFTS = "/api/v1/shifts"


@pytest.fixture
def street(app: Flask) -> Street:
    return factories.street()


def opened(street: Street, hours: int = 0) -> list[str]:
    """A shift in each cell, begun some hours after the morning; their ids."""
    ids = [uuid7() for _ in street.workers]
    at = given.MORNING + timedelta(hours=hours)
    items = [
        given.start(worker, shift, at, area=grid)
        for worker, grid, shift in zip(street.workers, street.grids, ids, strict=True)
    ]
    with writing() as session:
        handle_shifts(session, items)
    return ids


def listed(client: FlaskClient, token: str, **query: Any) -> list[str]:
    answer = client.get(SHIFTS, query_string=query, headers=auth(token))
    assert answer.status_code == 200, answer.json
    return [row["id"] for row in answer.json["results"]]


def test_the_list_shows_what_is_within_reach(client: FlaskClient, street: Street) -> None:
    shifts = opened(street)
    assert listed(client, token_for(street.leader)) == sorted(shifts[:3])
    assert listed(client, token_for(street.supervisor)) == sorted(shifts)
    assert listed(client, token_for(street.admin)) == sorted(shifts)


def test_the_list_is_narrowed(client: FlaskClient, street: Street) -> None:
    token = token_for(street.supervisor)
    early, late = opened(street), opened(street, hours=3)
    noon = "2026-11-22T03:00:00Z"
    assert listed(client, token, member=street.workers[2]) == sorted([early[2], late[2]])
    assert listed(client, token, area=street.communities[1]) == sorted(early[3:] + late[3:])
    assert listed(client, token, **{"from": noon}) == sorted(late)
    assert listed(client, token, to=noon) == sorted(early)
    in_order = sorted(early + late)
    assert listed(client, token, after=in_order[5]) == in_order[6:]


def test_an_end_without_its_start_counts_by_its_own_time(
    client: FlaskClient, street: Street
) -> None:
    shift = uuid7()
    with writing() as session:
        handle_shifts(session, [given.end(street.workers[0], shift, area=street.grids[0])])
    token = token_for(street.leader)
    assert listed(client, token, **{"from": "2026-11-22T09:00:00Z"}) == [shift]
    assert listed(client, token, to="2026-11-22T09:00:00Z") == []


def test_the_list_is_paged(client: FlaskClient, street: Street) -> None:
    shifts = sorted(opened(street))
    headers = auth(token_for(street.supervisor))
    first = client.get(SHIFTS, query_string={"limit": 4}, headers=headers).json
    assert ([row["id"] for row in first["results"]], first["next"]) == (shifts[:4], shifts[3])


@pytest.mark.parametrize(
    "query", [{"after": "x"}, {"member": "x"}, {"area": "x"}, {"from": "x"}, {"to": "2026-11-22"}]
)
def test_the_list_refuses_bad_queries(
    client: FlaskClient, street: Street, query: dict[str, str]
) -> None:
    answer = client.get(SHIFTS, query_string=query, headers=auth(token_for(street.leader)))
    assert (answer.status_code, answer.json["code"]) == (422, "invalid")


def test_workers_and_strangers_do_not_enter(client: FlaskClient, street: Street) -> None:
    worker = token_for(factories.member(roles.WORKER, street.grids[0]))
    assert client.get(SHIFTS, headers=auth(worker)).status_code == 403
    assert client.get(SHIFTS).status_code == 401
