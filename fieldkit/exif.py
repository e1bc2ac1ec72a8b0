"""What a photo (照片) says about itself: time and position in its EXIF, read and written."""

import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import piexif

from fieldkit.errors import InputError

_EXIF_POINTER, _GPS_POINTER = 0x8769, 0x8825
_DATE = "%Y:%m:%d %H:%M:%S"
_KEPT = (piexif.ImageIFD.Make, piexif.ImageIFD.Model, piexif.ImageIFD.Orientation)

T = TypeVar("T")


@dataclass(frozen=True)
class Facts:
    """What a photo's EXIF says; None for what is missing or unreadable.

    `lat` and `lon` in degrees, WGS-84; `taken` is the camera's local time without a zone;
    `offset` the camera's offset from UTC ("+08:00").
    """

    lat: float | None = None
    lon: float | None = None
    taken: datetime | None = None
    offset: str | None = None

    def loc(self) -> dict[str, Any] | None:
        """The item's `loc` (docs/protocol.md, section 6), or None without a position."""
        if self.lat is None or self.lon is None:
            return None
        return {"lat": self.lat, "lon": self.lon, "src": "gps"}


class _Tags(NamedTuple):
    zeroth: Mapping[int, Any]
    exif: Mapping[int, Any]
    gps: Mapping[int, Any]


def read_facts(path: Path | str) -> Facts:
    """The readable part of a photo's EXIF; broken or missing EXIF gives empty facts."""
    tags = _attempt(lambda: _read_tags(path))
    if tags is None:
        return Facts()
    taken = tags.exif.get(piexif.ExifIFD.DateTimeOriginal) or tags.zeroth.get(
        piexif.ImageIFD.DateTime
    )
    lat = _degrees(tags.gps, piexif.GPSIFD.GPSLatitudeRef, "NS", 90)
    lon = _degrees(tags.gps, piexif.GPSIFD.GPSLongitudeRef, "EW", 180)
    # Cameras without a fix write zeros; nobody works on that spot of the Atlantic.
    fixed = lat is not None and lon is not None and (lat, lon) != (0, 0)
    return Facts(
        lat=lat if fixed else None,
        lon=lon if fixed else None,
        taken=_attempt(lambda: datetime.strptime(_text(taken), _DATE)),
        offset=_text(tags.exif.get(piexif.ExifIFD.OffsetTimeOriginal)) or None,
    )


def write_facts(
    source: Path | str, target: Path | str, *, at: datetime, lat: float, lon: float
) -> None:
    """Copy a JPEG to `target` with time and position in its EXIF; the source stays as it is.

    `lat` and `lon` in degrees, WGS-84. Of the other tags the copy keeps the camera's name
    and the orientation. Raises InputError when the source is no JPEG or cannot be read.
    """
    old = _attempt(lambda: _read_tags(source))
    kept = {tag: old.zeroth[tag] for tag in _KEPT if tag in old.zeroth} if old else {}
    exif = {
        piexif.ExifIFD.DateTimeOriginal: at.strftime(_DATE).encode(),
        piexif.ExifIFD.OffsetTimeOriginal: at.isoformat()[-6:].encode(),
    }
    gps = {
        piexif.GPSIFD.GPSLatitudeRef: b"S" if lat < 0 else b"N",
        piexif.GPSIFD.GPSLatitude: _sexagesimal(lat),
        piexif.GPSIFD.GPSLongitudeRef: b"W" if lon < 0 else b"E",
        piexif.GPSIFD.GPSLongitude: _sexagesimal(lon),
        piexif.GPSIFD.GPSMapDatum: b"WGS-84",
    }
    written = {"Exif": exif, "GPS": gps}
    data = _attempt(lambda: piexif.dump({"0th": kept, **written})) or piexif.dump(written)
    try:
        piexif.insert(data, str(source), str(target))
    except Exception as error:  # the parser of foreign bytes raises whatever it meets
        reason = str(error) or type(error).__name__
        raise InputError("bad_exif", path=source, reason=reason) from error


def _attempt(read: Callable[[], T]) -> T | None:
    """What `read` gives, or None: parsers of foreign bytes raise nearly everything."""
    try:
        return read()
    except Exception:
        return None


def _read_tags(path: Path | str) -> _Tags:
    """By Pillow: piexif takes a damaged length for real, minutes and gigabytes long."""
    from PIL import Image

    with warnings.catch_warnings(action="ignore"), Image.open(path) as image:
        tags = image.getexif()
        return _Tags(tags, tags.get_ifd(_EXIF_POINTER), tags.get_ifd(_GPS_POINTER))


def _degrees(gps: Mapping[int, Any], ref_tag: int, signs: str, limit: int) -> float | None:
    """Signed degrees of one axis, or None. The value stands in the tag after its reference."""
    sign = _text(gps.get(ref_tag))[:1].upper()
    parts = _attempt(lambda: [float(part) for part in gps[ref_tag + 1]])
    if not sign or sign not in signs or parts is None or len(parts) != 3:
        return None
    value = round(parts[0] + parts[1] / 60 + parts[2] / 3600, 7)
    if not math.isfinite(value) or not 0 <= value <= limit:
        return None
    return value if sign == signs[0] else -value


def _text(value: Any) -> str:
    raw = value if isinstance(value, bytes) else str(value or "").encode()
    return raw.decode("ascii", "replace").strip("\0 ")


def _sexagesimal(degrees: float) -> tuple[tuple[int, int], ...]:
    """Degrees, minutes and seconds to 1/10000 as EXIF rationals."""
    ticks = round(abs(degrees) * 3600 * 10_000)
    minutes, seconds = divmod(ticks, 600_000)
    return (minutes // 60, 1), (minutes % 60, 1), (seconds, 10_000)
