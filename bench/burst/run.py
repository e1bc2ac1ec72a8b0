"""A burst from nothing: a deployment as it ships, its fleet with what it captured, the proof."""

import json
import random
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, fields
from functools import partial
from pathlib import Path
from typing import Any

import click

from bench.burst import crowd, proof, raw, report
from bench.burst.backlog import Backlog, tasks_needed
from bench.burst.phone import Load, Photo
from bench.burst.plan import Plan
from bench.burst.report import Burst
from bench.burst.storm import Moment, Storm
from bench.deployment import THREADS, Deployment, deployed, served
from bench.film import LEAST_BYTES, Film
from bench.ports import free_port
from bench.room import disk, need_room
from bench.taken import taken

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


def run_all(databases: Sequence[str], plan: Plan, within: Path) -> dict[str, Any]:
    """A burst on each database, each in a folder in `within` that is gone afterwards.

    ClickException if the machine does not allow it.
    """
    need_room(within, plan.disk_bytes)
    allow_files(plan.devices + MORE_FILES)
    runs = []
    for database in databases:
        with tempfile.TemporaryDirectory(prefix="gewu-burst-", dir=within) as folder:
            runs.append(report.figures(run(database, plan, Path(folder))))
    return {
        "plan": asdict(plan),
        "open_files": resource.getrlimit(resource.RLIMIT_NOFILE)[0],
        "disk": disk(within),
        "runs": runs,
    }


def allow_files(wanted: int) -> None:
    """Let this process and the server open so many files; ClickException if that may not be."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise click.ClickException(f"{wanted} open files are needed, {hard} allowed (ulimit -Hn)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(wanted, hard), hard))
