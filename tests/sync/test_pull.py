"""Pull: a page of the inbox, cut between objects; farewell to a device that is drained."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from server.kernel import feed
from server.kernel.database import reading, writing
from server.kernel.ids import uuid7
from server.sync import pull, rules
from tests import factories
from tests.factories import Phone, Street
from tests.wire import exchange, line

TEXT = "网格" * 100


@pytest.fixture(autouse=True)
def rendered(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Notices of some 700 bytes."""
    notice = {"notice": lambda session, member, ids: {id_: {"text": TEXT} for id_ in ids}}
    monkeypatch.setattr(feed, "_renderers", feed._renderers | notice)


@pytest.fixture
def notices(street: Street) -> list[str]:
    """Seven on the feed of the phone's member."""
    ids = [uuid7() for _ in range(7)]
    with writing() as session:
        member = street.workers[0]
        feed.publish(session, [feed.Change(member, "notice", id_, 1) for id_ in ids])
    return ids


def walk(client: FlaskClient, phone: Phone, **want: int) -> list[list[str]]:
    """The ids of each page until there is no more."""
    pages, cursor, more = [], 0, True
    while more:
        answer = exchange(client, phone, cursor=cursor, want=want)
        assert [c["seq"] for c in answer["changes"]] == list(
            range(cursor + 1, cursor + 1 + len(answer["changes"]))
        )
        pages.append([change["id"] for change in answer["changes"]])
        cursor, more = answer["cursor"], answer["more"]
        assert len(pages) < 20
    return pages


@pytest.mark.parametrize(
    ("want", "sizes"),
    [(1, [1] * 7), (2200, [3, 3, 1]), (100_000, [7]), (None, [7])],
    ids=["one", "three", "all", "unsaid"],
)
def test_pages_are_cut_between_objects_at_the_bytes_wanted(
    client: FlaskClient, phone: Phone, notices: list[str], want: int | None, sizes: list[int]
) -> None:
    pages = walk(client, phone, **({} if want is None else {"bytes": want}))
    assert [len(page) for page in pages] == sizes
    assert [id_ for page in pages for id_ in page] == notices


def test_a_page_has_a_most_of_objects(
    client: FlaskClient, phone: Phone, notices: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "PAGE_OBJECTS", 3)
    assert [len(page) for page in walk(client, phone)] == [3, 3, 1]


def test_whoever_wants_nothing_learns_that_there_is_something(
    client: FlaskClient, phone: Phone, notices: list[str]
) -> None:
    answer = exchange(client, phone, want={"bytes": 0})
    assert (answer["changes"], answer["cursor"], answer["more"]) == ([], 0, True)
    done = exchange(client, phone, cursor=7, want={"bytes": 0})
    assert (done["changes"], done["cursor"], done["more"]) == ([], 7, False)


def test_an_acknowledged_page_does_not_come_again(
    client: FlaskClient, phone: Phone, notices: list[str]
) -> None:
    assert len(exchange(client, phone)["changes"]) == 7
    assert len(exchange(client, phone, cursor=0)["changes"]) == 7
    done = exchange(client, phone, cursor=7)
    assert (done["changes"], done["cursor"], done["more"]) == ([], 7, False)


def test_a_device_that_found_nothing_is_told_of_what_comes_then(
    client: FlaskClient, street: Street, phone: Phone, notices: list[str]
) -> None:
    exchange(client, phone, cursor=7)
    for _ in range(2):
        idle = exchange(client, phone, cursor=7)
        assert (idle["changes"], idle["media"], idle["cursor"], idle["more"]) == ([], [], 7, False)
    eighth = feed.Change(street.workers[0], "notice", uuid7(), 1)
    with writing() as session:
        feed.publish(session, [eighth])
    unwanted = exchange(client, phone, cursor=7, want={"bytes": 0})
    assert (unwanted["changes"], unwanted["cursor"], unwanted["more"]) == ([], 7, True)
    told = exchange(client, phone, cursor=7)
    assert [change["id"] for change in told["changes"]] == [eighth.object]
    assert told["cursor"] == 8


def test_a_cursor_beyond_the_feed_starts_over(
    client: FlaskClient, phone: Phone, notices: list[str]
) -> None:
    answer = exchange(client, phone, cursor=8)
    assert (answer["reset"], answer["cursor"]) == (True, 7)
    assert [change["id"] for change in answer["changes"]] == notices


def test_another_epoch_starts_over(client: FlaskClient, phone: Phone, notices: list[str]) -> None:
    answer = exchange(client, phone, cursor=7, epoch=uuid7())
    assert (answer["reset"], len(answer["changes"])) == (True, 7)
    again = exchange(client, phone, cursor=7, epoch=answer["epoch"])
    assert (again["reset"], again["changes"]) == (False, [])


def test_a_draining_device_hands_in_and_is_only_told_to_wipe(
    client: FlaskClient, street: Street, notices: list[str]
) -> None:
    phone = factories.device_for(street.workers[0], state="draining")
    answer = exchange(client, phone, line(), cursor=3, want={"bytes": 100_000})
    assert answer["results"][0]["status"] == "accepted"
    assert (answer["cursor"], answer["more"]) == (3, False)
    assert answer["changes"] == [
        {
            "seq": 0,
            "kind": "command",
            "id": phone.install,
            "op": "put",
            "version": 1,
            "body": {"command": "wipe", "when": "outbox_empty"},
        }
    ]


def test_the_page_itself(app: Flask, street: Street, notices: list[str]) -> None:
    def page(cursor: int, want: int | None) -> Any:
        with reading() as session:
            found = pull.changes(session, street.workers[0], cursor, want)
        return [change["seq"] for change in found.changes], found.cursor, found.more

    assert page(0, 1) == ([1], 1, True)
    assert page(6, 1) == ([7], 7, False)
    assert page(7, None) == ([], 7, False)
