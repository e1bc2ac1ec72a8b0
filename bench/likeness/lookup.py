"""How long a look-up takes among many photos, on both databases.

The kept photos are mixtures: parts of the album's sketches, mirrored or not, laid over each other
at random, so that their codes are as uneven as those of photos. A share of them are photos of the
album as they are, and those are looked up.
"""

import hashlib
import time
from collections.abc import Iterator, Sequence
from itertools import count, islice
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

from bench.cases.bulk import bulk
from bench.deployment import Deployment, deployed
from bench.figures import latency_ms
from server.kernel.database import reading
from server.photos.likeness import codes, hashing, queries, service
from server.photos.likeness.models import PhotoCode, PhotoSketch

AT_ONCE = 5_000
ALIKE_CUT = 250
ASKED = 200
_LEAST_PART = 16


def mixtures(kept: Sequence[bytes], many: int, rng: np.random.Generator) -> Iterator[bytes]:
    """So many sketches that are not in the album."""
    side = hashing.SIDE
    pictures = np.frombuffer(b"".join(kept), np.uint8).reshape(-1, side, side)
    for start in range(0, many, ALIKE_CUT):
        size = min(ALIKE_CUT, many - start)
        one, two = (_parts(pictures, size, rng) for _ in range(2))
        weight = rng.uniform(0.2, 0.8, (size, 1, 1))
        mixed = (one * weight + two * (1 - weight)).astype(np.uint8)
        yield from (picture.tobytes() for picture in mixed)


def _parts(pictures: Any, size: int, rng: np.random.Generator) -> Any:
    """One part of so many pictures, stretched to the whole."""
    down, across = (_places(rng) for _ in range(2))
    chosen = pictures[rng.integers(len(pictures), size=size)]
    return chosen[:, down[:, None], across[:: rng.choice((-1, 1))]]


def _places(rng: np.random.Generator) -> Any:
    size = rng.integers(_LEAST_PART, hashing.SIDE + 1)
    start = rng.integers(0, hashing.SIDE - size + 1)
    return np.linspace(start, start + size - 1, hashing.SIDE).round().astype(int)


def looked_up(
    database: str, folder: Path, kept: Sequence[bytes], levels: Sequence[int], farthest: int
) -> Iterator[dict[str, Any]]:
    """At each level: milliseconds of a suggestion, what was read for it, and what was found."""
    rng = np.random.default_rng(2)
    with deployed(database, folder) as deployment, deployment.app():
        names = [_name(number) for number in range(len(kept))]
        _fill(deployment, iter(kept), 0)
        have = len(kept)
        for level in levels:
            _fill(deployment, mixtures(kept, level - have, rng), have)
            have = level
            found = _measure(rng.choice(names, ASKED).tolist(), farthest)
            yield {"database": database, "photos": level} | found


def _name(number: int) -> str:
    return hashlib.sha256(b"photo %d" % number).hexdigest()


def _fill(deployment: Deployment, sketches: Iterator[bytes], start: int) -> None:
    """Keep them under the numbers from `start`; there are no blobs that they would be of."""
    numbers = count(start)
    with bulk(deployment) as write:
        while rows := list(islice(sketches, AT_ONCE)):
            names = [_name(number) for number in islice(numbers, len(rows))]
            write([(PhotoSketch.__table__, _pictures(names, rows))])
            write([(PhotoCode.__table__, _codes(names, rows))])


def _pictures(names: Sequence[str], rows: Sequence[bytes]) -> list[dict[str, Any]]:
    pairs = zip(names, rows, strict=True)
    return [{"sha256": name, "sketch": sketch} for name, sketch in pairs]


def _codes(names: Sequence[str], rows: Sequence[bytes]) -> list[dict[str, Any]]:
    pairs = zip(names, codes.own(rows), strict=True)
    return [
        {"sha256": name, "first": first, "second": second, "third": third}
        for name, (first, second, third) in pairs
    ]


def _measure(names: Sequence[str], farthest: int) -> dict[str, Any]:
    took, alike, read = [], [], []
    worked = time.process_time()
    for sha256 in names:
        with reading() as session:
            began = time.perf_counter()
            alike.append(len(service.suggest(session, sha256, farthest)))
            took.append(time.perf_counter() - began)
    cpu_ms = (time.process_time() - worked) * 1000 / len(names)
    for sha256 in names:
        with reading() as session:
            found = codes.of(queries.sketches(session, [sha256])[sha256])
            read.append(len(queries.with_like_codes(session, found.asked)) if found else 0)
    spread = {"read_mean": mean(read), "read_most": max(read), "alike_mean": mean(alike)}
    return latency_ms(took) | {"max_ms": max(took) * 1000, "cpu_ms": cpu_ms} | spread
