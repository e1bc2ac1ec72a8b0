"""How long a look-up takes among many photos, on both databases.

The kept photos are mixtures: parts of the album's sketches, mirrored or not, laid over each other
at random, so that their codes are as uneven as those of photos. A share of them are photos of the
album as they are, and those are looked up.
"""

import hashlib
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

from bench.deployment import deployed
from bench.figures import latency_ms
from server.kernel.database import reading, writing
from server.kernel.statements import Insertion
from server.media.models import Blob
from server.photos.likeness import codes, hashing, queries, service
from server.photos.likeness.models import PhotoCode, PhotoSketch

AT_ONCE = 5_000
ALIKE_CUT = 250
ASKED = 200
_LEAST_PART = 16
_BLOB = Insertion(Blob)
_SKETCH = Insertion(PhotoSketch)
_CODE = Insertion(PhotoCode)


def mixtures(kept: Sequence[bytes], many: int, rng: np.random.Generator) -> Iterator[bytes]:
    """So many sketches that are not in the album."""
    side = hashing.SIDE
    pictures = np.frombuffer(b"".join(kept), np.uint8).reshape(-1, side, side)
    for start in range(0, many, ALIKE_CUT):
        count = min(ALIKE_CUT, many - start)
        one, two = (_parts(pictures, count, rng) for _ in range(2))
        weight = rng.uniform(0.2, 0.8, (count, 1, 1))
        mixed = (one * weight + two * (1 - weight)).astype(np.uint8)
        yield from (picture.tobytes() for picture in mixed)


def _parts(pictures: Any, count: int, rng: np.random.Generator) -> Any:
    """One part of so many pictures, stretched to the whole."""
    down, across = (_places(rng) for _ in range(2))
    chosen = pictures[rng.integers(len(pictures), size=count)]
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
        names = [_remember(f"photo {n}", sketch) for n, sketch in enumerate(kept)]
        have = len(names)
        for level in levels:
            _fill(mixtures(kept, level - have, rng), have)
            have = level
            yield {"database": database, "photos": level} | _measure(
                rng.choice(names, ASKED).tolist(), farthest
            )


def _remember(name: str, sketch: bytes) -> str:
    sha256 = hashlib.sha256(name.encode()).hexdigest()
    with writing() as session:
        _BLOB.write(session, [_blob(sha256)])
        service.remember(session, sha256, sketch)
    return sha256


def _blob(sha256: str) -> dict[str, Any]:
    row = dict.fromkeys(Blob.__table__.c.keys())
    now = datetime.now(UTC)
    return row | {
        "sha256": sha256,
        "size": 1,
        "type": "image/jpeg",
        "stored_at": now,
        "problems": [],
    }


def _fill(sketches: Iterator[bytes], start: int) -> None:
    number = start
    while rows := list(islice(sketches, AT_ONCE)):
        names = [hashlib.sha256(b"%d" % (number + n)).hexdigest() for n in range(len(rows))]
        number += len(rows)
        with writing() as session:
            _BLOB.write(session, [_blob(name) for name in names])
            kept = zip(names, rows, strict=True)
            _SKETCH.write(session, [{"sha256": name, "sketch": row} for name, row in kept])
            _CODE.write(session, list(_codes(names, rows)))


def _codes(names: Sequence[str], rows: Sequence[bytes]) -> Iterator[dict[str, Any]]:
    for name, (first, second, third) in zip(names, codes.own(rows), strict=True):
        yield {"sha256": name, "first": first, "second": second, "third": third}


def _measure(names: Sequence[str], farthest: int) -> dict[str, Any]:
    took, alike, read = [], [], []
    for sha256 in names:
        with reading() as session:
            began = time.perf_counter()
            alike.append(len(service.suggest(session, sha256, farthest)))
            took.append(time.perf_counter() - began)
        with reading() as session:
            sketch = queries.sketches(session, [sha256])[sha256]
            found = codes.of(sketch)
            read.append(len(queries.with_like_codes(session, found.asked)) if found else 0)
    spread = {"read_mean": mean(read), "read_most": max(read), "alike_mean": mean(alike)}
    return latency_ms(took) | {"max_ms": max(took) * 1000} | spread
