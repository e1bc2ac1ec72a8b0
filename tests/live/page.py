"""A page that is told of changes, as a browser's script reads the stream: no library."""

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import urlsplit

PATH = "/api/v1/live"


class Event(NamedTuple):
    """What was dispatched; `id` is the position up to here."""

    name: str
    data: dict[str, Any]
    id: str


class Page:
    """An open stream; `seen` is the last position that was told."""

    def __init__(self, url: str, token: str, seen: str = "") -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        headers = {"Authorization": f"Bearer {token}"} | ({"Last-Event-ID": seen} if seen else {})
        self._connection.request("GET", PATH, headers=headers)
        self.answer = self._connection.getresponse()
        self.seen, self.blocks = seen, 0

    @property
    def status(self) -> int:
        return self.answer.status

    def event(self) -> Event | None:
        """The next event; None when the stream has ended. Waits a minute at most."""
        said: dict[str, str] = {}
        while line := self.answer.readline():
            field, _, value = line.decode().rstrip("\n").partition(": ")
            if field:
                said[field] = value
                continue
            self.blocks += 1
            self.seen = said.get("id", self.seen)
            if "data" in said:
                return Event(said["event"], json.loads(said["data"]), self.seen)
            said = {}
        return None

    def told(self, upto: int) -> list[tuple[str, str | None]]:
        """The next `upto` changes, each as (kind, area)."""
        events = [self.event() for _ in range(upto)]
        assert all(event and event.name == "changed" for event in events), events
        return [(event.data["kind"], event.data["area"]) for event in events if event]

    def close(self) -> None:
        self.answer.close()
        self._connection.close()


@contextmanager
def opened(url: str, token: str, seen: str = "") -> Iterator[Page]:
    """A page that has been greeted, or that goes on from `seen`."""
    page = Page(url, token, seen)
    try:
        assert page.status == 200, page.answer.read()
        if not seen:
            event = page.event()
            assert event is not None and event.name == "hello"
        yield page
    finally:
        page.close()


def events_in(text: str) -> list[tuple[str, dict[str, Any]]]:
    """The events of an answer that has ended."""
    found = []
    for block in text.split("\n\n"):
        said = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if "data" in said:
            found.append((said["event"], json.loads(said["data"])))
    return found


def position_in(text: str) -> str:
    """The last position that an answer says."""
    return [line for line in text.splitlines() if line.startswith("id: ")][-1].removeprefix("id: ")
