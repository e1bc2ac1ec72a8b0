"""A simulated device that comes back: it does what fieldkit does, without a thread of its own.

The order is that of fieldkit/client.py and watch.py: exchange until nothing is left to send or to
take, photos one after the other, then (as if the person synced once more) an exchange that shows
that nothing is missing. After a failure it backs off as fieldkit/backoff.py says and begins anew.
"""

import asyncio
import base64
import hashlib
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from bench.burst.connection import Answer, Connection, Unanswered
from bench.burst.tally import Tally
from bench.film import TYPE, Film
from bench.items import BATCH
from bench.phones import HAND_IN, body_of, common_headers, unpacked, verdict
from bench.street import Worker
from fieldkit import backoff
from fieldkit.media import FIRST_CHUNK, LARGEST_CHUNK
from fieldkit.session import API, retry_after
from fieldkit.watch import DEFAULT_WAIT_S

_UPLOADS = API + "/media/uploads"
_TUS = {"Tus-Resumable": "1.0.0"}
_BEGIN_ANEW = (404, 409, 410, 460)
_LOCKED = 423
_SETBACKS = 5
# Of the refusals of a photo these end the whole sync; others leave the other photos their turn.
_STOPS = frozenset({"401", "426", "429", "503", "507"})


class Failed(Exception):
    """A sync broke off; `cause` is a status or what the connection said."""

    def __init__(self, cause: str, wait: int | None = None) -> None:
        super().__init__(cause)
        self.cause, self.wait = cause, wait


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo on the phone, and the item that names it; `number` says which it is on the film."""

    number: int
    sha256: str
    item: str


@dataclass(slots=True)
class Load:
    """What one phone brings: its lines, and its photos by hash."""

    worker: Worker
    boot: str
    lines: list[bytes]
    photos: dict[str, Photo] = field(default_factory=dict)


class Phone:
    """One device from its arrival until the server has everything."""

    def __init__(self, load: Load, film: Film, port: int, tally: Tally) -> None:
        self._load, self._film, self._tally = load, film, tally
        self.record = tally.record()
        self._lines: Sequence[bytes] = load.lines
        self._waiting = dict(load.photos)
        self._chunk = FIRST_CHUNK
        self._cursor = 0
        self._next_after = DEFAULT_WAIT_S
        self._connection = Connection(port, common_headers(load.worker.token))

    async def come_back(self, began: float, arrival: float, rng: random.Random) -> None:
        """Come `arrival` seconds after `began` (event loop time) and stay until all is in."""
        clock = asyncio.get_running_loop().time
        await asyncio.sleep(began + arrival - clock())
        self.record.arrived_s = clock() - began
        failures = 0
        while self.record.in_s is None:
            before = self._unsent()
            try:
                await self._sync()
            except Failed as failed:
                failures = 1 if self._unsent() < before else failures + 1
                self._tally.failures[failed.cause] += 1
                self.record.note(failed.cause)
                await asyncio.sleep(backoff.delay(failures, rng.random(), failed.wait))
                continue
            failures = 0
            if self._unsent():
                await asyncio.sleep(self._next_after)
            else:
                self.record.in_s = clock() - began
        self._connection.close()

    def _unsent(self) -> int:
        return len(self._lines) + len(self._waiting)

    async def _sync(self) -> None:
        missing = await self._exchange_all()
        self._chunk = FIRST_CHUNK
        for photo in list(self._waiting.values()):
            if await self._taken(photo, missing.get(photo.sha256) == "partial"):
                del self._waiting[photo.sha256]
        if missing and not self._waiting:
            missing = await self._exchange_all()
            self._waiting = {sha256: self._load.photos[sha256] for sha256 in missing}

    async def _exchange_all(self) -> dict[str, str]:
        """Exchange until there is nothing more to send or to take; the photos asked for."""
        while True:
            answer = await self._exchange()
            if not (self._lines or (answer["more"] and answer["changes"])):
                return {entry["sha256"]: entry["state"] for entry in answer["media"]}

    async def _exchange(self) -> dict[str, Any]:
        lines = self._lines[:BATCH]
        kind = "hand-in" if lines else "exchange"
        answered = await self._send(kind, "POST", API + "/sync", HAND_IN, self._body(lines), (200,))
        answer: dict[str, Any] = json.loads(unpacked(answered.headers, answered.body))
        self._tally.verdicts.update(map(verdict, answer["results"]))
        self._lines = self._lines[len(answer["results"]) :]
        self._cursor = answer["cursor"]
        self._next_after = answer["next_after_s"]
        return answer

    def _body(self, lines: Sequence[bytes]) -> bytes:
        waiting = (len(self._lines), len(self._waiting))
        load = self._load
        return body_of(load.worker.install, load.boot, self._cursor, lines, *waiting)

    async def _taken(self, photo: Photo, begun: bool) -> bool:
        try:
            return await self._upload(photo, begun)
        except Failed as failed:
            if failed.cause in _STOPS or not failed.cause.isdigit():
                raise
            self._tally.failures[failed.cause] += 1
            return False

    async def _upload(self, photo: Photo, begun: bool) -> bool:
        """Whether the server has the whole photo now; False leaves it for the next sync."""
        content = self._film.photo(photo.number)
        place, offset = await self._create(photo, b"" if begun else content[: self._chunk])
        setbacks = 0
        while offset < len(content):
            answer = await self._patch(place, offset, content[offset : offset + self._chunk])
            if answer.status == 204:
                offset = int(answer.headers["upload-offset"])
                self._grow()
                continue
            setbacks += 1
            self._tally.failures[str(answer.status)] += 1
            if answer.status == _LOCKED or setbacks > _SETBACKS:
                return False
            place, offset = await self._create(photo)
        return True

    def _grow(self) -> None:
        self._chunk = min(self._chunk * 2, LARGEST_CHUNK)

    async def _create(self, photo: Photo, first: bytes = b"") -> tuple[str, int]:
        """The upload's path and offset; creating again finds the old upload.

        The `first` bytes go along; if they are refused, the creation is tried without them.
        """
        metadata = {"sha256": photo.sha256, "type": TYPE, "item": photo.item}
        named = (f"{key} {_base64(value.encode())}" for key, value in metadata.items())
        headers = _TUS | {
            "Upload-Length": str(self._film.size),
            "Upload-Metadata": ",".join(named),
        }
        allow = (201, _LOCKED, *_BEGIN_ANEW) if first else (201,)
        carrying = _carrying(first) if first else {}
        answer = await self._send("create", "POST", _UPLOADS, headers | carrying, first, allow)
        if answer.status != 201:
            return await self._create(photo)
        offset = int(answer.headers["upload-offset"])
        if first and offset == len(first):
            self._grow()
        return urlsplit(answer.headers["location"]).path, offset

    async def _patch(self, place: str, offset: int, part: bytes) -> Answer:
        headers = _TUS | _carrying(part) | {"Upload-Offset": str(offset)}
        return await self._send(
            "bytes", "PATCH", place, headers, part, (204, _LOCKED, *_BEGIN_ANEW)
        )

    async def _send(
        self,
        kind: str,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        allow: tuple[int, ...],
    ) -> Answer:
        """The answer if its status is one of `allow`; only the first of them is timed."""
        began = time.perf_counter()
        try:
            answer = await self._connection.send(method, path, headers, body)
        except Unanswered as error:
            raise Failed(error.cause) from error
        if answer.status not in allow:
            raise Failed(str(answer.status), retry_after(answer.headers.get("retry-after")))
        if answer.status == allow[0]:
            self._tally.seconds[kind].append(time.perf_counter() - began)
        return answer


def _carrying(part: bytes) -> dict[str, str]:
    """The headers of a request that carries bytes of a photo."""
    return {
        "Content-Type": "application/offset+octet-stream",
        "Upload-Checksum": f"sha256 {_base64(hashlib.sha256(part).digest())}",
    }


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
