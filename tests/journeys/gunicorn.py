"""The real web processes, as `gewu serve` runs them; they can be killed as a power cut kills."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask

from server.app import create_app
from server.kernel.database import db
from server.keys import ensure_keys
from tests import factories
from tests.conftest import settings_for
from tests.journeys.web import call
from tests.journeys.world import FAST, World

WORKERS, THREADS = 2, 4
START_S = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Gunicorn:
    """gunicorn over the data in `folder`; `app` looks at the same database from this process.

    `given` are settings by name, besides those that every story needs.
    """

    folder: Path
    database_url: str
    app: Flask
    workers: int = WORKERS
    threads: int = THREADS
    given: dict[str, str] = field(default_factory=dict)
    url: str = field(default_factory=lambda: f"http://127.0.0.1:{free_port()}")
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it answers."""
        command = [sys.executable, "-m", "gunicorn", "server.wsgi:app"]
        options = {
            "--bind": self.url.removeprefix("http://"),
            "--worker-class": "server.gate.process.WebProcess",
            "--workers": str(self.workers),
            "--threads": str(self.threads),
            "--log-level": "warning",
        }
        with (self.folder / "gunicorn.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, *(part for option in options.items() for part in option)],
                env=self._environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait_until_it_answers()

    def _environment(self) -> dict[str, str]:
        given = {
            "GEWU_DATA": str(self.folder),
            "GEWU_DATABASE_URL": self.database_url,
            "GEWU_PUBLIC_URL": self.url,
            "GEWU_FREE_BYTES": "0",
            "GEWU_THREADS": str(self.threads),
            "GEWU_EXCHANGES_PER_MINUTE": str(FAST["exchanges_per_minute"]),
        }
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        more = {f"GEWU_{name.upper()}": value for name, value in self.given.items()}
        return kept | {"PYTHONPATH": str(Path(__file__).parents[2])} | given | more

    def _wait_until_it_answers(self) -> None:
        give_up = time.monotonic() + START_S
        while True:
            try:
                call(self.url, "GET", "/sync/key")
                return
            except OSError:
                if time.monotonic() > give_up or self.process.poll() is not None:
                    raise
                time.sleep(0.05)

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    def pids(self) -> list[int]:
        """The master and its workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [self.process.pid, *map(int, children.read_text().split())]

    def rss(self) -> int:
        """Bytes of memory that the fattest worker holds or ever held."""
        peaks = [Path(f"/proc/{pid}/status").read_text() for pid in self.pids()]
        lines = [line for text in peaks for line in text.splitlines() if "VmHWM" in line]
        return max(int(line.split()[1]) for line in lines) * 1024

    def kill(self) -> None:
        """SIGKILL to all its processes at once: none of them gets to tidy up."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()


@contextmanager
def started(
    folder: Path, database_url: str, workers: int = WORKERS, threads: int = THREADS, **given: str
) -> Iterator[tuple[Gunicorn, World]]:
    """A running gunicorn and the world around it; `given` are settings by name."""
    settings = settings_for(folder, database_url, **given)
    ensure_keys(settings)
    server = Gunicorn(folder, database_url, create_app(settings), workers, threads, given)
    with server.app.app_context():
        street = factories.street()
    world = World(server, street)
    server.start()
    try:
        yield server, world
    finally:
        world.close()
        server.stop()
        with server.app.app_context():
            db.engine.dispose()
