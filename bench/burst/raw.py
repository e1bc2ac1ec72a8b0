"""The limit: the rows of a sample of devices inserted raw, their photos hashed and synced to disk.

The rows are those that the product wrote, put back by the driver alone into the same tables and
indexes without foreign keys: one transaction for what one hand-in wrote, one for each photo, as
each is acknowledged alone. One connection writes the rows, as many threads as the server has the
photos. What the server updates (devices, tasks, feeds) is not in it.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import select

from bench.burst.phone import Load
from bench.deployment import Deployment
from bench.film import Film
from bench.floor import RawDatabase, Rows, stored, write_synced
from bench.taken import taken
from server.cases.models import Report
from server.items.models import Item
from server.kernel.database import db
from server.media.models import Blob, BlobOwner, ItemMedia, Upload
from server.patrol.models import Shift
from server.tasks.models import TaskEvent

BY_ITEM = (Item.id, ItemMedia.item, Report.id, Shift.start_item, TaskEvent.item)
BY_PHOTO = (Upload.sha256, Blob.sha256, BlobOwner.sha256)


@dataclass(frozen=True)
class Raw:
    """What the sample took: wall seconds and CPU seconds, the database's own included."""

    devices: int
    rows_s: float
    rows_cpu_s: float
    photos_s: float
    photos_cpu_s: float


def limit(deployment: Deployment, loads: Sequence[Load], film: Film, threads: int) -> Raw:
    """Measure it for these devices; needs the app's context."""
    batches = [batch for load in loads for batch in _batches(load)]
    photos = [film.photo(photo.number) for load in loads for photo in load.photos.values()]
    database = RawDatabase(deployment, (*BY_ITEM, *BY_PHOTO))
    rows = taken(partial(database.insert, batches), deployment.database_pids)
    database.close()
    folder = deployment.data / "raw"
    folder.mkdir()
    files = taken(partial(_write_all, folder, photos, threads))
    return Raw(len(loads), rows.seconds, rows.here + rows.there, files.seconds, files.here)


def _batches(load: Load) -> Iterator[Rows]:
    """What the hand-in wrote, then what each photo wrote."""
    with db.engine.connect() as connection:
        ids = connection.scalars(select(Item.id).where(Item.install == load.worker.install)).all()
        yield stored(connection, BY_ITEM, ids)
        for photo in load.photos:
            yield stored(connection, BY_PHOTO, [photo])


def _write_all(folder: Path, photos: Sequence[bytes], threads: int) -> None:
    paths = [folder / str(number) for number in range(len(photos))]
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(write_synced, paths, photos))
