"""`python -m bench.sync`: what fresh batches and exact replays cost, beside a raw insert.

A round takes every number of clients in turn: tasks are given, phones catch up, then the clock
runs for the fresh batches, for the same bytes again, for a raw insert of the rows that the server
wrote, and for parsing the lines.
"""

import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click

from bench import floor, report, results, street
from bench.deployment import DATABASES, Deployment, Server, deployed, served
from bench.figures import latency_ms
from bench.items import BATCH, MIX
from bench.load import Load, all_hand_in, refuse_unless_all
from bench.phones import Phone, captured
from bench.ports import free_port
from bench.report import Sample
from bench.rounds import Rounds
from bench.taken import taken

CLIENTS = (1, 8, 32)
RESULTS = results.FOLDER / "sync.json"
TOLD = {"fresh": "accepted", "replay": "replay"}


@dataclass(frozen=True)
class Size:
    """`batches` are shared by the clients of one measurement; each has at least one."""

    rounds: Rounds
    batches: int


FULL, QUICK = Size(Rounds(5, 65.0, warm=True), 32), Size(Rounds(1, 65.0), 1)


@dataclass(frozen=True)
class Bench:
    """One database under test."""

    deployment: Deployment
    server: Server
    raw: floor.RawDatabase
    phones: list[Phone]

    def samples(self, size: Size) -> Iterator[Sample]:
        """Everything that is measured on this database, after exchanges that only warm it up."""
        if size.rounds.warm:
            list(self._measured(0, max(CLIENTS), 1))
        for number in size.rounds:
            for clients in CLIENTS:
                yield from self._measured(number, clients, size.batches)

    def _measured(self, number: int, clients: int, batches: int) -> Iterator[Sample]:
        phones = self.phones[:clients]
        shares = [captured(phone, max(1, batches // clients)) for phone in phones]
        every = [lines for share in shares for lines in share]
        sample = partial(
            Sample,
            database=self.deployment.database,
            clients=clients,
            round=number,
            items=len(every) * BATCH,
        )
        loads = [partial(phone.hand_in, share) for phone, share in zip(phones, shares, strict=True)]
        for phone in phones:
            phone.ready()
        for what in TOLD:
            yield sample(what=what, **self._handed_in(what, phones, loads, len(every) * BATCH))
        rows = floor.rows_of(every)
        inserted = taken(partial(self.raw.insert, rows), self.deployment.database_pids)
        yield sample(what="raw", seconds=inserted.seconds, cpu=inserted.here + inserted.there)
        parsed = taken(partial(floor.parse, every))
        yield sample(what="parse", seconds=parsed.seconds, cpu=parsed.here)

    def _handed_in(
        self, what: str, phones: list[Phone], loads: Sequence[Load], items: int
    ) -> dict[str, Any]:
        for phone in phones:
            phone.wire.forget()
        took = taken(partial(all_hand_in, loads), self.server.pids)
        refuse_unless_all(TOLD[what], took, items)
        return {
            "seconds": took.seconds,
            "cpu": took.there,
            "load_cpu": took.here,
            "verdicts": dict(took.result),
            "latency": latency_ms([one for phone in phones for one in phone.wire.seconds]),
        }


def measure(database: str, folder: Path, size: Size) -> list[Sample]:
    """A new deployment on the database, measured."""
    rng = random.Random(database)
    with deployed(database, folder) as deployment, deployment.app():
        workers = street.build()
        raw = floor.RawDatabase(deployment, floor.BY_ITEM)
        port = free_port()
        with served(deployment, port) as server:
            phones = [Phone(worker, port, rng) for worker in workers[: max(CLIENTS)]]
            samples = list(Bench(deployment, server, raw, phones).samples(size))
        raw.close()
        return samples


def run(size: Size) -> dict[str, Any]:
    """Both databases, one after the other: `size`, `summary` and `samples`."""
    samples: list[Sample] = []
    for database in DATABASES:
        with tempfile.TemporaryDirectory(prefix="gewu-bench-") as folder:
            samples += measure(database, Path(folder), size)
    return {
        "size": asdict(size) | {"batch": BATCH, "mix": MIX},
        "summary": report.summary(samples),
        "samples": [asdict(sample) for sample in samples],
    }


@click.command()
@click.option("--quick", is_flag=True, help="Every case once and tiny: to see that it runs.")
@click.option(
    "--results", "path", type=click.Path(path_type=Path), default=RESULTS, show_default=True
)
def main(quick: bool, path: Path) -> None:
    """Measure hand-ins of 100 mixed items on SQLite and PostgreSQL."""
    about = results.about("python -m bench.sync")
    found = run(QUICK if quick else FULL)
    results.write(path, about | found)
    results.show(report.table(found["summary"]))
    click.echo(path)


if __name__ == "__main__":
    main()
