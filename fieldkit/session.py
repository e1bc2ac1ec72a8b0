"""Requests as docs/protocol.md, section 1 wants them: base address, token, headers, problems."""

import json
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from fieldkit import PROTOCOL, texts, wire
from fieldkit.errors import InputError, NotOurServer, problem
from fieldkit.store import Store
from fieldkit.transport import Request, Response, Transport

API = "/api/v1"
_LANGUAGES = {"zh": "zh-CN", "en": "en"}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def parse_address(address: str) -> tuple[str, str | None]:
    """Server base and enrolment code of what the person gave.

    Takes the base itself ("https://server") or the address in a code's QR
    ("https://server/app#enrol=<code>"). Raises InputError for anything else.
    """
    try:
        url = urlsplit(address.strip())
        usable = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise InputError("bad_address", address=address)
    codes = parse_qs(url.fragment).get("enrol", [None])
    path = url.path.rstrip("/").removesuffix("/app")
    return f"{url.scheme}://{url.netloc}{path}", codes[0]


def is_open_air(base: str) -> bool:
    """Whether the token would travel unencrypted beyond this machine."""
    url = urlsplit(base)
    return url.scheme == "http" and url.hostname not in _LOOPBACK


class Session:
    """One server as one device sees it."""

    def __init__(self, store: Store, transport: Transport) -> None:
        self._store = store
        self._transport = transport

    def send(
        self,
        method: str,
        path: str,
        *,
        base: str | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        compress: bool = False,
        allow: Collection[int] = (),
    ) -> Response:
        """Send one request to `path` below the base; with `base` given, without a token.

        Raises TransportError without an answer of ours, ProblemError for a status of 400
        and above that is not in `allow`, NotEnrolled without a token.
        """
        common = {
            "Gewu-Protocol": str(PROTOCOL),
            "Accept-Language": _LANGUAGES[texts.language()],
        }
        if base is None:
            base = self._store.need("url")
            common["Authorization"] = f"Bearer {self._store.need('token')}"
        request = Request(method, base + path, {**common, **(headers or {})}, body, compress)
        response = self._transport.send(request)
        if "gewu-epoch" not in response.headers:
            raise NotOurServer(response.status)
        if response.status >= 400 and response.status not in allow:
            raise _problem(response)
        return response

    def get(self, path: str, *, base: str | None = None) -> dict[str, Any]:
        """A JSON object from the server."""
        return wire.read_object(self.send("GET", API + path, base=base).body)

    def post(
        self, path: str, value: Mapping[str, Any], *, base: str | None = None
    ) -> dict[str, Any]:
        """Post a JSON object and read one."""
        response = self.send(
            "POST",
            API + path,
            base=base,
            headers={"Content-Type": "application/json"},
            body=wire.encode(value),
            compress=True,
        )
        return wire.read_object(response.body)


def _problem(response: Response) -> Exception:
    try:
        value = json.loads(response.body)
    except ValueError:
        value = None
    fields = value if isinstance(value, dict) else {}
    return problem(
        response.status,
        str(fields.get("code") or f"http_{response.status}"),
        str(fields.get("title") or f"HTTP {response.status}"),
        retry_after(response.headers.get("retry-after")),
    )


def retry_after(value: str | None) -> int | None:
    """Whole seconds of a Retry-After header; a date or nonsense counts as not given."""
    text = (value or "").strip()
    return int(text) if text.isascii() and text.isdigit() else None
