"""A whole deployment for stories: a real HTTP server on a database, its people and its phones."""

import hashlib
import shutil
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol, Self

from flask import Flask
from werkzeug.serving import make_server

from fieldkit.acts import Acts
from fieldkit.blobs import Photo
from fieldkit.capture import take_in
from fieldkit.client import Client, SyncReport
from fieldkit.clock import Clock, SystemClock
from fieldkit.store import Store
from fieldkit.transport import HttpTransport, Transport
from server.app import create_app
from server.kernel.database import db
from server.keys import ensure_keys
from tests import factories
from tests.conftest import settings_for
from tests.factories import Street
from tests.fieldkit.fakeserver import LossyTransport
from tests.journeys.web import Person, Wire
from tests.media.tools import picture

FAST = {"exchanges_per_minute": 100_000}
"""Stories exchange more often than phones may."""


class Road(Transport, Protocol):
    """A way to the server that can be hung up."""

    def close(self) -> None: ...


class Device:
    """A phone with the real fieldkit in it; `network.script` holds the faults to come."""

    def __init__(self, home: Path, road: Road, clock: Clock | None = None) -> None:
        self.home = home
        self.store = Store(home)
        self.clock = clock or SystemClock()
        self._road = road
        self.network = LossyTransport(road, [])
        self.client = Client(self.store, self.network, self.clock)
        self.acts = Acts(self.store, self.client.outbox)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.store.close()
        self._road.close()

    def sync(self, *faults: str) -> SyncReport:
        """One sync; the faults befall its first requests."""
        self.network.script.extend(faults)
        return self.client.sync()

    def photo(self, colour: str, size: int = 0, role: str = "near") -> Photo:
        """Take a photo of at least `size` bytes; the same colour gives the same bytes."""
        path = self.home / "camera.jpg"
        path.write_bytes(picture(colour).ljust(size, b"\0"))
        return take_in(self.store, path, role)

    def tasks(self) -> dict[str, dict[str, Any]]:
        """The tasks on the phone, by id."""
        return {task["id"]: task for task in self.client.inbox.objects("task")}

    def lines(self, state: str | None = None) -> dict[str, bytes]:
        """The bytes of the captured items by id, of all or of those in a state."""
        rows = self.store.rows("SELECT id, line FROM items WHERE ? IN (state, '')", (state or "",))
        return {row["id"]: bytes(row["line"]) for row in rows}

    def verdict(self, item: str) -> tuple[str, str | None]:
        """(state on the phone, last status) of a captured item."""
        row = self.store.row("SELECT state, status FROM items WHERE id = ?", (item,))
        assert row is not None
        return row["state"], row["status"]

    def back_up(self, folder: Path) -> Path:
        """A copy of everything in the phone, as a backup program takes it; its folder."""
        self.store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copytree(self.home, folder)
        return folder


class Served(Protocol):
    """What answers at `url`; `app` is its application, or another one on the same database."""

    app: Flask
    url: str
    folder: Path


class World:
    """One deployment: address, street, and ways to look behind the doors."""

    def __init__(self, served: Served, street: Street) -> None:
        self._served, self.street = served, street
        self.url, self.folder = served.url, served.folder
        self._open = ExitStack()

    @property
    def app(self) -> Flask:
        return self._served.app

    def inside(self) -> AbstractContextManager[Any]:
        """An app context, for factories and for looking at rows."""
        return self.app.app_context()

    def person(self, member: str) -> Person:
        """A member who just logged in."""
        with self.inside():
            return Person(self.url, factories.token_for(member))

    @property
    def supervisor(self) -> Person:
        return self.person(self.street.supervisor)

    @property
    def admin(self) -> Person:
        return self.person(self.street.admin)

    def device(self, worker: int = 0, clock: Clock | None = None) -> Device:
        """A phone of `street.workers[worker]`, enrolled by scanning a code."""
        number = len(list(self.folder.glob("phone*")))
        device = self.switched_on(self.folder / f"phone{number}", clock)
        device.client.enroll(self.code(worker))
        return device

    def switched_on(self, home: Path, clock: Clock | None = None) -> Device:
        """The phone whose memory lies in `home`."""
        return self._open.enter_context(Device(home, HttpTransport(), clock))

    def code(self, worker: int = 0) -> str:
        """The address in the QR code that the supervisor shows to a worker."""
        wanted = {"member": self.street.workers[worker], "ttl_s": 3600}
        return str(self.supervisor.post("/enrolments", wanted)["url"])

    def wire(self, worker: int = 0) -> Wire:
        """A phone of the worker whose lines the test writes itself."""
        with self.inside():
            return Wire(self.url, factories.device_for(self.street.workers[worker]))

    def push(self, worker: int = 0, title: str = "检查消防通道", **more: Any) -> str:
        """The supervisor gives the worker a task; its id."""
        wanted = {"assignee": self.street.workers[worker], "title": title} | more
        return str(self.supervisor.post("/tasks", wanted)["id"])

    def close(self) -> None:
        self._open.close()


class Deployment:
    """A served application with its data in `folder`; the address stays, whatever happens to it."""

    def __init__(self, folder: Path, database_url: str, **given: Any) -> None:
        self.folder, self._given = folder, FAST | given
        self.app = self._app(database_url)
        self._server = make_server("127.0.0.1", 0, self.app, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.app.config["PUBLIC_URL"] = self.url
        serve = self._server.serve_forever
        self._thread = threading.Thread(target=serve, args=(0.02,), daemon=True)
        self._thread.start()

    def _app(self, database_url: str) -> Flask:
        settings = settings_for(self.folder, database_url, **self._given)
        ensure_keys(settings)
        return create_app(settings)

    def move_to(self, database_url: str) -> None:
        """Serve another database from now on, as after putting back a copy."""
        self.let_go()
        self.app = self._server.app = self._app(database_url)
        self.app.config["PUBLIC_URL"] = self.url

    def let_go(self) -> None:
        """Close the connections to the database; new ones are opened when needed."""
        with self.app.app_context():
            db.engine.dispose()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self.let_go()


@contextmanager
def opened(folder: Path, database_url: str, **given: Any) -> Iterator[World]:
    """A running deployment with a street; `given` are settings."""
    with deployed(folder, database_url, **given) as (world, _):
        yield world


@contextmanager
def deployed(folder: Path, database_url: str, **given: Any) -> Iterator[tuple[World, Deployment]]:
    """The same, with what serves it."""
    deployment = Deployment(folder, database_url, **given)
    with deployment.app.app_context():
        street = factories.street()
    world = World(deployment, street)
    try:
        yield world, deployment
    finally:
        world.close()
        deployment.stop()


def sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
