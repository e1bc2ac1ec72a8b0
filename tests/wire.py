"""The device's side of the exchange as tests write it: raw lines, envelopes, one POST."""

import hashlib
import json
import uuid
from datetime import UTC, datetime
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.kernel.ids import uuid7
from tests.factories import Phone

REPORT = {"category": "01-10", "text": "暴露垃圾", "address": "解放路2号"}


def line(kind: str = "report", body: Any = None, **given: Any) -> bytes:
    """The bytes of an item's line; `given` overrides any field."""
    item = {
        "id": uuid7(),
        "seq": 1,
        "kind": kind,
        "schema": 1,
        "at": datetime.now(UTC).isoformat(),
        "body": dict(REPORT, text=uuid.uuid4().hex) if body is None else body,
    }
    return json.dumps(item | given, ensure_ascii=False).encode()


def envelope(phone: Phone, **given: Any) -> bytes:
    """Line 1."""
    return json.dumps({"install": phone.install, "cursor": 0} | given).encode()


def post_lines(
    client: FlaskClient, phone: Phone, lines: list[bytes], headers: Any = None, **given: Any
) -> TestResponse:
    """POST /sync with an envelope and these lines."""
    body = b"\n".join([envelope(phone, **given), *lines, b""])
    sent = {"Authorization": f"Bearer {phone.token}", "Gewu-Protocol": "1"} | (headers or {})
    return client.post("/api/v1/sync", data=body, headers=sent, content_type="application/x-ndjson")


def exchange(client: FlaskClient, phone: Phone, *lines: bytes, **given: Any) -> dict[str, Any]:
    """The answer of an exchange that must succeed."""
    response = post_lines(client, phone, list(lines), **given)
    assert response.status_code == 200, response.get_data(as_text=True)
    return response.get_json()  # type: ignore[no-any-return]


def sha(raw: bytes) -> str:
    """Hex SHA-256 of a line."""
    return hashlib.sha256(raw).hexdigest()
