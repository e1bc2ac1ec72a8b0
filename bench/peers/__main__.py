"""`python -m bench.peers`: Gewu and what a team would otherwise pick, in one run."""

import json
import sys
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from bench import report
from bench.deployment import THREADS, WORKERS
from bench.items import BATCH, MIX
from bench.peers import pins
from bench.peers.installed import cache_folder
from bench.peers.measure import FULL, QUICK, Run, Size, measure
from bench.peers.summary import Line, summary, table

RESULTS = Path(__file__).parents[1] / "results" / "peers.json"
EXAMPLES = "Example: python -m bench.peers --quick --results /tmp/peers.json"


@click.command(epilog=EXAMPLES)
@click.option("--quick", is_flag=True, help="Everything once and tiny: to see that it runs.")
@click.option(
    "--cache",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the others are installed, once.  [default: the user's cache, gewu-bench]",
)
@click.option("--results", type=click.Path(path_type=Path), default=RESULTS, show_default=True)
def main(quick: bool, cache: Path | None, results: Path) -> None:
    """Measure hand-ins on Gewu, Kinto and PouchDB Server.

    Kinto and PouchDB Server are installed by pip and npm, into the cache alone. One that cannot
    be had is named and left out.
    """
    size = QUICK if quick else FULL
    about = _about(size)
    with tempfile.TemporaryDirectory(prefix="gewu-peers-") as folder:
        run = measure((cache or cache_folder()).resolve(), Path(folder), size, _say)
    lines = summary(run.samples)
    _write(results, about | _found(run, lines))
    _show(run, lines)
    click.echo(results)


def _say(what: str) -> None:
    click.echo(what, err=True)


def _about(size: Size) -> dict[str, Any]:
    return {
        "command": " ".join(["python -m bench.peers", *sys.argv[1:]]),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": report.machine(),
        "versions": report.versions(),
        "pins": [*pins.KINTO, *pins.POUCHDB],
        "size": asdict(size) | {"batch": BATCH, "mix": MIX},
        "served": {"workers": WORKERS, "threads": THREADS},
    }


def _found(run: Run, lines: list[Line]) -> dict[str, Any]:
    samples = [asdict(sample) for sample in run.samples]
    known = {"about": run.about, "missing": run.missing}
    return known | {"summary": lines, "samples": samples}


def _write(results: Path, found: dict[str, Any]) -> None:
    results.parent.mkdir(parents=True, exist_ok=True)
    results.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n")


def _show(run: Run, lines: list[Line]) -> None:
    console = Console(width=report.WIDTH)
    console.print(table(lines))
    for name, about in run.about.items():
        click.echo(f"{name}: {about}")
    for name, why in run.missing.items():
        click.echo(f"{name} is missing: {why}", err=True)


if __name__ == "__main__":
    main()
