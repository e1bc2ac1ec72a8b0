"""Budgets on the wire (docs/protocol.md, section 11), counted in bytes over a real socket."""

import gzip
import json
import socket
from urllib.parse import urlsplit

from flask import Flask

from server.kernel.ids import uuid7
from tests import factories
from tests.factories import Phone
from tests.serving import served
from tests.wire import line


def talk(url: str, phone: Phone, body: bytes) -> tuple[int, int, bytes]:
    """(all bytes both ways, bytes of both bodies, the answer's body) of one gzipped exchange."""
    parts = urlsplit(url)
    head = (
        f"POST /api/v1/sync HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        f"Authorization: Bearer {phone.token}\r\nGewu-Protocol: 1\r\n"
        "Content-Type: application/x-ndjson\r\nContent-Encoding: gzip\r\n"
        f"Accept-Encoding: gzip\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    ).encode()
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        connection.sendall(head + body)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    headers, _, content = answer.partition(b"\r\n\r\n")
    assert b" 200 " in headers.splitlines()[0]
    plain = gzip.decompress(content) if b"Content-Encoding: gzip" in headers else content
    return len(head + body + answer), len(body + content), plain


def envelope(phone: Phone, epoch: str, items: int = 0) -> bytes:
    return json.dumps(
        {
            "install": phone.install,
            "epoch": epoch,
            "sent_at": "2026-11-22T06:40:00.120Z",
            "mono": 918233,
            "boot": uuid7(),
            "app": "0.1.0",
            "cursor": 0,
            "outbox": {"items": items, "media": 0, "oldest": None},
            "receipt": 310,
        },
        separators=(",", ":"),
    ).encode()


def test_an_idle_exchange(app: Flask) -> None:
    phone = factories.device_for(factories.street().workers[0])
    with served(app) as url:
        body = gzip.compress(envelope(phone, ""), mtime=0)
        total, bodies, _ = talk(url, phone, body)
    assert bodies <= 600
    assert total <= 1200


def test_a_shift(app: Flask) -> None:
    """2 check-ins, 40 track chunks' points, 20 reports, 10 task actions in one round trip."""
    phone = factories.device_for(factories.street().workers[0])
    lines = _shift()
    assert len(lines) == 72
    body = b"\n".join([envelope(phone, "", len(lines)), *lines, b""])
    with served(app) as url:
        total, _, answer = talk(url, phone, gzip.compress(body, 9, mtime=0))
    assert len(json.loads(answer)["results"]) == 72
    assert total <= 15_000


def _shift() -> list[bytes]:
    shift, common = uuid7(), {"mono": 911002, "boot": uuid7()}
    loc = {"lat": 30.004213, "lon": 120.004871, "acc": 6.5, "src": "gps", "age": 1}
    lines = [line("shift_start", {"shift": shift, "plan": [{"what": "巡查", "count": 2}]})]
    for chunk in range(40):
        points = [[n * 20, 30.004 + n / 1e5, 120.004 + chunk / 1e5, 6] for n in range(3)]
        lines.append(line("track", {"shift": shift, "points": points}, **common))
    for number in range(20):
        body = {"category": "01-10", "text": f"解放路{number}号门前暴露垃圾", "severity": "一般"}
        lines.append(line("report", body, loc=loc, **common))
    for _ in range(10):
        body = {"task": uuid7(), "assignment": 1, "base_version": 1, "action": "accept"}
        lines.append(line("task_action", body, **common))
    return [*lines, line("shift_end", {"shift": shift, "results": []}, **common)]
