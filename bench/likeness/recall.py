"""How many photos are known again, and how many others are taken for them.

It is what the server does, without its database: codes that share a band up to one bit, then the
distance of those whose codes are near.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bench.likeness.photos import WAYS, Photo
from server.photos.likeness import codes, comparing, hashing
from server.photos.likeness.codes import Code
from server.photos.likeness.service import MOST_BITS
from server.photos.likeness.windows import WINDOWS

PER_PAIRS = 10_000


@dataclass
class Album:
    """Photos as they are kept, and what became of each."""

    kinds: list[str] = field(default_factory=list)
    kept: list[bytes] = field(default_factory=list)
    own: list[Code] = field(default_factory=list)
    changed: dict[str, list[bytes]] = field(default_factory=lambda: {way: [] for way in WAYS})
    flat: int = 0


def album(photos: Iterable[Photo]) -> Album:
    """The sketches of all that are not flat, as they are and after each way."""
    rng, filled = random.Random(1), Album()
    for kind, image in photos:
        sketch = hashing.of(image)
        found = codes.of(sketch)
        if found is None:
            filled.flat += 1
            continue
        filled.kinds.append(kind)
        filled.kept.append(sketch)
        filled.own.append(found.own)
        for way, change in WAYS.items():
            filled.changed[way].append(hashing.of(change(image, rng)))
    return filled


@dataclass
class Count:
    """Of one way: photos known again; others taken for them, and of these those of one scene."""

    known: int = 0
    false: int = 0
    false_of_scene: int = 0


def measured(filled: Album, farthest: int) -> dict[str, Any]:
    """By way: recall, and false matches in 10,000 pairs, of all and of one scene."""
    many = len(filled.kept)
    of_scene = sum(filled.kinds.count(kind) - 1 for kind in filled.kinds)
    return {
        "photos": many,
        "flat": filled.flat,
        "pairs": many * (many - 1),
        "pairs_of_a_scene": of_scene,
        "ways": {
            way: {
                "recall": one.known / many,
                "false": one.false,
                "false_per_10000": one.false / (many * (many - 1)) * PER_PAIRS,
                "false_of_scene": one.false_of_scene,
                "false_of_scene_per_10000": one.false_of_scene / max(1, of_scene) * PER_PAIRS,
            }
            for way in WAYS
            for one in [_counted(filled, filled.changed[way], farthest)]
        },
    }


def _counted(filled: Album, changed: list[bytes], farthest: int) -> Count:
    count, own = Count(), np.array(filled.own, np.uint32)
    for number, sketch in enumerate(changed):
        for other in _alike(filled, own, sketch, farthest):
            if other == number:
                count.known += 1
                continue
            count.false += 1
            count.false_of_scene += filled.kinds[other] == filled.kinds[number]
    return count


def _alike(filled: Album, own: Any, sketch: bytes, farthest: int) -> list[int]:
    found = codes.of(sketch)
    if found is None:
        return []
    unlike = np.bitwise_count(np.array(found.asked, np.uint32)[:, None] ^ own)
    bits, sharing = unlike.sum(axis=2), (unlike <= 1).any(axis=(0, 2))
    near = np.flatnonzero(sharing & (bits.min(axis=0) <= MOST_BITS)).tolist()
    starts = [WINDOWS[int(bits[:, other].argmin())] for other in near]
    kept = [filled.kept[other] for other in near]
    far = zip(near, comparing.distances(kept, sketch, starts), strict=True)
    return [other for other, distance in far if distance <= farthest]
