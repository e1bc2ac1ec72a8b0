"""Notices that were read: at once on the device, once on the server, whatever the network does."""

import pytest

from fieldkit.client import Client
from fieldkit.errors import Offline, ProblemError
from tests.fieldkit.fakeserver import FakeServer, LossyTransport

FIRST = "0199c0de-0000-7000-8000-000000000001"
SECOND = "0199ffff-0000-7000-8000-000000000002"


@pytest.fixture
def told(client: Client, server: FakeServer) -> Client:
    """A client that was told two things."""
    for number, notice in enumerate((FIRST, SECOND)):
        at = f"2026-12-01T0{number}:00:00.000Z"
        server.put("notice", notice, {"text": "红灯", "at": at, "read_at": None})
    client.sync()
    return client


def unread(client: Client) -> list[str]:
    return [notice["id"] for notice in client.notices.listed()]


def test_what_was_read_counts_at_once_and_is_told_with_the_next_sync(
    told: Client, server: FakeServer
) -> None:
    told.notices.read([FIRST])
    assert unread(told) == [SECOND]
    assert server.reads == []
    for _ in range(2):
        told.sync()
        assert server.reads == [FIRST]
    assert unread(told) == [SECOND]
    (notice, _) = told.notices.listed(every=True)
    assert notice["read_at"] == "2026-11-22T08:00:00.000Z"


def test_nothing_is_told_that_was_not_read(told: Client, server: FakeServer) -> None:
    told.sync()
    assert not any("/notices/" in request for request in server.requests)


def test_reading_again_or_what_is_not_there_changes_nothing(
    told: Client, server: FakeServer
) -> None:
    told.notices.read([FIRST, FIRST, "0199dead-0000-7000-8000-000000000003"])
    told.sync()
    told.notices.read([FIRST])
    told.sync()
    asked = [request for request in server.requests if "/notices/" in request]
    assert asked == [f"POST /api/v1/notices/{FIRST}/read"]


@pytest.mark.parametrize("fate", ["lost", "unanswered", "twice"])
def test_a_bad_network_loses_and_doubles_nothing(
    told: Client, server: FakeServer, network: LossyTransport, fate: str
) -> None:
    told.notices.read([FIRST, SECOND])
    network.script.extend(["well", fate])
    if fate == "twice":
        told.sync()
    else:
        with pytest.raises(Offline):
            told.sync()
    told.sync()
    assert server.reads == [FIRST, SECOND]
    assert unread(told) == []


def test_what_was_swept_meanwhile_need_not_be_told(told: Client, server: FakeServer) -> None:
    told.notices.read([FIRST, SECOND])
    server.put("notice", FIRST, None, "remove")
    told.sync()
    assert server.reads == [SECOND]
    before = len(server.requests)
    told.sync()
    assert not any("/notices/" in request for request in server.requests[before:])


def test_a_server_that_cannot_take_it_is_told_later_and_hand_ins_go_first(
    told: Client, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    told.notices.read([FIRST])
    item = told.outbox.capture("report", {})
    with monkeypatch.context() as patch:
        patch.setattr(server, "_read", lambda notice: server.problem(500, "internal"))
        with pytest.raises(ProblemError):
            told.sync()
    assert item.id in server.items
    assert server.reads == []
    told.sync()
    assert server.reads == [FIRST]
