"""What a burst is, decided before it begins. Pure."""

import math
import random
from dataclasses import dataclass

# Of the photos' bytes: room for the database beside them, and bytes of rows and logs of an item.
SPARE, ITEM_BYTES = 1.2, 6_000


@dataclass(frozen=True)
class Plan:
    """`within` seconds all devices have come; after `patience` seconds no more is waited for.

    `items` and `photos` are those of one device; the photos lie on its reports.
    """

    devices: int
    items: int
    photos: int
    photo_bytes: int
    within: float
    patience: float

    @property
    def disk_bytes(self) -> int:
        """Free bytes that a run needs, roughly and on the safe side."""
        photos = self.devices * self.photos * self.photo_bytes
        return math.ceil(photos * SPARE) + self.devices * self.items * ITEM_BYTES


def arrivals(plan: Plan, rng: random.Random) -> list[float]:
    """Seconds after the begin at which each device comes, spread evenly at random; sorted."""
    return sorted(rng.uniform(0, plan.within) for _ in range(plan.devices))
