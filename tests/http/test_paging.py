"""Lists are walked by key to their end, without doubles and without holes."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from server.http.paging import page
from tests import factories
from tests.factories import Street


@pytest.mark.parametrize(
    ("rows", "limit", "shown", "following"),
    [
        ("", 2, "", None),
        ("a", 2, "a", None),
        ("ab", 2, "ab", None),
        ("abc", 2, "ab", "b"),
        ("ab", 1, "a", "a"),
    ],
)
def test_the_row_too_many_only_says_that_there_is_more(
    rows: str, limit: int, shown: str, following: str | None
) -> None:
    found = page(list(rows), limit, lambda row: row)
    assert found == {"results": list(shown), "next": following}


@pytest.fixture
def street(app: Flask) -> Street:
    """With nine members and nine areas."""
    return factories.street()


def walk(client: FlaskClient, who: str, path: str, key: str, limit: int) -> list[list[str]]:
    """The keys on each page."""
    headers = factories.auth(factories.token_for(who))
    pages: list[list[str]] = []
    query: dict[str, Any] = {"limit": limit}
    while True:
        answer = client.get(f"/api/v1{path}", query_string=query, headers=headers)
        assert answer.status_code == 200
        pages.append([row[key] for row in answer.json["results"]])
        if answer.json["next"] is None:
            return pages
        query["after"] = answer.json["next"]
        assert len(pages) < 20


@pytest.mark.parametrize("limit", [1, 2, 8, 9, 10])
def test_a_walk_shows_every_row_once_in_order(
    client: FlaskClient, street: Street, limit: int
) -> None:
    pages = walk(client, street.admin, "/members", "id", limit)
    found = [id_ for page in pages for id_ in page]
    assert found == sorted([street.admin, street.supervisor, street.leader, *street.workers])
    assert all(len(page) == limit for page in pages[:-1])
    assert 0 < len(pages[-1]) <= limit


def test_a_walk_by_another_key(client: FlaskClient, street: Street) -> None:
    codes = [street.tree, *(factories.street().tree for _ in range(3))]
    pages = walk(client, street.admin, "/trees", "code", 2)
    assert [code for page in pages for code in page] == sorted(codes)


def test_what_comes_while_one_walks_is_seen_once(client: FlaskClient, street: Street) -> None:
    headers = factories.auth(factories.token_for(street.admin))
    first = client.get("/api/v1/members?limit=5", headers=headers).json
    new = factories.member()
    rest = client.get(f"/api/v1/members?after={first['next']}", headers=headers).json
    ids = [row["id"] for row in first["results"] + rest["results"]]
    assert len(ids) == len(set(ids)) == 10
    assert new in ids


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=-1", "limit=501", "limit=x", "limit=1.5", "after=x", "after=%00"],
)
@pytest.mark.parametrize(
    "path",
    ["members", "areas", "posts", "devices", "tasks", "items", "quarantine", "reports", "shifts"],
)
def test_a_page_that_is_none_is_422(app: Flask, street: Street, path: str, query: str) -> None:
    client, headers = app.test_client(), factories.auth(factories.token_for(street.admin))
    answer = client.get(f"/api/v1/{path}?{query}", headers=headers)
    assert (answer.status_code, set(answer.json["errors"])) == (422, {query.split("=")[0]})
