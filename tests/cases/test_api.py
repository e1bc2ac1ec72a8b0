"""The door of the cases room: the list of reports, and one of them."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from server.cases.handlers import handle_reports
from server.items.models import Item
from server.kernel.database import writing
from server.kernel.ids import uuid7
from server.media.models import ItemMedia
from tests import factories
from tests.cases import given
from tests.factories import Street, auth, token_for

REPORTS = "/api/v1/reports"


@pytest.fixture
def street(app: Flask) -> Street:
    return factories.street()


def reported(street: Street, **fields: Any) -> list[str]:
    """A report from each cell; their ids."""
    items = [
        given.report(worker, area=grid, **fields)
        for worker, grid in zip(street.workers, street.grids, strict=True)
    ]
    with writing() as session:
        handle_reports(session, items)
    return [item.id for item in items]


def listed(client: FlaskClient, token: str, **query: Any) -> list[str]:
    answer = client.get(REPORTS, query_string=query, headers=auth(token))
    assert answer.status_code == 200, answer.json
    return [row["id"] for row in answer.json["results"]]


def test_the_list_shows_what_is_within_reach(client: FlaskClient, street: Street) -> None:
    reports = reported(street)
    assert listed(client, token_for(street.leader)) == sorted(reports[:3])
    assert listed(client, token_for(street.supervisor)) == sorted(reports)


def test_the_list_is_narrowed(client: FlaskClient, street: Street) -> None:
    token = token_for(street.supervisor)
    early = reported(street)
    late = reported(street, category="0202", estimated=given.AT + timedelta(hours=1))
    noon = "2026-11-22T02:00:00Z"
    assert listed(client, token, category="0202") == sorted(late)
    assert listed(client, token, member=street.workers[2]) == sorted([early[2], late[2]])
    assert listed(client, token, area=street.communities[1]) == sorted(early[3:] + late[3:])
    assert listed(client, token, **{"from": noon}) == sorted(late)
    assert listed(client, token, to=noon) == sorted(early)
    in_order = sorted(early + late)
    assert listed(client, token, after=in_order[5]) == in_order[6:]


def test_the_list_is_paged(client: FlaskClient, street: Street) -> None:
    reports = sorted(reported(street))
    headers = auth(token_for(street.supervisor))
    first = client.get(REPORTS, query_string={"limit": 4}, headers=headers).json
    assert ([row["id"] for row in first["results"]], first["next"]) == (reports[:4], reports[3])


def test_a_duplicate_is_not_listed_but_shown(client: FlaskClient, street: Street) -> None:
    first = given.report(street.workers[0], area=street.grids[0])
    twin = given.report(street.workers[0], area=street.grids[0], duplicate_of=first.id)
    with writing() as session:
        handle_reports(session, [first, twin])
    token = token_for(street.leader)
    assert listed(client, token) == [first.id]
    seen = client.get(f"{REPORTS}/{twin.id}", headers=auth(token)).json
    assert (seen["state"], seen["duplicate_of"]) == ("duplicate", first.id)


@pytest.mark.parametrize(
    "query",
    [
        {"after": "x"},
        {"member": "x"},
        {"area": "x"},
        {"from": "x"},
        {"to": "2026-11-22"},
        {"category": "类" * 65},
    ],
)
def test_the_list_refuses_bad_queries(
    client: FlaskClient, street: Street, query: dict[str, str]
) -> None:
    answer = client.get(REPORTS, query_string=query, headers=auth(token_for(street.leader)))
    assert (answer.status_code, answer.json["code"]) == (422, "invalid")


def test_one_report_with_its_photos(client: FlaskClient, street: Street) -> None:
    report = given.report(street.workers[0], area=street.grids[0], text="井盖缺失")
    _keep(report, stored={"a" * 64: True, "b" * 64: False})
    with writing() as session:
        handle_reports(session, [report])
    answer = client.get(f"{REPORTS}/{report.id}", headers=auth(token_for(street.leader)))
    assert answer.status_code == 200
    assert answer.json["text"] == "井盖缺失"
    media = [(photo["sha256"], photo["stored"]) for photo in answer.json["media"]]
    assert media == [("a" * 64, True), ("b" * 64, False)]


def _keep(item: Any, stored: dict[str, bool]) -> None:
    """The item and its photos as intake keeps them."""
    named = ("id", "install", "member", "seq", "kind", "schema", "sha256", "estimated", "raw")
    columns = {name: getattr(item, name) for name in named}
    columns |= {"content": item.sha256, "at": item.at.isoformat(), "clock": "raw", "flags": []}
    with writing() as session:
        session.add(Item(**columns, received_at=item.received_at, status="accepted"))
        session.flush()
        for sha256, whole in stored.items():
            owner = {"install": item.install, "member": item.member, "area": item.area}
            session.add(ItemMedia(item=item.id, sha256=sha256, stored=whole, **owner))


def test_a_report_out_of_reach_is_not_found(client: FlaskClient, street: Street) -> None:
    foreign = reported(street)[3]
    headers = auth(token_for(street.leader))
    for path in (foreign, uuid7(), "nothing"):
        assert client.get(f"{REPORTS}/{path}", headers=headers).status_code == 404


def test_workers_and_strangers_do_not_enter(client: FlaskClient, street: Street) -> None:
    report = reported(street)[0]
    worker = auth(token_for(street.workers[0]))
    for path in (REPORTS, f"{REPORTS}/{report}"):
        assert client.get(path, headers=worker).status_code == 403
        assert client.get(path).status_code == 401
