"""The facts of a photo, out of what the walk through its container found."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import piexif
from piexif import ImageIFD

from server.media.reading import values
from server.media.reading.found import Found
from server.media.reading.tiff import NotTiff, rebuild
from server.media.reading.values import Tags, Unusable

WORDS = frozenset(
    {
        "empty_file",
        "unreadable_image",
        "read_limit",
        "exif_broken",
        "exif_truncated",
        "exif_too_large",
        "exif_entry_broken",
        "gps_broken",
        "gps_no_hemisphere",
        "gps_out_of_range",
        "gps_null",
        "alt_broken",
        "direction_broken",
        "gps_time_broken",
        "taken_at_broken",
        "changed_at_broken",
        "offset_broken",
        "orientation_broken",
    }
)
"""All that `PhotoFacts.problems` can say."""


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """Width and height are those of the stored pixels, before `orientation` (1 to 8) is applied.

    In HEIC the decoder applies it, so that `orientation` is 1 there and the size is the turned one.
    `lat`, `lon` in degrees as the camera wrote them, in `datum` if it said one; `alt` in metres;
    `direction` in degrees from the `north` named (true, magnetic). `gps_time` is UTC; `taken_at`
    and `changed_at` are the camera's clock, aware if the file has the offset.
    """

    width: int | None = None
    height: int | None = None
    format: str | None = None
    lat: float | None = None
    lon: float | None = None
    datum: str | None = None
    alt: float | None = None
    direction: float | None = None
    north: str | None = None
    gps_time: datetime | None = None
    taken_at: datetime | None = None
    changed_at: datetime | None = None
    orientation: int | None = None
    make: str | None = None
    model: str | None = None
    software: str | None = None
    problems: list[str] = field(default_factory=list)

    def columns(self) -> dict[str, Any]:
        """The columns of `Blob` that the file itself fills, but `problems`; moments as written."""
        kept = {name: getattr(self, name) for name in _KEPT}
        moments = {"taken_at": self.taken_at, "changed_at": self.changed_at}
        return kept | {name: at and at.isoformat() for name, at in moments.items()}


_KEPT = (
    "width",
    "height",
    "format",
    "lat",
    "lon",
    "datum",
    "direction",
    "north",
    "gps_time",
    "orientation",
    "make",
    "model",
    "software",
)


class _Judge:
    """Asks for values and collects why some are not there."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems

    def value(self, reader: Callable[..., Any], *args: Any) -> Any:
        try:
            return reader(*args)
        except Unusable as reason:
            self._note(str(reason))
            return None

    def instant(self, said: tuple[str | None, str | None, str | None], word: str) -> Any:
        """The moment of (time, offset, decimals), aware if it has an offset."""
        time, offset, decimals = said
        moment = self.value(values.local_time, time, decimals, word)
        zone = self.value(values.offset, offset)
        return moment.replace(tzinfo=zone) if moment else None

    def _note(self, word: str) -> None:
        if word not in self.problems:
            self.problems.append(word)


def of(found: Found) -> PhotoFacts:
    """The facts; what the EXIF block cannot tell is None."""
    judge = _Judge(list(found.problems))
    top, exif, gps = _tags(found.exif, judge.problems)
    lat, lon = judge.value(values.position, gps) or (None, None)
    orientation = judge.value(values.orientation, top)
    return PhotoFacts(
        width=found.width,
        height=found.height,
        format=found.format,
        lat=lat,
        lon=lon,
        datum=values.datum(gps),
        alt=judge.value(values.altitude, gps),
        direction=judge.value(values.direction, gps),
        north=values.north(gps),
        gps_time=judge.value(values.gps_time, gps),
        taken_at=judge.instant(values.shutter(exif), "taken_at_broken"),
        changed_at=judge.instant(values.changed(top, exif), "changed_at_broken"),
        orientation=1 if orientation and found.turned else orientation,
        make=values.text(top.get(ImageIFD.Make)),
        model=values.text(top.get(ImageIFD.Model)),
        software=values.text(top.get(ImageIFD.Software)),
        problems=judge.problems,
    )


def _tags(block: bytes | None, problems: list[str]) -> tuple[Tags, Tags, Tags]:
    """The values of the image, EXIF and GPS directories."""
    if block is None:
        return {}, {}, {}
    try:
        safe, met = rebuild(block)
    except NotTiff:
        problems.append("exif_broken")
        return {}, {}, {}
    problems.extend(met)
    loaded = piexif.load(safe)
    return loaded["0th"], loaded["Exif"], loaded["GPS"]
