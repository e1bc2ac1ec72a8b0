"""The parts of the whole bench, each bounded, so that all end within a quarter of an hour."""

import tempfile
from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from bench import sync
from bench.burst import run as burst
from bench.burst.plan import Plan
from bench.cases import run as cases
from bench.cases import stage
from bench.deployment import DATABASES
from bench.peers import installed, measure
from bench.peers import run as peers
from bench.rounds import Rounds

NAMES = ("sync", *cases.CASES, "peers", "burst")
SYNC_SIZE = replace(sync.FULL, rounds=Rounds(5, 40.0, warm=True))
CASES_SIZE = replace(stage.FULL, rounds=Rounds(5, 8.0))
PEERS_SIZE = replace(measure.FULL, rounds=Rounds(3, 45.0, warm=True))
BURST_PLAN = Plan(devices=500, items=30, photos=1, photo_bytes=100_000, within=10, patience=120)

Part = Callable[[], dict[str, Any] | None]
"""Measures; None if what it needs is not there."""


def parts(names: Collection[str], quick: bool, to: int | None) -> dict[str, Part]:
    """The parts that have these `NAMES`, in their order; growth fills the store `to` so many."""
    wanted = [name for name in cases.CASES if name in names]
    size = stage.QUICK if quick else CASES_SIZE
    sized = replace(size, grown=to or size.grown)
    folder = Path(tempfile.gettempdir())
    known: dict[str, tuple[bool, Part]] = {
        "sync": ("sync" in names, partial(sync.run, sync.QUICK if quick else SYNC_SIZE)),
        "cases": (bool(wanted), partial(cases.run, sized, wanted, DATABASES)),
        "peers": ("peers" in names, partial(_peers, measure.QUICK if quick else PEERS_SIZE)),
        "burst": (
            "burst" in names,
            partial(burst.run_all, DATABASES, burst.QUICK if quick else BURST_PLAN, folder),
        ),
    }
    return {name: part for name, (asked, part) in known.items() if asked}


def _peers(size: measure.Size) -> dict[str, Any] | None:
    """Those that are installed; installing is left to `make bench-peers`."""
    cache = installed.cache_folder()
    there = installed.there(cache)
    if not there:
        click.echo("peers: none is installed; `make bench-peers` installs them", err=True)
        return None
    return peers.run(cache, size, there)
