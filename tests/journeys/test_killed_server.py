"""kill -9 of all server processes under the load of several phones, twice over.

Promised: what any phone was told is stored is there when the server comes back; nothing is there
twice; the phones hand in the rest by themselves; receipts and feed numbers have no gap.
"""

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import func, select

from fieldkit.errors import ProblemError, TransportError
from fieldkit.receipts import Receipts
from fieldkit.transport import HttpTransport
from fieldkit.verify import check
from fieldkit.wire import decode_base64
from server.cases.models import Report
from server.items.models import Item
from server.kernel.database import reading
from server.media.models import ItemMedia
from tests.journeys.gunicorn import Gunicorn, started
from tests.journeys.world import Device, World

PHONES, KILLS, BEFORE_A_KILL = 4, 2, 50
COLOURS = ("red", "green", "blue", "white", "black", "yellow", "cyan", "magenta")


class Load:
    """Phones that capture and hand in, each in its own thread, until they are told to stop."""

    def __init__(self, homes: Sequence[Path]) -> None:
        self._stop, self._changed = threading.Event(), threading.Condition()
        self._handed_in = 0
        self._threads = [threading.Thread(target=self._work, args=(home,)) for home in homes]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def wait_until_handed_in(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self._handed_in >= count, timeout=60)

    def _work(self, home: Path) -> None:
        with Device(home, HttpTransport()) as device:
            self._hand_in(device)

    def _hand_in(self, device: Device) -> None:
        number = 0
        while not self._stop.is_set():
            number += 1
            photos = [device.photo(COLOURS[number % 8])] if number % 3 == 0 else []
            device.acts.report("01-10", f"第{number}处", photos=photos)
            try:
                report = device.sync()
            except (TransportError, ProblemError):
                continue
            with self._changed:
                self._handed_in += report.sent
                self._changed.notify()


@pytest.fixture
def both(tmp_path: Path, database_url: str) -> Iterator[tuple[Gunicorn, World]]:
    with started(tmp_path, database_url) as both:
        yield both


def stored(world: World) -> dict[str, bytes]:
    """The bytes of every item on the server, by id."""
    with world.inside(), reading() as session:
        return {row.id: row.raw for row in session.execute(select(Item.id, Item.raw))}


def of_all(devices: Sequence[Device], state: str | None = None) -> dict[str, bytes]:
    """What the phones hold, or hold in a state, by id."""
    return {id_: line for device in devices for id_, line in device.lines(state).items()}


def test_nothing_acknowledged_is_lost(both: tuple[Gunicorn, World]) -> None:
    server, world = both
    devices = [world.device(worker) for worker in range(PHONES)]
    for _ in range(KILLS):
        with Load([device.home for device in devices]) as load:
            load.wait_until_handed_in(BEFORE_A_KILL)
            server.kill()
        promised = of_all(devices, "sent")
        on_the_server = stored(world)
        assert {id_: on_the_server.get(id_) for id_ in promised} == promised
        server.start()

    for device in devices:
        device.sync()
        device.sync()

    captured = of_all(devices)
    assert len(captured) >= KILLS * BEFORE_A_KILL
    assert stored(world) == captured
    assert all(device.store.unsent() == 0 for device in devices)
    for device in devices:
        key = decode_base64(device.store.need("server_key"))
        assert check(Receipts(device.store).all(), key) == []
    with world.inside(), reading() as session:
        assert session.scalar(select(func.count()).select_from(Report)) == len(captured)
        waiting = select(func.count()).select_from(ItemMedia).where(~ItemMedia.stored)
        assert session.scalar(waiting) == 0
