"""The limit: the rows of a sample of devices inserted raw, their photos hashed and synced to disk.

The rows are those that the product wrote, put back by the driver alone into the same tables and
indexes without foreign keys: one transaction for what one hand-in wrote, one for each photo, as
each is acknowledged alone. One connection writes the rows, as many threads as the server has the
photos. What the server updates (devices, tasks, feeds) is not in it.
"""

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Dialect, NullPool, Table, create_engine, select, type_coerce
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.types import NullType

from bench.burst.phone import Load
from bench.burst.photos import Film
from bench.deployment import Deployment
from bench.floor import _connected, _storable
from bench.taken import taken
from server.cases.models import Report
from server.items.models import Item
from server.kernel.database import db
from server.media.models import Blob, BlobOwner, ItemMedia, Upload
from server.patrol.models import Shift
from server.tasks.models import TaskEvent

BY_ITEM = (Item.id, ItemMedia.item, Report.id, Shift.start_item, TaskEvent.item)
BY_PHOTO = (Upload.sha256, Blob.sha256, BlobOwner.sha256)

Rows = list[tuple[Table, list[dict[str, Any]]]]
"""What one transaction wrote, by table."""


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
    connection, dialect = _prepared(deployment)
    rows = taken(partial(_insert, connection, dialect, batches), deployment.database_pids)
    connection.close()
    folder = deployment.data / "raw"
    folder.mkdir()
    files = taken(partial(_write_all, folder, photos, threads))
    return Raw(len(loads), rows.seconds, rows.here + rows.there, files.seconds, files.here)


def _batches(load: Load) -> list[Rows]:
    with db.engine.connect() as connection:
        ids = connection.scalars(select(Item.id).where(Item.install == load.worker.install)).all()
        hand_in = [_rows(connection, column, ids) for column in BY_ITEM]
        photos = [[_rows(connection, column, [one]) for column in BY_PHOTO] for one in load.photos]
    return [hand_in, *photos]


def _rows(connection: Any, column: Any, keys: Sequence[str]) -> tuple[Table, list[dict[str, Any]]]:
    """The table's rows with these keys, as its driver keeps them."""
    table: Table = column.class_.__table__
    whole = select(*(type_coerce(one, NullType()).label(one.name) for one in table.c))
    found = connection.execute(whole.where(column.in_(keys))).mappings()
    return table, [{name: _storable(value) for name, value in row.items()} for row in found]


def _insert(connection: Any, dialect: Dialect, batches: Sequence[Rows]) -> None:
    texts = {
        table: str(table.insert().compile(dialect=dialect))
        for table in (column.class_.__table__ for column in (*BY_ITEM, *BY_PHOTO))
    }
    cursor = connection.cursor()
    for batch in batches:
        for table, rows in batch:
            if rows:
                cursor.executemany(texts[table], rows)
        connection.commit()


def _prepared(deployment: Deployment) -> tuple[Any, Dialect]:
    """A connection of the driver alone, as durable as the product's, to the empty tables."""
    with create_engine(deployment.raw_url, poolclass=NullPool).begin() as connection:
        for column in (*BY_ITEM, *BY_PHOTO):
            table = column.class_.__table__
            connection.execute(CreateTable(table, include_foreign_key_constraints=[]))
            for index in table.indexes:
                connection.execute(CreateIndex(index))
    return _connected(deployment)


def _write_all(folder: Path, photos: Sequence[bytes], threads: int) -> None:
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(partial(_write, folder), range(len(photos)), photos))


def _write(folder: Path, number: int, content: bytes) -> None:
    hashlib.sha256(content).hexdigest()
    with (folder / str(number)).open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
