"""`python -m bench.peers`: Gewu and what a team would otherwise pick, in one run."""

from pathlib import Path

import click

from bench import results
from bench.peers.installed import cache_folder
from bench.peers.measure import FULL, QUICK
from bench.peers.run import run
from bench.peers.summary import table

RESULTS = results.FOLDER / "peers.json"
EXAMPLES = "Example: python -m bench.peers --quick --results /tmp/peers.json"


@click.command(epilog=EXAMPLES)
@click.option("--quick", is_flag=True, help="Everything once and tiny: to see that it runs.")
@click.option(
    "--cache",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the others are installed, once.  [default: the user's cache, gewu-bench]",
)
@click.option(
    "--results", "path", type=click.Path(path_type=Path), default=RESULTS, show_default=True
)
def main(quick: bool, cache: Path | None, path: Path) -> None:
    """Measure hand-ins on Gewu, Kinto and PouchDB Server.

    Kinto and PouchDB Server are installed by pip and npm, into the cache alone. One that cannot
    be had is named and left out.
    """
    about = results.about("python -m bench.peers")
    found = run(cache or cache_folder(), QUICK if quick else FULL)
    results.write(path, about | found)
    results.show(table(found["summary"]))
    for name, known in found["about"].items():
        click.echo(f"{name}: {known}")
    for name, why in found["missing"].items():
        click.echo(f"{name} is missing: {why}", err=True)
    click.echo(path)


if __name__ == "__main__":
    main()
