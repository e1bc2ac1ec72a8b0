"""The server lost its database and was put back to a copy from this morning.

Promised: `gewu restore` rotates the epoch, so every phone sees that the server went back in time,
starts its feed over and offers what it holds; afterwards nothing that was ever acknowledged is
missing, and the receipts from before still prove it.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from fieldkit.errors import Unauthorized
from fieldkit.receipts import Receipts
from fieldkit.verify import check
from fieldkit.wire import decode_base64
from server.kernel.database import writing
from server.kernel.state import rotate_epoch
from tests.journeys.world import Deployment, Device, World, deployed


class Copy:
    """A copy of the deployment's database; taking it and putting it back."""

    def __init__(self, deployment: Deployment, database_url: str) -> None:
        self._deployment, self._from = deployment, make_url(database_url)
        self._folder = deployment.folder
        self.made = False

    @property
    def _to(self) -> str:
        if self._from.drivername == "sqlite":
            return f"sqlite:///{self._folder}/copy.db"
        return self._from.set(database=f"{self._from.database}_copy").render_as_string(False)

    def take(self) -> None:
        """Copy the database as it is now."""
        self.made = True
        if self._from.drivername == "sqlite":
            target = sqlite3.connect(self._folder / "copy.db")
            with closing(sqlite3.connect(str(self._from.database))) as source, closing(target):
                source.backup(target)
            return
        self._deployment.let_go()
        name = self._from.database
        self._on_postgres(f'CREATE DATABASE "{name}_copy" TEMPLATE "{name}"')

    def put_back(self) -> str:
        """Go on with the copy under a new epoch, which is given."""
        self._deployment.move_to(self._to)
        with self._deployment.app.app_context(), writing() as session:
            return rotate_epoch(session)

    def remove(self) -> None:
        if self.made and self._from.drivername != "sqlite":
            self._deployment.let_go()
            self._on_postgres(f'DROP DATABASE "{self._from.database}_copy" WITH (FORCE)')

    def _on_postgres(self, statement: str) -> None:
        address = self._from.set(drivername="postgresql", database="postgres")
        with psycopg.connect(address.render_as_string(False), autocommit=True) as connection:
            connection.execute(statement.encode())


@pytest.fixture
def deployment(tmp_path: Path, database_url: str) -> Iterator[tuple[World, Deployment]]:
    with deployed(tmp_path, database_url) as both:
        yield both


@pytest.fixture
def world(deployment: tuple[World, Deployment]) -> World:
    return deployment[0]


@pytest.fixture
def copy(deployment: tuple[World, Deployment], database_url: str) -> Iterator[Copy]:
    copy = Copy(deployment[1], database_url)
    yield copy
    copy.remove()


def a_day(device: Device, name: str) -> None:
    """Reports with and without photos, handed in."""
    for number in range(3):
        device.acts.report("01-10", f"{name}{number}")
    device.acts.report("01-10", f"{name}有照片", photos=[device.photo(name)])
    device.sync()


def check_nothing_is_missing(world: World, *devices: Device) -> None:
    supervisor = world.supervisor
    captured = {id_: line for device in devices for id_, line in device.lines().items()}
    shown = {item["id"]: supervisor.get(f"/items/{item['id']}") for item in supervisor.items()}
    assert {id_: item["raw"].encode() for id_, item in shown.items()} == captured
    assert {item["photos"] for item in shown.values()} == {"none", "complete"}


def test_nothing_acknowledged_is_missing_afterwards(world: World, copy: Copy) -> None:
    devices = [world.device(worker) for worker in range(3)]
    for device in devices:
        a_day(device, "red")
    copy.take()
    for device in devices:
        a_day(device, "blue")
    before = {device.store.get("epoch") for device in devices}
    epoch = copy.put_back()
    assert len(world.supervisor.items()) == 12

    devices[0].acts.report("01-10", "恢复之后")
    for device in devices:
        assert device.client.exchange().reset
        report = device.sync()
        assert (report.tray, report.warnings) == (0, [])

    check_nothing_is_missing(world, *devices)
    assert before != {epoch} == {device.store.get("epoch") for device in devices}
    assert all(device.store.unsent() == 0 for device in devices)
    assert not devices[0].client.exchange().reset


def test_tasks_of_after_the_copy_are_gone_and_work_on_the_others_is_done_again(
    world: World, copy: Copy
) -> None:
    device = world.device()
    task = world.push()
    device.sync()
    copy.take()
    forgotten = world.push()
    done = [device.acts.act_on(device.tasks()[task], name).id for name in ("accept", "start")]
    device.sync()
    done.append(device.acts.act_on(device.tasks()[task], "complete").id)
    device.sync()
    copy.put_back()
    assert world.supervisor.get(f"/tasks/{task}")["state"] in ("assigned", "delivered")

    device.sync()

    shown = world.supervisor.get(f"/tasks/{task}")
    assert shown["state"] == "done"
    assert [event["item"] for event in shown["events"] if event["item"]] == done
    device.sync()
    assert device.tasks().keys() == {task}
    assert device.tasks()[task]["state"] == "done"
    assert world.supervisor.ask("GET", f"/tasks/{forgotten}").status == 404


def test_receipts_of_both_epochs_verify(world: World, copy: Copy) -> None:
    device = world.device()
    a_day(device, "red")
    copy.take()
    a_day(device, "blue")
    first = device.store.get("epoch")
    second = copy.put_back()
    device.sync()
    a_day(device, "green")

    receipts = Receipts(device.store).all()

    assert check(receipts, decode_base64(device.store.need("server_key"))) == []
    assert {receipt.epoch for receipt in receipts} == {first, second}
    numbers = [(receipt.no, receipt.epoch) for receipt in receipts]
    assert (2, first) in numbers and (2, second) in numbers
    assert "key_changed" not in device.client.warnings()


def test_a_phone_enrolled_after_the_copy_comes_back_with_a_new_code(
    world: World, copy: Copy
) -> None:
    """The restored server never heard of it; what it handed in is offered again all the same."""
    copy.take()
    device = world.device()
    a_day(device, "red")
    waiting = device.acts.report("01-10", "还没交").id
    copy.put_back()
    with pytest.raises(Unauthorized):
        device.sync()
    assert device.verdict(waiting) == ("queued", None)

    device.client.enroll(world.code())
    device.sync()

    check_nothing_is_missing(world, device)
