"""Real `gewu worker` processes make the copies of photos that phones hand in over HTTP.

They are killed as a power cut kills; two work at once; each job has its effect once.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import func, select

from fieldkit.capture import take_in
from server.kernel.database import reading
from server.kernel.queue import Job
from server.media.models import Blob, Copy, Stamp
from tests.journeys.world import World, opened
from tests.photos.copies import drawn

GEWU = [sys.executable, "-m", "server.cli"]
SLOWEST_S = 120.0
LEASE_S = 3
PHOTOS = 12


class Workers:
    """`gewu worker` processes on the data of a world, logging to files in its folder."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self._folder = folder
        self._env = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self._env |= {
            "GEWU_DATA": str(folder),
            "GEWU_DATABASE_URL": database_url,
            "GEWU_FREE_BYTES": "0",
            "GEWU_JOB_LEASE_S": str(LEASE_S),
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }
        self.all: list[subprocess.Popen[bytes]] = []

    def start(self) -> "subprocess.Popen[bytes]":
        log = (self._folder / f"worker{len(self.all)}.log").open("wb")
        worker = subprocess.Popen(
            [*GEWU, "worker"], env=self._env, stdout=log, stderr=log, start_new_session=True
        )
        log.close()
        self.all.append(worker)
        return worker

    def kill(self) -> None:
        for worker in self.all:
            worker.kill()
            worker.wait()


@pytest.fixture
def staged(tmp_path: Path, database_url: str) -> Iterator[tuple[World, Workers]]:
    workers = Workers(tmp_path, database_url)
    with opened(tmp_path, database_url) as world:
        yield world, workers
        workers.kill()


def hand_in(world: World, number: int, folder: Path) -> None:
    """Reports with a photo each, synced by a real phone."""
    with world.device(0) as phone:
        for index in range(number):
            path = folder / f"camera{index}.jpg"
            path.write_bytes(drawn.saved(drawn.noise(900, 700), exif=drawn.exif(6)))
            photo = take_in(phone.store, path, "near")
            phone.acts.report("01-10", f"第{index}处", photos=[photo])
        while phone.sync().sent:
            pass


def count(world: World, table: Any, *where: Any) -> int:
    with world.inside(), reading() as session:
        return session.scalar(select(func.count()).select_from(table).where(*where)) or 0


def wait_until(happened: Callable[[], bool]) -> None:
    ends = time.monotonic() + SLOWEST_S
    while not happened():
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.1)


def is_all_done(world: World) -> bool:
    return count(world, Stamp) == PHOTOS and not count(world, Job, Job.state != "done")


def test_a_photo_of_a_phone_gets_its_copies(staged: tuple[World, Workers], tmp_path: Path) -> None:
    world, workers = staged
    worker = workers.start()
    hand_in(world, 1, tmp_path)
    wait_until(lambda: count(world, Stamp) == 1)
    with world.inside(), reading() as session:
        stamp = session.scalars(select(Stamp)).one()
        sha256, code = stamp.sha256, stamp.code
    for size, format_ in (("thumb", "WEBP"), ("screen", "WEBP"), ("stamped", "JPEG")):
        answer = world.supervisor.ask("GET", f"/media/{sha256}?size={size}")
        shown = Image.open(BytesIO(answer.body))
        assert (shown.format, not shown.getexif()) == (format_, True)
        assert shown.height > shown.width
    checked = world.supervisor.get(f"/verify/{code}")
    assert checked["sha256"] == sha256
    worker.terminate()
    assert worker.wait(60) == 0


def test_workers_killed_and_two_at_once_do_everything_once(
    staged: tuple[World, Workers], tmp_path: Path
) -> None:
    world, workers = staged
    hand_in(world, PHOTOS, tmp_path)
    assert count(world, Job, Job.kind == "photo.look") == PHOTOS
    for _ in range(2):
        before = count(world, Copy)
        victim = workers.start()
        wait_until(lambda: count(world, Copy) > before)  # noqa: B023
        wait_until(lambda: count(world, Job, Job.state == "running") > 0)
        victim.send_signal(signal.SIGKILL)
        victim.wait()
    first, second = workers.start(), workers.start()
    wait_until(lambda: is_all_done(world))
    assert count(world, Copy, Copy.problem.is_(None)) == 2 * PHOTOS
    # Twelve photos, each with thumb, screen and stamp; nothing twice, nothing left over.
    assert count(world, Blob) == 4 * PHOTOS
    files = [path for path in (tmp_path / "media" / "blobs").rglob("*") if path.is_file()]
    assert len(files) == 4 * PHOTOS
    for worker in (first, second):
        worker.terminate()
        assert worker.wait(60) == 0
