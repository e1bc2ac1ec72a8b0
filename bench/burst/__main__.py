"""`python -m bench.burst`: 10,000 devices come back within a minute; is everything in, and when?"""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from bench import results
from bench.burst import report
from bench.burst.backlog import reports_of
from bench.burst.plan import Plan
from bench.burst.run import QUICK, run_all
from bench.deployment import DATABASES
from bench.film import LEAST_BYTES

RESULTS = results.FOLDER / "burst.json"
PATIENCE_S = 3600.0


@click.command(epilog="python -m bench.burst --devices 500 --within 10 --database sqlite")
@click.option("--devices", default=10_000, show_default=True, type=click.IntRange(1))
@click.option("--items", default=30, show_default=True, type=click.IntRange(2), help="Of a device.")
@click.option("--photos", default=5, show_default=True, type=click.IntRange(0), help="Of a device.")
@click.option("--photo-bytes", default=100_000, show_default=True, type=click.IntRange(LEAST_BYTES))
@click.option(
    "--within", default=60.0, show_default=True, type=click.FloatRange(0), help="Seconds."
)
@click.option(
    "--patience", default=PATIENCE_S, show_default=True, help="Seconds after which to give up."
)
@click.option(
    "--database", "databases", type=click.Choice(DATABASES), multiple=True, default=DATABASES
)
@click.option(
    "--folder",
    default=Path(tempfile.gettempdir()),
    show_default=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Where to put databases and photos meanwhile: a real disk.",
)
@click.option(
    "--results", "path", default=RESULTS, show_default=True, type=click.Path(path_type=Path)
)
@click.option("--quick", is_flag=True, help="A tiny burst, whatever its size: to see that it runs.")
def main(databases: Sequence[str], folder: Path, path: Path, quick: bool, **size: Any) -> None:
    """Let a fleet of devices, each with items and photos waiting, come back at once.

    Says whether everything is in exactly once, how long that took beside the same rows and bytes
    written raw, how long requests took, how often a device was turned away, and what the server's
    memory grew to. Ends with 1 unless everything is in exactly once.
    """
    plan = QUICK if quick else Plan(**size)
    if plan.photos and not reports_of(plan.items):
        raise click.UsageError("photos lie on reports: --items 3 or more")
    about = results.about("python -m bench.burst")
    found = run_all(databases, plan, folder)
    results.write(path, about | found)
    results.show(report.table(found["runs"]))
    click.echo(path)
    sys.exit(0 if all(one["whole"] for one in found["runs"]) else 1)


if __name__ == "__main__":
    main()
