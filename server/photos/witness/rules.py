"""A photo's EXIF held against its item: findings for a person to look at, never a refusal.

    flag          number, and when
    exif_far      metres between the photo's place and the item's, if more than `far_m`
    exif_time     seconds from the item to the photo (below 0: the photo is older), if more than
                  `time_s` either way
    exif_missing  none; the photo tells neither a place nor a time
    edited        none, if the photo names an editor; else seconds from the shutter to the last
                  change of the file, if more than EDITED_AFTER_S

Where the photo leaves something open it is judged kindly, by the reading that fits best:

* Without a datum, or with one that nobody here knows, its place is taken as WGS-84 and as GCJ-02,
  because some phones write GCJ-02 and do not say so.
* A place is as good as its fix: the item's accuracy `acc`, up to MOST_ACC_M, is allowed on top.
* A time without an offset is local time of the deployment's zone, of the phone (the offset of the
  item's `at`), or UTC. No other zone is tried: with every whole hour to choose from, a photo of the
  morning would pass for one of now.
* The satellites' time counts only where the shutter's is missing: it is that of the last fix, which
  may be old.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import NamedTuple

from server.kernel import geo
from server.photos.witness.editors import names_editor

EXIF_FAR, EXIF_TIME, EXIF_MISSING, EDITED = "exif_far", "exif_time", "exif_missing", "edited"
FLAGS = frozenset({EXIF_FAR, EXIF_TIME, EXIF_MISSING, EDITED})

EDITED_AFTER_S = 120
"""A phone writes the file within seconds; as with clocks, two minutes are no slip."""
MOST_ACC_M = 3000
"""The coarsest fix that a cell of the phone network gives; a device that says more gets no more."""

_DATUMS = {
    "WGS84": (geo.WGS84,),
    "WGS1984": (geo.WGS84,),
    "CGCS2000": (geo.WGS84,),
    "GCJ02": (geo.GCJ02,),
    "BD09": (geo.BD09,),
    "BD09LL": (geo.BD09,),
}
_UNSAID = (geo.WGS84, geo.GCJ02)
_SIGNS = re.compile(r"[^A-Z0-9]")


@dataclass(frozen=True, slots=True)
class Limits:
    """`far_m` metres, `time_s` seconds, `zone` of the deployment; the limit itself is allowed."""

    far_m: float
    time_s: float
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class Claim:
    """What the item says: `at` with its offset, WGS-84 degrees, accuracy in metres."""

    at: datetime
    lat: float | None = None
    lon: float | None = None
    acc: float = 0


@dataclass(frozen=True, slots=True)
class Witness:
    """What the photo says, as the camera wrote it; see `PhotoFacts`."""

    lat: float | None = None
    lon: float | None = None
    datum: str | None = None
    taken_at: datetime | None = None
    gps_time: datetime | None = None
    changed_at: datetime | None = None
    software: str | None = None


class Found(NamedTuple):
    """A flag and its number, as in the table above."""

    flag: str
    number: float | None = None


def judge(claim: Claim, photo: Witness, limits: Limits) -> list[Found]:
    """What is odd about the photo of this item; at most one finding a flag."""
    checks = (far(claim, photo, limits), out_of_time(claim, photo, limits), missing(photo))
    return [found for found in (*checks, edited(photo)) if found is not None]


def far(claim: Claim, photo: Witness, limits: Limits) -> Found | None:
    """`exif_far` if the photo's place is beyond the limit in every datum it may be in."""
    if claim.lat is None or claim.lon is None or photo.lat is None or photo.lon is None:
        return None
    metres = min(
        geo.distance(claim.lat, claim.lon, *geo.to_wgs84(photo.lat, photo.lon, datum))
        for datum in datums(photo.datum)
    )
    allowed = limits.far_m + min(max(claim.acc, 0), MOST_ACC_M)
    return Found(EXIF_FAR, round(metres, 1)) if metres > allowed else None


def datums(said: str | None) -> tuple[str, ...]:
    """The datums that the words of a camera may mean."""
    return _DATUMS.get(_SIGNS.sub("", (said or "").upper()), _UNSAID)


def out_of_time(claim: Claim, photo: Witness, limits: Limits) -> Found | None:
    """`exif_time` if no reading of the photo's time is within the limit; the first one counts."""
    seconds = [(moment - claim.at).total_seconds() for moment in _moments(claim, photo, limits)]
    if not seconds or min(map(abs, seconds)) <= limits.time_s:
        return None
    return Found(EXIF_TIME, round(seconds[0], 1))


def _moments(claim: Claim, photo: Witness, limits: Limits) -> Iterator[datetime]:
    taken = photo.taken_at or photo.gps_time
    if taken is None:
        return
    if taken.tzinfo is not None:
        yield taken
        return
    for zone in (limits.zone, claim.at.tzinfo, UTC):
        yield taken.replace(tzinfo=zone).astimezone(UTC)


def missing(photo: Witness) -> Found | None:
    """`exif_missing` if the photo tells neither a place nor a time."""
    told = (photo.lat, photo.taken_at, photo.gps_time)
    return Found(EXIF_MISSING) if all(value is None for value in told) else None


def edited(photo: Witness) -> Found | None:
    """`edited` if the photo names an editor, or was changed well after the shutter."""
    if photo.software is not None and names_editor(photo.software):
        return Found(EDITED)
    if photo.taken_at is None or photo.changed_at is None:
        return None
    seconds = _apart(photo.taken_at, photo.changed_at)
    return Found(EDITED, round(seconds, 1)) if seconds > EDITED_AFTER_S else None


def _apart(taken: datetime, changed: datetime) -> float:
    """Seconds between the two; by the hands of the camera's clock unless both have an offset."""
    if taken.tzinfo is None or changed.tzinfo is None:
        taken, changed = taken.replace(tzinfo=None), changed.replace(tzinfo=None)
    return (changed - taken).total_seconds()
