"""What is measured: a running product, and clients with their requests ready to be sent."""

import gzip
import http.client
import json
import random
import subprocess
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.items import SHIFTS, Notebook
from bench.load import Lines, Load, Verdicts
from bench.peers.installed import Unavailable
from bench.street import Worker

SLOWEST_START_S = 60.0
MOST_CLIENTS = 8


@dataclass(frozen=True)
class Subject:
    """One product on its database.

    `batches` of 100 items are shared by the clients of one measurement. `prepared` takes the
    number of clients and of batches for each, and gives a load for each client. `told` is the one
    verdict that every item must get, by what is measured.
    """

    name: str
    about: str
    pids: tuple[int, ...]
    batches: int
    told: dict[str, str]
    prepared: Callable[[int, int], Sequence[Load]]
    ours: bool = False


class Notebooks:
    """What the clients of a peer write: the items of the other phones, of invented workers."""

    def __init__(self, name: str) -> None:
        self._rng = random.Random(name)
        self._books: list[Notebook] = []

    def captured(self, client: int, batches: int) -> list[Lines]:
        """So many fresh batches of one client, counted from 0."""
        while len(self._books) <= client:
            self._books.append(Notebook(_somebody(), self._rng))
        book = self._books[client]
        return [book.batch([str(uuid.uuid4()) for _ in range(SHIFTS)]) for _ in range(batches)]


def _somebody() -> Worker:
    member, area, install = (str(uuid.uuid4()) for _ in range(3))
    return Worker(member, area, 30.25, 120.15, install, "")


@dataclass
class Poster:
    """A client of a peer: one kept connection, bodies made before the clock runs."""

    port: int
    path: str
    headers: dict[str, str]
    bodies: list[bytes]
    verdicts: Callable[[Any], Verdicts]
    _connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def greet(self, path: str) -> None:
        """Open the connection, and let the peer know who it is."""
        self.ask("GET", path, None)

    def hand_in(self) -> Verdicts:
        """Post one body after the other; the verdicts counted."""
        told: Verdicts = Counter()
        for body in self.bodies:
            told += self.verdicts(self.ask("POST", self.path, body))
        return told

    def ask(self, method: str, path: str, body: bytes | None) -> Any:
        """One request; Unavailable unless it goes well."""
        self._connection.request(method, path, body, self.headers)
        response = self._connection.getresponse()
        answer = response.read()
        if response.status not in (200, 201):
            raise Unavailable(f"{method} {path}: {response.status} {answer[:200]!r}")
        if response.headers["Content-Encoding"] == "gzip":
            answer = gzip.decompress(answer)
        return json.loads(answer)


@contextmanager
def program(command: list[str], port: int, folder: Path, env: dict[str, str]) -> Iterator[int]:
    """A server in `folder` until the block is left; gives its process. Unavailable if it fails."""
    log_of = folder / "serve.log"
    with log_of.open("wb") as log:
        try:
            process = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=log)
        except OSError as error:
            raise Unavailable(f"{command[0]}: {error.strerror}") from error
    try:
        _wait_until_it_answers(process, port)
        yield process.pid
    except Unavailable as trouble:
        said = log_of.read_text(errors="replace").strip().splitlines() or ["nothing"]
        raise Unavailable(f"{trouble}; it last said: {said[-1]}") from trouble
    finally:
        process.terminate()
        process.wait()


def _wait_until_it_answers(process: "subprocess.Popen[bytes]", port: int) -> None:
    ends = time.monotonic() + SLOWEST_START_S
    while process.poll() is None and time.monotonic() < ends:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SLOWEST_START_S)
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
            return
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
        finally:
            connection.close()
    raise Unavailable("the server did not get ready")
