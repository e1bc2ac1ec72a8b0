"""Kinto on PostgreSQL: `kinto init`, uWSGI and the settings of its production page.

Every client has an account of its own; its password is known to Kinto's cache before the clock
runs, so that no bcrypt is measured. Every client writes to a collection of its own: clients who
share one are told 409 now and then, and what their request had written before that, and was told
201 for, is taken back. More threads a process than the page's one make it slower. Kinto does not
inflate requests.
"""

import base64
import configparser
import json
import os
import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from bench.deployment import WORKERS
from bench.load import Lines, Load, Verdicts
from bench.peers import installed, subject
from bench.peers.subject import MOST_CLIENTS, Notebooks, Poster, Subject
from bench.ports import free_port
from tests import postgres

NAME = "kinto"
ABOUT = (
    f"PostgreSQL for storage, cache and permissions; uWSGI, {WORKERS} processes of one thread; 25 "
    "PUTs in a batch request, a collection for each client; replay is the same PUTs, which write "
    "again; synced to disk; no schema, no effects, no receipt"
)
BATCHES = 8
BATCH_LIMIT = 25
BUCKET = "/buckets/grid"
BACKENDS = ("STORAGE", "CACHE", "PERMISSION")
UWSGI = (
    "--master",
    "--lazy-apps",
    "--single-interpreter",
    "--die-on-term",
    "--disable-logging",
    f"--processes={WORKERS}",
    "--enable-threads",
    "--http-keepalive=15",
    "--buffer-size=65535",
    "--post-buffering=65535",
    "--harakiri=120",
)


@dataclass(frozen=True)
class Site:
    """A served Kinto and what its clients write."""

    port: int
    password: str
    notebooks: Notebooks = field(default_factory=lambda: Notebooks(NAME))

    def prepared(self, clients: int, batches: int) -> Sequence[Load]:
        """A load for each client (`Subject.prepared`)."""
        return [self._poster(client, batches).hand_in for client in range(clients)]

    def _poster(self, client: int, batches: int) -> Poster:
        lines = self.notebooks.captured(client, batches)
        poster = self.caller(_account(client), bodies(lines, _collection(client)))
        poster.greet("/v1/")
        return poster

    def caller(self, account: str, ready: list[bytes]) -> Poster:
        """A client with the account's password, which is the same for all."""
        known = base64.b64encode(f"{account}:{self.password}".encode()).decode()
        headers = {"Content-Type": "application/json", "Authorization": f"Basic {known}"}
        return Poster(self.port, "/v1/batch", headers, ready, verdicts)

    def open(self) -> None:
        """An account for every client, and a collection in which it may create records."""
        admin = self.caller("admin", [])
        admin.ask("PUT", f"/v1{BUCKET}", b"{}")
        for client in range(MOST_CLIENTS):
            account = {"data": {"password": self.password}}
            admin.ask("PUT", f"/v1/accounts/{_account(client)}", json.dumps(account).encode())
            rights = {"permissions": {"record:create": [f"account:{_account(client)}"]}}
            admin.ask("PUT", f"/v1{_collection(client)}", json.dumps(rights).encode())


def _account(client: int) -> str:
    return f"worker{client}"


def _collection(client: int) -> str:
    return f"{BUCKET}/collections/{_account(client)}"


def bodies(batches: Sequence[Lines], collection: str) -> list[bytes]:
    """The requests for `POST /v1/batch`: a PUT for each item, under the id that it has."""
    return [
        _body(lines[start : start + BATCH_LIMIT], collection)
        for lines in batches
        for start in range(0, len(lines), BATCH_LIMIT)
    ]


def _body(lines: Lines, collection: str) -> bytes:
    items = [json.loads(line) for line in lines]
    requests = [{"path": f"{collection}/records/{i['id']}", "body": {"data": i}} for i in items]
    whole = {"defaults": {"method": "PUT"}, "requests": requests}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def verdicts(answer: Any) -> Verdicts:
    """The status of each record: 201 created, 200 replaced."""
    return Counter(str(one["status"]) for one in answer["responses"])


@contextmanager
def running(cache: Path, folder: Path) -> Iterator[Subject]:
    """Kinto with a PostgreSQL of its own in `folder`; Unavailable if it cannot be had."""
    commands = installed.kinto(cache)
    with postgres.running(folder) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("ALTER DATABASE postgres SET TIMEZONE TO UTC")
        ini, password = folder / "kinto.ini", secrets.token_urlsafe()
        env = os.environ | {f"KINTO_{backend}_URL": url for backend in BACKENDS}
        env |= {f"KINTO_{backend}_POOL_SIZE": "50" for backend in BACKENDS}
        _set_up(str(commands / "kinto"), ini, password, env)
        port = free_port()
        with subject.program(_uwsgi(commands, ini, port), port, folder, env) as pid:
            site = Site(port, password)
            site.open()
            database = int((folder / "data" / "postmaster.pid").read_text().split()[0])
            told = {"fresh": "201", "replay": "200"}
            yield Subject(NAME, ABOUT, (pid, database), BATCHES, told, site.prepared)


def _set_up(kinto: str, ini: Path, password: str, env: dict[str, str]) -> None:
    on_postgresql = ["--backend", "postgresql", "--cache-backend", "postgresql"]
    installed.run([kinto, "init", "--ini", str(ini), *on_postgresql, "--host", "127.0.0.1"], env)
    _log_as_in_production(ini)
    installed.run([kinto, "migrate", "--ini", str(ini)], env)
    user = ["create-user", "--ini", str(ini), "-u", "admin", "-p", password]
    installed.run([kinto, *user], env)


def _log_as_in_production(ini: Path) -> None:
    """JSON lines without the debugging that `kinto init` turns on."""
    settings = configparser.RawConfigParser()
    settings.read(ini)
    settings["logger_kinto"]["level"] = "INFO"
    settings["handler_console"]["formatter"] = "json"
    with ini.open("w") as file:
        settings.write(file)


def _uwsgi(commands: Path, ini: Path, port: int) -> list[str]:
    at = [f"--http=127.0.0.1:{port}", "--ini-paste-logged", str(ini)]
    return [str(commands / "uwsgi"), *UWSGI, *at]
