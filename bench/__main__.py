"""`python -m bench`: everything that the bench measures, bounded, in one table and one file."""

import sys
import time
from pathlib import Path
from typing import Any

import click

from bench import combined, results
from bench.cases.filling import MOST
from bench.parts import NAMES, parts

RESULTS = results.FOLDER / "bench.json"


@click.command(epilog="Example: python -m bench --quick --only sync --only idle")
@click.option("--quick", is_flag=True, help="Everything once and tiny: to see that it runs.")
@click.option(
    "--only",
    "names",
    type=click.Choice(NAMES),
    multiple=True,
    help="This part or case alone; may be given more than once.  [default: all]",
)
@click.option("--to", type=click.IntRange(1, MOST), help="Items that growth fills the store to.")
@click.option(
    "--results", "path", type=click.Path(path_type=Path), default=RESULTS, show_default=True
)
def main(quick: bool, names: tuple[str, ...], to: int | None, path: Path) -> None:
    """Measure hand-ins, cases, peers and a burst, on SQLite and PostgreSQL.

    Takes up to 15 minutes on two cores. Peers are measured if they are installed. Ends with 1
    unless everything of the burst is in exactly once.
    """
    found: dict[str, Any] = results.about("python -m bench") | {"took_s": {}}
    for name, part in parts(names or NAMES, quick, to).items():
        click.echo(f"{name} …", err=True)
        began = time.monotonic()
        measured = part()
        if measured is not None:
            found |= {name: measured}
            found["took_s"][name] = round(time.monotonic() - began, 1)
        # What was measured is kept, whatever comes after.
        results.write(path, found | {"lines": combined.lines(found)})
    results.show(combined.table(combined.lines(found)))
    click.echo(path)
    sys.exit(0 if all(run["whole"] for run in found.get("burst", {"runs": []})["runs"]) else 1)


if __name__ == "__main__":
    main()
