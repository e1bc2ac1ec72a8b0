"""The load: phones (手机) that hand in over kept connections, gzip both ways, one thread each."""

import gzip
import http.client
import json
import random
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from bench.items import Notebook, mono
from bench.street import Worker

Lines = list[bytes]
# A phone compresses harder; that is its own time, and the server inflates either in the same time.
LEVEL = 1
WANT_BYTES = 24_000


class Phone:
    """One enrolled device with its connection and cursor; `seconds` are those of each exchange."""

    def __init__(self, worker: Worker, port: int, rng: random.Random) -> None:
        self.worker = worker
        self.notebook = Notebook(worker, rng)
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._cursor = 0
        self.seconds: list[float] = []

    def forget(self) -> None:
        """Count from nothing."""
        self.seconds = []

    def reconnect(self) -> None:
        """Forget a connection that the server may have closed; the next request opens another."""
        self._connection.close()

    def exchange(self, lines: Lines) -> dict[str, Any]:
        """One exchange (docs/protocol.md, section 4); RuntimeError unless it is answered 200."""
        request = self._body(lines)
        began = time.perf_counter()
        self._connection.request("POST", "/api/v1/sync", request, self._headers())
        response = self._connection.getresponse()
        body = response.read()
        self.seconds.append(time.perf_counter() - began)
        if response.status != 200:
            raise RuntimeError(f"{response.status} {body!r}")
        if response.headers["Content-Encoding"] == "gzip":
            body = gzip.decompress(body)
        answer: dict[str, Any] = json.loads(body)
        self._cursor = answer["cursor"]
        return answer

    def catch_up(self) -> None:
        """Take and acknowledge everything that is on the feed."""
        while self.exchange([])["changes"]:
            pass

    def hand_in(self, batches: Sequence[Lines]) -> Counter[str]:
        """Hand in one batch after the other; the verdicts counted, replays as `replay`."""
        told: Counter[str] = Counter()
        for lines in batches:
            results = self.exchange(lines)["results"]
            told.update("replay" if one["replay"] else one["status"] for one in results)
        return told

    def _body(self, lines: Lines) -> bytes:
        envelope = {
            "install": self.worker.install,
            "sent_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "mono": mono(),
            "boot": self.notebook.boot,
            "app": "1.0",
            "cursor": self._cursor,
            "want": {"bytes": WANT_BYTES},
            "outbox": {"items": len(lines), "media": 0},
        }
        first = json.dumps(envelope, separators=(",", ":")).encode()
        return gzip.compress(b"\n".join([first, *lines, b""]), LEVEL)

    def _headers(self) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.worker.token}",
            "Gewu-Protocol": "1",
            "Content-Type": "application/x-ndjson",
            "Content-Encoding": "gzip",
            "Accept-Encoding": "gzip",
        }


def all_hand_in(phones: Sequence[Phone], shares: Sequence[Sequence[Lines]]) -> Counter[str]:
    """Every phone hands in its share at once; the verdicts of all."""
    with ThreadPoolExecutor(len(phones)) as pool:
        return sum(pool.map(Phone.hand_in, phones, shares), Counter())
