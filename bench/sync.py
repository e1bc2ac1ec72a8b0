"""`python -m bench.sync`: what fresh batches and exact replays cost, beside a raw insert.

A round takes every number of clients in turn: tasks are given, phones catch up, then the clock
runs for the fresh batches, for the same bytes again, for a raw insert of the rows that the server
wrote, and for parsing the lines.
"""

import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click
from rich.console import Console

from bench import floor, report, street
from bench.deployment import DATABASES, THREADS, WORKERS, Deployment, Server, deployed, served
from bench.items import BATCH, MIX, SHIFTS
from bench.phones import Lines, Phone, all_hand_in
from bench.ports import free_port
from bench.report import Sample, latency_ms
from bench.taken import Taken, taken

CLIENTS = (1, 8, 32)
RESULTS = Path(__file__).parent / "results" / "sync.json"


@dataclass(frozen=True)
class Size:
    """`batches` are shared by the clients of one measurement; each has at least one.

    After `seconds` on one database no further round begins.
    """

    rounds: int
    batches: int
    warm: bool
    seconds: float


FULL, QUICK = Size(5, 32, True, 65.0), Size(1, 1, False, 65.0)


@dataclass(frozen=True)
class Bench:
    """One database under test."""

    deployment: Deployment
    server: Server
    raw: floor.RawDatabase
    phones: list[Phone]

    def samples(self, size: Size) -> Iterator[Sample]:
        """Everything that is measured on this database, after exchanges that only warm it up."""
        if size.warm:
            list(self._measured(0, max(CLIENTS), 1))
        ends = time.monotonic() + size.seconds
        for number in range(size.rounds):
            if number and time.monotonic() > ends:
                return
            for clients in CLIENTS:
                yield from self._measured(number, clients, size.batches)

    def _measured(self, number: int, clients: int, batches: int) -> Iterator[Sample]:
        phones = self.phones[:clients]
        shares = [_captured(phone, max(1, batches // clients)) for phone in phones]
        for phone in phones:
            phone.reconnect()
            phone.catch_up()
        every = [lines for share in shares for lines in share]
        sample = partial(Sample, self.deployment.database, clients, number, len(every) * BATCH)
        for what, verdict in (("fresh", "accepted"), ("replay", "replay")):
            for phone in phones:
                phone.forget()
            handed = taken(partial(all_hand_in, phones, shares), self.server.pids)
            _refuse_unless_all(verdict, handed, len(every) * BATCH)
            latency = latency_ms([one for phone in phones for one in phone.seconds])
            cost = (handed.seconds, handed.there, handed.here, dict(handed.result))
            yield sample(what, *cost, latency)
        rows = floor.rows_of(every)
        inserted = taken(partial(self.raw.insert, rows), self.deployment.database_pids)
        yield sample("raw", inserted.seconds, inserted.here + inserted.there)
        parsed = taken(partial(floor.parse, every))
        yield sample("parse", parsed.seconds, parsed.here)


def _captured(phone: Phone, batches: int) -> list[Lines]:
    """That many batches, on tasks given now."""
    tasks = street.assign(phone.worker, batches * SHIFTS)
    return [phone.notebook.batch(tasks[n::batches]) for n in range(batches)]


def _refuse_unless_all(verdict: str, handed: Taken[Counter[str]], items: int) -> None:
    """A fast wrong answer is no measurement."""
    if handed.result != {verdict: items}:
        raise click.ClickException(f"{items} × {verdict} expected, {dict(handed.result)} told")


def measure(database: str, folder: Path, size: Size) -> list[Sample]:
    """A new deployment on the database, measured."""
    rng = random.Random(database)
    with deployed(database, folder) as deployment, deployment.app():
        workers = street.build()
        raw = floor.RawDatabase(deployment)
        port = free_port()
        with served(deployment, port) as server:
            phones = [Phone(worker, port, rng) for worker in workers[: max(CLIENTS)]]
            samples = list(Bench(deployment, server, raw, phones).samples(size))
        raw.close()
        return samples


@click.command()
@click.option("--quick", is_flag=True, help="Every case once and tiny: to see that it runs.")
@click.option("--results", type=click.Path(path_type=Path), default=RESULTS, show_default=True)
def main(quick: bool, results: Path) -> None:
    """Measure hand-ins of 100 mixed items on SQLite and PostgreSQL."""
    size = QUICK if quick else FULL
    about = {
        "command": " ".join(["python -m bench.sync", *sys.argv[1:]]),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": report.machine(),
        "versions": report.versions(),
        "size": {"batches": size.batches, "batch": BATCH, "mix": MIX},
        "served": {"workers": WORKERS, "threads": THREADS},
    }
    samples: list[Sample] = []
    for database in DATABASES:
        with tempfile.TemporaryDirectory(prefix="gewu-bench-") as folder:
            samples += measure(database, Path(folder), size)
    summary = report.summary(samples)
    results.parent.mkdir(parents=True, exist_ok=True)
    found = {"summary": summary, "samples": report.as_rows(samples)}
    results.write_text(json.dumps(about | found, ensure_ascii=False, indent=1) + "\n")
    Console(width=report.WIDTH).print(report.table(summary))
    click.echo(results)


if __name__ == "__main__":
    main()
