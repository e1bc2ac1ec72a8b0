"""The comparison from nothing, and everything that it found."""

import tempfile
from collections.abc import Collection
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import click

from bench.items import BATCH, MIX
from bench.peers import pins
from bench.peers.measure import PEERS, Size, measure
from bench.peers.summary import summary


def run(cache: Path, size: Size, names: Collection[str] = tuple(PEERS)) -> dict[str, Any]:
    """Measure Gewu and the peers, installed in `cache` where they are not yet there."""
    with tempfile.TemporaryDirectory(prefix="gewu-peers-") as folder:
        found = measure(cache.resolve(), Path(folder), size, names, partial(click.echo, err=True))
    return {
        "pins": [*pins.KINTO, *pins.POUCHDB],
        "size": asdict(size) | {"batch": BATCH, "mix": MIX},
        "about": found.about,
        "missing": found.missing,
        "summary": summary(found.samples),
        "samples": [asdict(sample) for sample in found.samples],
    }
