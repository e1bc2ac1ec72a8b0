"""Telling and listening."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from server.kernel import events


@pytest.fixture(autouse=True)
def nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_listeners", {name: [] for name in events.EVENTS})


def test_whoever_listens_is_told_in_order_and_once() -> None:
    told: list[Any] = []

    def first(session: Session, ids: list[str]) -> None:
        told.append(("first", ids))

    def second(session: Session, ids: list[str]) -> None:
        told.append(("second", ids))

    for listener in (first, second, first):
        events.listen(events.RECEIVED, listener)
    events.tell(Session(), events.RECEIVED, ["a"])
    events.tell(Session(), events.MEDIA_COMPLETE, ["b"])
    assert told == [("first", ["a"]), ("second", ["a"])]


def test_it_is_known_whether_anybody_listens() -> None:
    assert not events.is_heard(events.NAMED)
    events.listen(events.NAMED, print)
    assert events.is_heard(events.NAMED)


def test_an_event_that_nobody_knows_cannot_be_listened_to() -> None:
    with pytest.raises(KeyError):
        events.listen("recieved", print)
