"""A deployment as `gewu init` makes it, in a folder and a database of its own."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import make_url

from server.app import create_app
from server.cli import main
from server.config import load
from server.kernel.database import db
from tests.conftest import DATABASES

ADMIN, PASSWORD = "admin", "a long password"
GEWU = [sys.executable, "-m", "server.cli"]
SLOWEST_START_S = 60.0


@dataclass
class Deployment:
    """`gewu` in-process, the app on the same data, and programs that run beside."""

    data: Path
    database_url: str
    programs: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    @property
    def env(self) -> dict[str, str]:
        given = {"GEWU_DATA": str(self.data), "GEWU_FREE_BYTES": "0", "GEWU_LANG": "en"}
        if not self.database_url.startswith("sqlite"):
            given["GEWU_DATABASE_URL"] = self.database_url
        return given

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    def gewu(self, *args: str, typed: str | None = None, **env: str | None) -> Result:
        """Run the command; an exception that no command should let out fails the test."""
        result = CliRunner().invoke(main, args, input=typed, env=self.env | env)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    @contextmanager
    def app(self) -> Iterator[Flask]:
        """The application on this deployment, inside an app context."""
        app = create_app(load(self.env))
        with app.app_context():
            yield app
            db.session.remove()
            db.engine.dispose()

    def start(self, *args: str, **env: str) -> "subprocess.Popen[bytes]":
        """A program of its own, which is stopped with the test; its log in `data`/<no>.log."""
        log = (self.data / f"{len(self.programs)}.log").open("wb")
        clean = {k: v for k, v in os.environ.items() if not k.startswith("GEWU_")}
        program = subprocess.Popen(
            [*GEWU, *args], env=clean | self.env | env, stdout=log, stderr=subprocess.STDOUT
        )
        log.close()
        self.programs.append(program)
        return program

    def log(self, program: "subprocess.Popen[bytes]") -> str:
        """What the program has written so far."""
        return (self.data / f"{self.programs.index(program)}.log").read_text()


@pytest.fixture(scope="session")
def sqlite_deployment(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    data = tmp_path_factory.mktemp("deployed") / "data"
    return _initialised(Deployment(data, f"sqlite:///{data}/gewu.db"))


@pytest.fixture(scope="session")
def postgres_deployment(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> Deployment:
    name = f"d{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    url = make_url(postgres_url).set(database=name).render_as_string(False)
    return _initialised(Deployment(tmp_path_factory.mktemp("deployed") / "data", url))


def _initialised(deployment: Deployment) -> Deployment:
    result = deployment.gewu("init", "--admin", ADMIN, GEWU_ADMIN_PASSWORD=PASSWORD)
    assert result.exit_code == 0, result.output
    return deployment


Deploy = Callable[[str], Deployment]


@pytest.fixture
def deploy(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Deploy]:
    """Make a copy of the deployment of the dialect named; its programs end with the test."""
    made: list[Deployment] = []
    databases: list[tuple[str, str]] = []

    def make(dialect: str) -> Deployment:
        data = tmp_path / "data"
        if dialect == "sqlite":
            template = request.getfixturevalue("sqlite_deployment")
            url = f"sqlite:///{data}/gewu.db"
        else:
            template = request.getfixturevalue("postgres_deployment")
            server, name = request.getfixturevalue("postgres_url"), f"d{uuid.uuid4().hex[:12]}"
            origin = make_url(template.database_url).database
            with psycopg.connect(server, autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name} TEMPLATE {origin}")
            databases.append((server, name))
            url = make_url(server).set(database=name).render_as_string(False)
        shutil.copytree(template.data, data)
        made.append(Deployment(data, url))
        return made[-1]

    yield make
    for program in [program for deployment in made for program in deployment.programs]:
        program.kill()
        program.wait()
    for server, name in databases:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=DATABASES)
def deployment(request: pytest.FixtureRequest, deploy: Deploy) -> Deployment:
    """A deployment on each of the two databases."""
    return deploy(request.param)


@pytest.fixture
def on_sqlite(deploy: Deploy) -> Deployment:
    return deploy("sqlite")


@pytest.fixture
def on_postgres(deploy: Deploy) -> Deployment:
    return deploy("postgresql")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def wait_until(happened: Callable[[], bool], program: "subprocess.Popen[bytes]") -> None:
    """Wait for what the program is to do; fails if it ends before."""
    ends = time.monotonic() + SLOWEST_START_S
    while not happened():
        assert program.poll() is None, "the program ended"
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.1)


def answers(url: str) -> bool:
    """Whether the address answers 200."""
    try:
        with urllib.request.urlopen(url) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError):
        return False
