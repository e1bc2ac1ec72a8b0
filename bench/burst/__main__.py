"""`python -m bench.burst`: 10,000 devices come back within a minute; is everything in, and when?"""

import json
import random
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from bench import report as bench_report
from bench.burst import crowd, proof, raw, report
from bench.burst.backlog import Backlog, reports_of, tasks_needed
from bench.burst.phone import Load, Photo
from bench.burst.photos import LEAST_BYTES, Film
from bench.burst.plan import Plan
from bench.burst.report import Burst
from bench.burst.storm import Moment, Storm
from bench.deployment import DATABASES, THREADS, Deployment, deployed, served
from bench.ports import free_port
from bench.taken import taken

RESULTS = Path(__file__).parents[1] / "results" / "burst.json"
PATIENCE_S = 3600.0
SAMPLE = 200
TELL_EVERY = 10
MORE_FILES = 200
QUICK = Plan(devices=20, items=3, photos=1, photo_bytes=LEAST_BYTES, within=1, patience=60)


class AsShipped(Deployment):
    """The deployment with every setting at its default, the rate limits too."""

    @property
    def given(self) -> dict[str, str]:
        return {"GEWU_DATA": str(self.data), "GEWU_DATABASE_URL": self.url}


def run(database: str, plan: Plan, folder: Path) -> Burst:
    """One burst on a new deployment in `folder`."""
    began, rng, film = time.monotonic(), random.Random(database), Film(plan.photo_bytes)
    with deployed(database, folder) as made:
        known = {field.name: getattr(made, field.name) for field in fields(made)}
        deployment = AsShipped(**known)
        with deployment.app():
            loads = load_up(plan, film, rng)
            prepared_s = time.monotonic() - began
            click.echo(
                f"{database}: {len(loads):,} devices ready after {prepared_s:.0f} s", err=True
            )
            with served(deployment, free_port()) as server:
                storm = Storm(plan, server.port, server.pids, rng, partial(_tell, database))
                took = taken(partial(storm.blow, loads, film), server.pids)
            proven = proof.prove(loads)
            limit = raw.limit(deployment, rng.sample(loads, min(SAMPLE, len(loads))), film, THREADS)
        log = server_log(deployment.data / "serve.log")
        return Burst(database, plan, prepared_s, took, proven, limit, log)


def load_up(plan: Plan, film: Film, rng: random.Random) -> list[Load]:
    """Every device enrolled, with what it captured while it was away; needs the app's context."""
    workers = crowd.enrol(plan.devices)
    tasks = crowd.assign(workers, tasks_needed(plan.items))
    numbers = [
        range(number * plan.photos, (number + 1) * plan.photos) for number in range(plan.devices)
    ]
    loads = []
    for worker, own, shots in zip(workers, tasks, numbers, strict=True):
        book, hashes = Backlog(worker, rng), {film.sha256(shot): shot for shot in shots}
        lines = book.lines(plan.items, own, list(hashes), film.size)
        photos = {
            sha256: Photo(shot, sha256, book.items_of[sha256]) for sha256, shot in hashes.items()
        }
        loads.append(Load(worker, book.boot, lines, photos))
    return loads


def server_log(path: Path) -> dict[str, int]:
    """What the server logged besides requests, counted by event; `other` is not JSON."""
    events: Counter[str] = Counter()
    for line in path.read_text(errors="replace").splitlines():
        try:
            said = json.loads(line)
            events[str(said.get("event"))] += 1
        except (ValueError, AttributeError):
            events["other"] += 1
    del events["request"]
    return dict(events)


def _tell(database: str, moment: Moment) -> None:
    if round(moment.at) % TELL_EVERY == 0:
        click.echo(
            f"{database}: {moment.at:.0f} s, {moment.arrived:,} came, {moment.in_:,} are in, "
            f"server {moment.pss >> 20} MiB",
            err=True,
        )


def _allow_files(wanted: int) -> None:
    """Let this process and the server open so many files; ClickException if that may not be."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise click.ClickException(f"{wanted} open files are needed, {hard} allowed (ulimit -Hn)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(wanted, hard), hard))


def _need_room(folder: Path, plan: Plan) -> None:
    free = shutil.disk_usage(folder).free
    if free < plan.disk_bytes:
        raise click.ClickException(
            f"{folder}: {plan.disk_bytes >> 20} MiB are needed, {free >> 20} are free (--folder)"
        )


def _disk(folder: Path) -> str:
    """The type of the file system that `folder` lies on, as the kernel names it."""
    mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    above = {str(folder), *map(str, folder.parents)}
    return max((mount for mount in mounts if mount[0] in above), key=lambda one: len(one[0]))[1]


def _about(plan: Plan, folder: Path) -> dict[str, Any]:
    return {
        "command": " ".join(["python -m bench.burst", *sys.argv[1:]]),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": bench_report.machine() | {"disk": _disk(folder)},
        "open_files": resource.getrlimit(resource.RLIMIT_NOFILE)[0],
        "versions": bench_report.versions(),
        "plan": asdict(plan),
    }


def burst_all(databases: Sequence[str], plan: Plan, within: Path) -> list[dict[str, Any]]:
    """A burst on each database, in a folder that is gone afterwards; the figures."""
    runs = []
    for database in databases:
        with tempfile.TemporaryDirectory(prefix="gewu-burst-", dir=within) as folder:
            runs.append(report.figures(run(database, plan, Path(folder))))
    return runs


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
@click.option("--results", default=RESULTS, show_default=True, type=click.Path(path_type=Path))
@click.option("--quick", is_flag=True, help="A tiny burst, whatever its size: to see that it runs.")
def main(databases: Sequence[str], folder: Path, results: Path, quick: bool, **size: Any) -> None:
    """Let a fleet of devices, each with items and photos waiting, come back at once.

    Says whether everything is in exactly once, how long that took beside the same rows and bytes
    written raw, how long requests took, how often a device was turned away, and what the server's
    memory grew to. Ends with 1 unless everything is in exactly once.
    """
    plan = QUICK if quick else Plan(**size)
    if plan.photos and not reports_of(plan.items):
        raise click.UsageError("photos lie on reports: --items 3 or more")
    _need_room(folder, plan)
    _allow_files(plan.devices + MORE_FILES)
    about = _about(plan, folder)
    runs = burst_all(databases, plan, folder)
    results.parent.mkdir(parents=True, exist_ok=True)
    results.write_text(json.dumps(about | {"runs": runs}, ensure_ascii=False, indent=1) + "\n")
    Console(width=bench_report.WIDTH).print(report.table(runs))
    click.echo(results)
    sys.exit(0 if all(found["whole"] for found in runs) else 1)


if __name__ == "__main__":
    main()
