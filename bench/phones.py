"""Phones (手机) that hand in over kept connections, gzip both ways."""

import gzip
import json
import random
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from bench import street
from bench.items import SHIFTS, Notebook, mono
from bench.load import Lines, Verdicts
from bench.street import Worker
from bench.wire import Wire

# A phone compresses harder; that is its own time, and the server inflates either in the same time.
LEVEL = 1
WANT_BYTES = 24_000
HAND_IN = {"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip"}


class Phone:
    """One enrolled device with its notebook, its cursor, and the wire on which it speaks."""

    def __init__(self, worker: Worker, port: int, rng: random.Random) -> None:
        self.worker, self.rng = worker, rng
        self.notebook = Notebook(worker, rng)
        self.wire = Wire(port)
        self.cursor = 0

    def ready(self) -> None:
        """Open a connection, take everything that is on the feed, and count from here."""
        self.wire.close()
        while self.exchange([])["changes"]:
            pass
        self.wire.forget()

    def exchange(self, lines: Lines) -> dict[str, Any]:
        """One exchange (docs/protocol.md, section 4); RuntimeError unless it is answered 200."""
        body = body_of(self.worker.install, self.notebook.boot, self.cursor, lines)
        headers = common_headers(self.worker.token) | HAND_IN
        status, told, content = self.wire.ask("POST", "/api/v1/sync", headers, body)
        if status != 200:
            raise RuntimeError(f"{status} {content!r}")
        answer: dict[str, Any] = json.loads(unpacked(told, content))
        self.cursor = answer["cursor"]
        return answer

    def hand_in(self, batches: Sequence[Lines]) -> Verdicts:
        """Hand in one batch after the other; the verdicts counted, replays as `replay`."""
        told: Verdicts = Counter()
        for lines in batches:
            told.update(map(verdict, self.exchange(lines)["results"]))
        return told


def captured(phone: Phone, batches: int) -> list[Lines]:
    """That many batches, on tasks given now; needs the app's context."""
    tasks = street.assign(phone.worker, batches * SHIFTS)
    return [phone.notebook.batch(tasks[n::batches]) for n in range(batches)]


def body_of(
    install: str,
    boot: str,
    cursor: int,
    lines: Sequence[bytes],
    items: int | None = None,
    media: int = 0,
) -> bytes:
    """What an exchange sends, packed; `items` (else these lines) and `media` are in the outbox."""
    envelope = {
        "install": install,
        "sent_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "mono": mono(),
        "boot": boot,
        "app": "1.0",
        "cursor": cursor,
        "want": {"bytes": WANT_BYTES},
        "outbox": {"items": len(lines) if items is None else items, "media": media},
    }
    first = json.dumps(envelope, separators=(",", ":")).encode()
    return gzip.compress(b"\n".join([first, *lines, b""]), LEVEL)


def common_headers(token: str) -> dict[str, str]:
    """Those of every request of a device."""
    return {"Authorization": f"Bearer {token}", "Gewu-Protocol": "1", "Accept-Encoding": "gzip"}


def unpacked(headers: dict[str, str], body: bytes) -> bytes:
    """The body of an answer as it was meant; `headers` have lower-case names."""
    return gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body


def verdict(result: dict[str, Any]) -> str:
    """What became of a line; a known one is a `replay`."""
    return "replay" if result["replay"] else str(result["status"])
