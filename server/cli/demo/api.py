"""The people's HTTP API, as somebody outside of the server uses it."""

import http.client
import json
from typing import Any, NamedTuple
from urllib.parse import urlencode

from server.cli.options import Refused
from server.cli.texts import t

API = "/api/v1"
PAGE = 500
TIMEOUT_S = 60


class Address(NamedTuple):
    """Where the server can be reached from this machine."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """For a program on this machine."""
        return f"http://{self.host}:{self.port}"


class Person:
    """Somebody at the API; logged in if there is a token."""

    def __init__(self, at: Address, token: str | None = None) -> None:
        self._at = at
        self._token = token

    def get(self, path: str) -> dict[str, Any]:
        """The JSON object at `path`. Refused for anything but success, as all calls here."""
        return self._call("GET", path)

    def post(self, path: str, body: dict[str, Any], version: int | None = None) -> dict[str, Any]:
        """Create, or change what was seen in `version`; what the server answered."""
        return self._call("POST", path, body, version)

    def refusal(self, path: str, body: dict[str, Any]) -> str | None:
        """The code with which the server refuses what is posted; None if it does it."""
        status, text = self._send("POST", path, body)
        return str(json.loads(text)["code"]) if status >= 400 else None

    def all(self, path: str, **query: str) -> list[dict[str, Any]]:
        """Every page of a list."""
        found: list[dict[str, Any]] = []
        after: dict[str, str] = {}
        while True:
            page = self.get(f"{path}?{urlencode({'limit': PAGE, **query, **after})}")
            found += page["results"]
            if page["next"] is None:
                return found
            after = {"after": page["next"]}

    def _call(
        self, method: str, path: str, body: Any = None, version: int | None = None
    ) -> dict[str, Any]:
        status, text = self._send(method, path, body, version)
        if status >= 400:
            raise Refused(t("demo.no_answer", call=f"{method} {path}", reason=text))
        known: dict[str, Any] = json.loads(text)
        return known

    def _send(
        self, method: str, path: str, body: Any = None, version: int | None = None
    ) -> tuple[int, str]:
        headers = {"Content-Type": "application/json"}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        connection = http.client.HTTPConnection(*self._at, timeout=TIMEOUT_S)
        try:
            sent = None if body is None else json.dumps(body)
            connection.request(method, API + path, sent, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except OSError as error:
            raise Refused(t("demo.no_answer", call=f"{method} {path}", reason=error)) from error
        finally:
            connection.close()


def log_in(at: Address, username: str, password: str) -> Person:
    """Open a session."""
    body = {"username": username, "password": password}
    return Person(at, Person(at).post("/sessions", body)["token"])
