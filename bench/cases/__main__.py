"""`python -m bench.cases`: every case on SQLite and PostgreSQL, on the product as it is served."""

import json
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

from bench import report, street
from bench.cases import first_sync, idle, photos, push, record, shift
from bench.cases.record import Record
from bench.cases.stage import CLIENTS, FULL, QUICK, Case, Size, Stage
from bench.cases.wire import CountedPhone
from bench.deployment import DATABASES, THREADS, WORKERS, deployed, served
from bench.ports import free_port

RESULTS = Path(__file__).parents[1] / "results" / "cases.json"
# A first sync must come before anything else has filled or read the feed of its worker.
CASES: dict[str, Case] = {
    "first_sync": first_sync.measure,
    "idle": idle.measure,
    "shift": shift.measure,
    "photos": photos.measure,
    "push": push.measure,
}


def measure(database: str, folder: Path, size: Size, names: Sequence[str]) -> Iterator[Record]:
    """The named cases on a new deployment, case by case, `size.rounds` each."""
    rng = random.Random(database)
    with deployed(database, folder) as deployment, deployment.app():
        workers = street.build()
        port = free_port()
        with served(deployment, port) as server:
            phones = [CountedPhone(worker, port, rng) for worker in workers[: max(CLIENTS)]]
            stage = Stage(deployment, server, workers, phones, size)
            for name in names:
                for round_ in range(size.rounds):
                    yield from CASES[name](stage, round_)


@click.command(epilog="Example: python -m bench.cases --quick --case idle --database sqlite")
@click.option("--quick", is_flag=True, help="Every case once and tiny: to see that it runs.")
@click.option("--results", type=click.Path(path_type=Path), default=RESULTS, show_default=True)
@click.option("--database", type=click.Choice(DATABASES), help="Only this one; else both.")
@click.option("--case", "case", type=click.Choice(list(CASES)), help="Only this one; else all.")
def main(quick: bool, results: Path, database: str | None, case: str | None) -> None:
    """Measure what a fleet does all day on SQLite and PostgreSQL."""
    size = QUICK if quick else FULL
    about = {
        "command": " ".join(["python -m bench.cases", *sys.argv[1:]]),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": report.machine(),
        "versions": report.versions(),
        "size": asdict(size),
        "served": {"workers": WORKERS, "threads": THREADS},
    }
    records: list[Record] = []
    for name in [database] if database else DATABASES:
        with tempfile.TemporaryDirectory(prefix="gewu-bench-") as folder:
            records += measure(name, Path(folder), size, [case] if case else list(CASES))
    lines = record.summary(records)
    found = {"summary": lines, "records": [asdict(one) for one in records]}
    results.parent.mkdir(parents=True, exist_ok=True)
    results.write_text(json.dumps(about | found, ensure_ascii=False, indent=1) + "\n")
    Console(width=report.WIDTH).print(record.table(lines))
    click.echo(results)


if __name__ == "__main__":
    main()
