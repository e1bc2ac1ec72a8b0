"""PouchDB Server on LevelDB: what speaks CouchDB's protocol where only npm is at hand.

It acknowledges before the disk has the batch: leveldown writes with `sync` false unless told
otherwise, PouchDB's adapter does not tell it, and a trace of its system calls shows no fsync.
"""

import gzip
import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.load import Lines, Load, Verdicts
from bench.peers import installed, subject
from bench.peers.subject import Notebooks, Poster, Subject
from bench.phones import LEVEL
from bench.ports import free_port

NAME = "pouchdb"
ABOUT = (
    "LevelDB, one process; _bulk_docs of 100; replay is the same documents, told as conflicts; "
    "NOT synced to disk when acknowledged; no accounts, no schema, no effects, no receipt"
)
BATCHES = 64
HEADERS = {
    "Content-Type": "application/json",
    "Content-Encoding": "gzip",
    "Accept-Encoding": "gzip",
}


@dataclass(frozen=True)
class Site:
    """A served PouchDB and what its clients write."""

    port: int
    notebooks: Notebooks = field(default_factory=lambda: Notebooks(NAME))

    def prepared(self, clients: int, batches: int) -> Sequence[Load]:
        """A load for each client (`Subject.prepared`)."""
        return [self._poster(client, batches).hand_in for client in range(clients)]

    def _poster(self, client: int, batches: int) -> Poster:
        ready = bodies(self.notebooks.captured(client, batches))
        poster = Poster(self.port, "/items/_bulk_docs", HEADERS, ready, verdicts)
        poster.greet("/items")
        return poster


def bodies(batches: Sequence[Lines]) -> list[bytes]:
    """The requests for `POST /items/_bulk_docs`: each item is a document under its id."""
    return [gzip.compress(_body(lines), LEVEL) for lines in batches]


def _body(lines: Lines) -> bytes:
    docs = [{"_id": item["id"], **item} for item in map(json.loads, lines)]
    return json.dumps({"docs": docs}, ensure_ascii=False, separators=(",", ":")).encode()


def verdicts(answer: Any) -> Verdicts:
    """`ok` for each document that was written, else its error."""
    return Counter("ok" if one.get("ok") else one["error"] for one in answer)


@contextmanager
def running(cache: Path, folder: Path) -> Iterator[Subject]:
    """PouchDB Server with its files in `folder`; Unavailable if it cannot be had."""
    server = installed.pouchdb(cache) / "pouchdb-server"
    port = free_port()
    command = [str(server), "--port", str(port), "--no-stdout-logs", "--no-color"]
    (folder / "data").mkdir()
    with subject.program([*command, "--dir", "data"], port, folder, dict(os.environ)) as pid:
        Poster(port, "", {}, [], verdicts).ask("PUT", "/items", None)
        about = f"node {installed.run(['node', '--version'])}; {ABOUT}"
        told = {"fresh": "ok", "replay": "conflict"}
        yield Subject(NAME, about, (pid,), BATCHES, told, Site(port).prepared)
