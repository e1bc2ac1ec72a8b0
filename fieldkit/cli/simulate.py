"""`fieldkit simulate` (模拟): devices with invented shifts, handing in over a bad network."""

import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from fieldkit import texts
from fieldkit.errors import InputError
from fieldkit.simulator import fleet
from fieldkit.simulator.photos import Album, DrawnAlbum, FolderAlbum
from fieldkit.simulator.results import DeviceResult
from fieldkit.simulator.shift import LEAST_REPORTS, MOST_REPORTS

_folder = click.Path(file_okay=False, path_type=Path)
_COLUMNS = (
    ("sim_captured", lambda one: one.captured),
    ("sim_accepted", lambda one: one.statuses.get("accepted", 0)),
    ("sim_quarantined", lambda one: one.statuses.get("quarantined", 0)),
    ("sim_conflict", lambda one: one.statuses.get("conflict", 0)),
    ("sim_stale", lambda one: one.statuses.get("stale", 0)),
    ("sim_duplicates", lambda one: one.duplicates),
    ("sim_replays", lambda one: one.replays),
    ("sim_photos", lambda one: one.photos),
    ("sim_receipts", lambda one: f"{one.receipts_verified}/{one.receipts}"),
    ("sim_faults", lambda one: sum(one.faults.values())),
    ("sim_left", lambda one: one.items_left + one.media_left),
)


@click.command()
@click.option("--url", metavar="URL", help="服务器地址。 The server.")
@click.option(
    "--code",
    "codes",
    multiple=True,
    metavar="CODE",
    help="接入码，每台设备一个。 One enrolment code per device.",
)
@click.option(
    "--codes",
    "codes_file",
    type=click.File(encoding="utf-8"),
    help="接入码文件，每行一个。 File of codes, one a line.",
)
@click.option("--devices", type=click.IntRange(min=1), help="设备数。 How many devices.")
@click.option(
    "--again", is_flag=True, help="接着用 --homes 里的设备。 Go on with the devices in --homes."
)
@click.option("--homes", type=_folder, help="保留各设备数据。 Keep the devices' data here.")
@click.option("--seed", default=1, show_default=True, help="随机种子。 Random seed.")
@click.option(
    "--faults",
    default=0.2,
    show_default=True,
    type=click.FloatRange(0, 0.9),
    help="出错的请求占比。 Share of requests that go wrong.",
)
@click.option(
    "--reports",
    default=MOST_REPORTS,
    show_default=True,
    type=click.IntRange(LEAST_REPORTS),
    help="每班最多上报数。 Most reports of a shift.",
)
@click.option(
    "--photos",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="真实照片的目录。 Folder of real photos.",
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。 Write JSON.")
def simulate(
    url: str | None,
    codes: tuple[str, ...],
    codes_file: Iterator[str] | None,
    devices: int | None,
    again: bool,
    homes: Path | None,
    seed: int,
    faults: float,
    reports: int,
    photos: Path | None,
    as_json: bool,
) -> None:
    """模拟一批设备：离线一整班，再通过差网络交出。 Simulate devices on a bad network.

    Exit code 1 when something was not handed in or is not proven.

    \b
    Example:
      fieldkit simulate --url http://127.0.0.1:8000 --code 7KQM-XW3P-9RTE
      fieldkit simulate --url https://server --codes codes.txt --homes ./phones --json
      fieldkit simulate --again --homes ./phones
    """
    with _folders(homes, photos) as (kept, album):
        run = fleet.Run(kept, album, seed, faults, reports)
        if again:
            results = fleet.next_outing(run, _tell)
        else:
            results = fleet.first_outing(run, *_given(url, codes, codes_file, devices), _tell)
    if as_json:
        click.echo(json.dumps([one.wire() for one in results], ensure_ascii=False))
    else:
        _show(results)
    sys.exit(0 if all(one.sound for one in results) else 1)


@contextmanager
def _folders(homes: Path | None, photos: Path | None) -> Iterator[tuple[Path, Album]]:
    """Where the devices live, and their photos; what was not given lasts as long as the run."""
    with tempfile.TemporaryDirectory(prefix="fieldkit-") as name:
        drawn, temporary = Path(name, "drawn"), Path(name, "homes")
        drawn.mkdir()
        yield homes or temporary, FolderAlbum(photos) if photos else DrawnAlbum(drawn)


def _given(
    url: str | None, codes: tuple[str, ...], file: Iterator[str] | None, devices: int | None
) -> tuple[str, Sequence[str]]:
    """The address and a code for each device. Raises InputError where either is missing."""
    every = [*codes, *(line.strip() for line in file or () if line.strip())]
    if url is None:
        raise InputError("no_url")
    if not every or len(every) < (devices or 1):
        raise InputError("too_few_codes", codes=len(every), devices=devices or 1)
    return url, every[:devices]


def _tell(result: DeviceResult) -> None:
    """A line about a device that is done, where it does not disturb the output."""
    key = "sim_done" if result.sound else "sim_trouble"
    click.echo(
        texts.say(
            key,
            name=result.name,
            captured=result.captured,
            photos=result.photos,
            faults=sum(result.faults.values()),
            left=result.items_left + result.media_left,
            trouble=result.trouble or "-",
        ),
        err=True,
    )


def _show(results: Sequence[DeviceResult]) -> None:
    for result in results:
        cells = [f"{texts.say(key)} {value(result)}" for key, value in _COLUMNS]
        click.echo(f"{result.name}  " + "  ".join(cells))
