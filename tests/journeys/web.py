"""Speaking to a deployment over a real socket: people with JSON, phones with raw lines."""

import http.client
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.factories import Phone
from tests.wire import envelope

API = "/api/v1"


@dataclass(frozen=True)
class Answer:
    """`headers` have lower-case names."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The stable code of a problem."""
        return str(self.json["code"])


def call(
    url: str, method: str, path: str, token: str = "", body: bytes = b"", /, **headers: str
) -> Answer:
    """One request on a connection of its own; header names are given with `_` for `-`."""
    named = {name.replace("_", "-").title(): value for name, value in headers.items()}
    if token:
        named["Authorization"] = f"Bearer {token}"
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    try:
        connection.request(method, API + path, body, named)
        response = connection.getresponse()
        given = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, given, response.read())
    finally:
        connection.close()


class Person:
    """Somebody at a desk, with a live session."""

    def __init__(self, url: str, token: str) -> None:
        self._url, self._token = url, token

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Any answer."""
        given = {"content_type": "application/json"} | headers
        sent = b"" if body is None else json.dumps(body).encode()
        return call(self._url, method, path, self._token, sent, **given)

    def get(self, path: str) -> Any:
        """The body of what must be there."""
        return self._must(200, self.ask("GET", path))

    def post(self, path: str, body: Any, status: int = 201, **headers: str) -> Any:
        """The body of what must succeed."""
        return self._must(status, self.ask("POST", path, body, **headers))

    def change(self, path: str, act: str, body: Any = None) -> Any:
        """Do `act` to what was just read at `path`, with its version."""
        version = self.ask("GET", path).headers["etag"]
        return self.post(f"{path}/{act}", body or {}, 200, if_match=version)

    def items(self, **query: str) -> list[dict[str, Any]]:
        """Every item within reach, page by page."""
        rest = "".join(f"&{name}={value}" for name, value in query.items())
        found: list[dict[str, Any]] = []
        path = f"/items?limit=200{rest}"
        while True:
            page = self.get(path)
            found += page["results"]
            if not page["next"]:
                return found
            path = f"/items?limit=200{rest}&after={page['next']}"

    @staticmethod
    def _must(status: int, answer: Answer) -> Any:
        assert answer.status == status, answer.body.decode()
        return answer.json


class Wire:
    """A phone whose lines the test writes itself."""

    def __init__(self, url: str, phone: Phone) -> None:
        self.url, self.phone = url, phone

    def post(self, lines: Sequence[bytes], **given: Any) -> Answer:
        """POST /sync with an envelope and these lines, ended by newlines."""
        return self.send(b"\n".join([envelope(self.phone, **given), *lines, b""]))

    def send(self, body: bytes, **headers: str) -> Answer:
        """POST /sync with any body."""
        named = {"content_type": "application/x-ndjson", "gewu_protocol": "1"} | headers
        return call(self.url, "POST", "/sync", self.phone.token, body, **named)

    def exchange(self, *lines: bytes, **given: Any) -> dict[str, Any]:
        """The answer of an exchange that must succeed."""
        answer = self.post(lines, **given)
        assert answer.status == 200, answer.body.decode()
        return answer.json
