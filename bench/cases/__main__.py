"""`python -m bench.cases`: every case on SQLite and PostgreSQL, on the product as it is served."""

from dataclasses import replace
from pathlib import Path

import click

from bench import results
from bench.cases.filling import MOST
from bench.cases.record import table
from bench.cases.run import CASES, run
from bench.cases.stage import FULL, QUICK
from bench.deployment import DATABASES

RESULTS = results.FOLDER / "cases.json"


@click.command(epilog="Example: python -m bench.cases --quick --case idle --database sqlite")
@click.option("--quick", is_flag=True, help="Every case once and tiny: to see that it runs.")
@click.option(
    "--results", "path", type=click.Path(path_type=Path), default=RESULTS, show_default=True
)
@click.option("--database", type=click.Choice(DATABASES), help="Only this one; else both.")
@click.option("--case", "case", type=click.Choice(list(CASES)), help="Only this one; else all.")
@click.option("--to", type=click.IntRange(1, MOST), help="Items that growth fills the store to.")
def main(quick: bool, path: Path, database: str | None, case: str | None, to: int | None) -> None:
    """Measure what a fleet does all day on SQLite and PostgreSQL."""
    about = results.about("python -m bench.cases")
    names, databases = [case] if case else list(CASES), [database] if database else DATABASES
    size = QUICK if quick else FULL
    found = run(replace(size, grown=to or size.grown), names, databases)
    results.write(path, about | found)
    results.show(table(found["summary"]))
    click.echo(path)


if __name__ == "__main__":
    main()
