"""Every case in its order, on the product as it is served."""

import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench import street
from bench.cases import first_sync, idle, line, memory, photos, push, shift
from bench.cases.record import Record, summary
from bench.cases.stage import CLIENTS, Case, Size, Stage, by_rounds
from bench.deployment import deployed, served
from bench.phones import Phone
from bench.ports import free_port

# A server is idle before anything else was asked of it, and a first sync wants a feed that holds
# little else.
CASES: dict[str, Case] = {
    "memory": by_rounds(memory.measure),
    "first_sync": by_rounds(first_sync.measure),
    "idle": by_rounds(idle.measure),
    "shift": by_rounds(shift.measure),
    "line": by_rounds(line.measure),
    "photos": photos.measure,
    "push": by_rounds(push.measure),
}


def measure(database: str, folder: Path, size: Size, names: Sequence[str]) -> Iterator[Record]:
    """The named cases on a new deployment, case by case."""
    rng = random.Random(database)
    with deployed(database, folder) as deployment, deployment.app():
        workers = street.build()
        port = free_port()
        with served(deployment, port) as server:
            phones = [Phone(worker, port, rng) for worker in workers[: max(CLIENTS)]]
            stage = Stage(deployment, server, workers, phones, size)
            for name in names:
                yield from CASES[name](stage)


def run(size: Size, names: Sequence[str], databases: Sequence[str]) -> dict[str, Any]:
    """The named cases on each database: `size`, `summary` and `records`."""
    records: list[Record] = []
    for database in databases:
        with tempfile.TemporaryDirectory(prefix="gewu-bench-") as folder:
            records += measure(database, Path(folder), size, names)
    return {
        "size": asdict(size),
        "summary": summary(records),
        "records": [asdict(one) for one in records],
    }
