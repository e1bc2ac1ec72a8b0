"""`python -m bench.likeness`: are photos known again, others kept apart, and how quickly?"""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from bench import results
from bench.deployment import DATABASES
from bench.likeness.lookup import looked_up
from bench.likeness.photos import GIVEN, photos
from bench.likeness.recall import Album, album, measured
from bench.room import need_room
from server.config import SETTINGS

RESULTS = results.FOLDER / "likeness.json"
LEVELS = (10_000, 1_000_000)
FARTHEST = int(SETTINGS["ALIKE_DISTANCE"].default or 0)
BYTES_A_PHOTO = 5_000
QUICK_DRAWN, QUICK_LEVELS = 2, (100, 300)


@click.command(epilog="Example: python -m bench.likeness --photos ~/Pictures --no-lookup")
@click.option(
    "--photos",
    "given",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of real photos, each another one; beside the drawn.",
)
@click.option(
    "--drawn", default=100, show_default=True, type=click.IntRange(1), help="Of each scene."
)
@click.option("--farthest", default=FARTHEST, show_default=True, type=click.IntRange(0, 20))
@click.option("--lookup/--no-lookup", default=True, help="Fill databases and ask them.")
@click.option(
    "--database", "databases", type=click.Choice(DATABASES), multiple=True, default=DATABASES
)
@click.option(
    "--results", "path", default=RESULTS, show_default=True, type=click.Path(path_type=Path)
)
@click.option("--quick", is_flag=True, help="Everything tiny: to see that it runs.")
def main(
    given: Path | None,
    drawn: int,
    farthest: int,
    lookup: bool,
    databases: Sequence[str],
    path: Path,
    quick: bool,
) -> None:
    """Count how many photos are known again after what happens to photos, and how many others are
    taken for them; then ask 10,000 and 1,000,000 kept photos, on SQLite and PostgreSQL.
    """
    found: dict[str, Any] = results.about("python -m bench.likeness")
    filled = album(photos(QUICK_DRAWN if quick else drawn, given))
    found["recall"] = measured(filled, farthest) | {"given": filled.kinds.count(GIVEN)}
    results.show(_recall_table(found["recall"]))
    results.write(path, found)
    if lookup:
        levels = QUICK_LEVELS if quick else LEVELS
        found["lookup"] = _lookups(databases, filled, levels, farthest)
        results.show(_lookup_table(found["lookup"]))
        results.write(path, found)
    click.echo(path)


def _lookups(
    databases: Sequence[str], filled: Album, levels: Sequence[int], farthest: int
) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    for database in databases:
        with tempfile.TemporaryDirectory() as folder:
            need_room(Path(folder), max(levels) * BYTES_A_PHOTO)
            for line in looked_up(database, Path(folder), filled.kept, levels, farthest):
                click.echo(line, err=True)
                lines.append(line)
    return lines


def _recall_table(found: dict[str, Any]) -> Table:
    title = (
        f"{found['photos']} photos ({found['given']} given, the others drawn; {found['flat']} flat "
        f"left out), {found['pairs']:,} pairs, {found['pairs_of_a_scene']:,} of one scene"
    )
    table = Table("what happened", "known again", "false", "of 10,000", "one scene", title=title)
    for way, one in found["ways"].items():
        false = f"{one['false']} ({one['false_of_scene']})"
        rates = (f"{one[name]:.2f}" for name in ("false_per_10000", "false_of_scene_per_10000"))
        table.add_row(way, f"{one['recall']:.3f}", false, *rates)
    return table


def _lookup_table(lines: list[dict[str, Any]]) -> Table:
    table = Table(
        "on", "photos", "p50 ms", "p99 ms", "most ms", "CPU ms", "codes read", "most", "alike"
    )
    for one in lines:
        times = (f"{one[name]:.1f}" for name in ("p50_ms", "p99_ms", "max_ms", "cpu_ms"))
        read = (f"{one['read_mean']:.0f}", str(one["read_most"]), f"{one['alike_mean']:.1f}")
        table.add_row(one["database"], f"{one['photos']:,}", *times, *read)
    return table


if __name__ == "__main__":
    main()
