"""The product under test: `gewu init` and `gewu serve`, on a database of its own."""

import os
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from server.app import create_app
from server.config import load
from server.kernel.database import db
from tests import postgres

SQLITE, POSTGRESQL = "sqlite", "postgresql"
DATABASES = (SQLITE, POSTGRESQL)
WORKERS, THREADS = 2, 8
GEWU = [sys.executable, "-m", "server.cli"]
SLOWEST_START_S = 60.0


@dataclass(frozen=True)
class Deployment:
    """`raw_url` is an empty database beside the product's; `database_pids` its processes, if any.

    A database inside of the product's own processes has none.
    """

    database: str
    data: Path
    url: str
    raw_url: str
    database_pids: tuple[int, ...] = ()

    @property
    def given(self) -> dict[str, str]:
        """The settings that differ from the defaults."""
        return {
            "GEWU_DATA": str(self.data),
            "GEWU_DATABASE_URL": self.url,
            "GEWU_EXCHANGES_PER_MINUTE": "100000",
            "GEWU_FREE_BYTES": "0",
            "GEWU_WORKERS": str(WORKERS),
            "GEWU_THREADS": str(THREADS),
        }

    def environ(self) -> dict[str, str]:
        """The environment of the product's processes."""
        clean = {name: value for name, value in os.environ.items() if name[:5] != "GEWU_"}
        return clean | self.given

    @contextmanager
    def app(self) -> Iterator[None]:
        """The application's context in this process, beside the served one."""
        with create_app(load(self.given)).app_context():
            try:
                yield
            finally:
                db.session.remove()
                db.engine.dispose()


@contextmanager
def deployed(database: str, folder: Path) -> Iterator[Deployment]:
    """A new deployment in `folder`."""
    with _on(database, folder) as deployment:
        subprocess.run(
            [*GEWU, "init", "--admin", "admin"],
            env=deployment.environ() | {"GEWU_ADMIN_PASSWORD": secrets.token_urlsafe()},
            stdout=subprocess.DEVNULL,
            check=True,
        )
        yield deployment


@contextmanager
def _on(database: str, folder: Path) -> Iterator[Deployment]:
    data = folder / database
    if database == SQLITE:
        data.mkdir()
        yield Deployment(SQLITE, data, f"sqlite:///{data}/gewu.db", f"sqlite:///{data}/raw.db")
        return
    home = folder / "server"
    home.mkdir()
    with postgres.running(home) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE gewu")
            connection.execute("CREATE DATABASE raw")
        pid = int((home / "data" / "postmaster.pid").read_text().split()[0])
        yield Deployment(POSTGRESQL, data, _named(url, "gewu"), _named(url, "raw"), (pid,))


def _named(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


@dataclass(frozen=True)
class Server:
    """The served product: where it listens, and its processes, those of the database included."""

    port: int
    pids: tuple[int, ...]


@contextmanager
def served(deployment: Deployment, port: int) -> Iterator[Server]:
    """`gewu serve` until the block is left."""
    with (deployment.data / "serve.log").open("wb") as log:
        program = subprocess.Popen(
            [*GEWU, "serve", "--port", str(port)],
            env=deployment.environ(),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_ready(program, port)
        yield Server(port, (program.pid, *deployment.database_pids))
    finally:
        program.terminate()
        program.wait()


def _wait_until_ready(program: "subprocess.Popen[bytes]", port: int) -> None:
    """RuntimeError if it ends, or does not get ready in `SLOWEST_START_S`."""
    ends = time.monotonic() + SLOWEST_START_S
    while program.poll() is None and time.monotonic() < ends:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz").close()
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise RuntimeError("gewu serve did not get ready")
