"""When a photo that comes with an item was handed in before (旧照充新)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

PHOTO_SEEN = "photo_seen"
"""The finding on an item; its number is the distance."""
AFTER = "after"


@dataclass(frozen=True, slots=True)
class Naming:
    """An item that names a photo, `at` the server's estimate of its capture."""

    item: str
    sha256: str
    member: str
    at: datetime
    role: str | None = None
    duplicate_of: str | None = None
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """The photo of an item that an earlier item has, or one alike at `distance`."""

    item: str
    sha256: str
    distance: int


def found(
    new: Naming, others: Iterable[Naming], distances: dict[str, int], apart: timedelta
) -> list[Seen]:
    """What is to be noted when `new` comes in, the least distance of each item, by item.

    The later capture is the one seen before, whichever came in first: a phone may be offline.
    """
    nearest: dict[str, Seen] = {}
    for other in others:
        earlier, later = sorted((new, other), key=lambda one: (one.at, one.item))
        seen = Seen(later.item, later.sha256, distances[other.sha256])
        if is_again(later, earlier, apart) and _is_nearer(seen, nearest.get(later.item)):
            nearest[later.item] = seen
    return sorted(nearest.values(), key=lambda seen: seen.item)


def _is_nearer(seen: Seen, known: Seen | None) -> bool:
    return known is None or seen.distance < known.distance


def is_again(later: Naming, earlier: Naming, apart: timedelta) -> bool:
    """Whether the later photo should have been a new one.

    Not within one item or between a record and its repetition or correction; and not within one
    occasion (one member, less than `apart`): near and far (近景、远景), or one photo for a report
    and its task. A photo that is to show the state after the work is always to be a new one.
    """
    if _is_one_record(later, earlier):
        return False
    if later.role == AFTER != earlier.role:
        return True
    return later.member != earlier.member or later.at - earlier.at >= apart


def _is_one_record(one: Naming, two: Naming) -> bool:
    first, second = ({x.item, x.duplicate_of, x.replaces} - {None} for x in (one, two))
    return bool(first & second)
