"""Every case in its order, on the product as it is served."""

import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench import street
from bench.cases import (
    first_sync,
    growth,
    idle,
    lights,
    line,
    lists,
    memory,
    photos,
    push,
    shift,
    statistics,
)
from bench.cases.record import Record, summary
from bench.cases.stage import Case, Size, Stage
from bench.deployment import deployed, served
from bench.phones import Phone
from bench.ports import free_port
from bench.room import need_room

# A server is idle before anything else was asked of it, and a first sync wants a feed that holds
# little else.
SMALL: dict[str, Case] = {
    "memory": memory.measure,
    "first_sync": first_sync.measure,
    "idle": idle.measure,
    "shift": shift.measure,
    "line": line.measure,
    "photos": photos.measure,
    "push": push.measure,
}
# These fill a store that is empty before; lists take what growth has left.
FILLED: dict[str, Case] = {"growth": growth.measure, "lists": lists.measure}
# These share a store of tasks whose clocks run.
CLOCKED: dict[str, Case] = {"lights": lights.measure, "statistics": statistics.measure}
CASES = SMALL | FILLED | CLOCKED
# Of an item and a task with all that belongs to them, on the safe side.
ITEM_BYTES = 4_000


def measure(database: str, size: Size, cases: Sequence[Case]) -> Iterator[Record]:
    """The cases on a new deployment, one after the other."""
    rng = random.Random(database)
    with (
        tempfile.TemporaryDirectory(prefix="gewu-bench-") as folder,
        deployed(database, Path(folder)) as deployment,
        deployment.app(),
    ):
        workers = street.build()
        port = free_port()
        with served(deployment, port) as server:
            phones = [Phone(worker, port, rng) for worker in workers[: max(size.clients)]]
            stage = Stage(deployment, server, workers, phones, size)
            for case in cases:
                yield from case(stage)


def run(size: Size, names: Sequence[str], databases: Sequence[str]) -> dict[str, Any]:
    """The named cases on each database: `size`, `summary` and `records`.

    ClickException if the disk would not hold what they store.
    """
    filled = [size.grown, size.listed] if FILLED.keys() & set(names) else []
    filled += [size.clocked] if CLOCKED.keys() & set(names) else []
    if filled:
        need_room(Path(tempfile.gettempdir()), ITEM_BYTES * max(filled))
    records: list[Record] = []
    for database in databases:
        for group in (SMALL, FILLED, CLOCKED) if size.apart else (FILLED | CLOCKED | SMALL,):
            cases = [case for name, case in group.items() if name in names]
            if cases:
                records += measure(database, size, cases)
    return {
        "size": asdict(size),
        "summary": summary(records),
        "records": [asdict(one) for one in records],
    }
