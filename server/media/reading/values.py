"""The values of an EXIF block, judged one by one (Exif 3.0, sections 4.6.5 and 4.6.6).

Each gives None where there is nothing, and raises `Unusable` where there is something that says
nothing; the argument is the word for it.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from piexif import GPSIFD, ExifIFD, ImageIFD

_MOST_TEXT = 200
_MOST_DATUM = 32
_DATE = re.compile(r"(\d{4})[:/.-](\d\d)[:/.-](\d\d)", re.ASCII)
_DATE_TIME = re.compile(_DATE.pattern + r"[ T](\d\d):(\d\d):(\d\d)", re.ASCII)
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)", re.ASCII)
_YEARS = range(1900, 2200)
"""Beyond them a year is a slip, and the databases' calendars have an end."""

_NORTHS = {"T": "true", "M": "magnetic"}

Tags = dict[int, Any]


class Unusable(Exception):
    """A value that is there but says nothing; the argument is its word of `WORDS`."""


def position(gps: Tags) -> tuple[float, float] | None:
    """(lat, lon) in degrees."""
    if GPSIFD.GPSLatitude not in gps and GPSIFD.GPSLongitude not in gps:
        return None
    lat = _angle(gps.get(GPSIFD.GPSLatitude))
    lon = _angle(gps.get(GPSIFD.GPSLongitude))
    if not (0 <= lat <= 90 and 0 <= lon <= 180):
        raise Unusable("gps_out_of_range")
    if lat == lon == 0:
        raise Unusable("gps_null")
    south = _hemisphere(gps.get(GPSIFD.GPSLatitudeRef), "NS")
    west = _hemisphere(gps.get(GPSIFD.GPSLongitudeRef), "EW")
    return (-lat if south else lat), (-lon if west else lon)


def _angle(value: Any) -> float:
    """Degrees from one to three rationals: degrees, minutes, seconds."""
    parts = _rationals(value, "gps_broken")
    if not 1 <= len(parts) <= 3 or any(part > 60 for part in parts[1:]):
        raise Unusable("gps_broken")
    return sum(part / 60**power for power, part in enumerate(parts))


def _hemisphere(value: Any, letters: str) -> bool:
    """Whether the reference is the second of `letters`."""
    letter = (text(value) or " ")[0].upper()
    if letter not in letters:
        raise Unusable("gps_no_hemisphere")
    return letter == letters[1]


def datum(gps: Tags) -> str | None:
    """The map datum as the camera names it: `WGS-84`, `GCJ-02`, `TOKYO`, …"""
    name = text(gps.get(GPSIFD.GPSMapDatum))
    return name and name[:_MOST_DATUM]


def altitude(gps: Tags) -> float | None:
    """Metres above the sea."""
    if GPSIFD.GPSAltitude not in gps:
        return None
    metres = _rational(gps[GPSIFD.GPSAltitude], "alt_broken")
    below = gps.get(GPSIFD.GPSAltitudeRef, 0) in (1, b"\x01")
    return -metres if below else metres


def direction(gps: Tags) -> float | None:
    """Degrees from north, clockwise: where the camera looked."""
    if GPSIFD.GPSImgDirection not in gps:
        return None
    degrees = _rational(gps[GPSIFD.GPSImgDirection], "direction_broken")
    if not 0 <= degrees <= 360:
        raise Unusable("direction_broken")
    return degrees % 360


def north(gps: Tags) -> str | None:
    """Which north the direction counts from: `true` or `magnetic`."""
    return _NORTHS.get(text(gps.get(GPSIFD.GPSImgDirectionRef)) or "")


def gps_time(gps: Tags) -> datetime | None:
    """The satellites' UTC; half of it (a time without its day) is nothing."""
    day = text(gps.get(GPSIFD.GPSDateStamp))
    if day is None or GPSIFD.GPSTimeStamp not in gps:
        return None
    parts = _rationals(gps[GPSIFD.GPSTimeStamp], "gps_time_broken")
    found = _DATE.fullmatch(day)
    in_range = all(0 <= part < limit for part, limit in zip(parts, (24, 60, 61), strict=False))
    if found is None or len(parts) != 3 or not in_range:
        raise Unusable("gps_time_broken")
    hours, minutes, seconds = parts
    midnight = _datetime(found.groups(), "gps_time_broken").replace(tzinfo=UTC)
    return midnight + timedelta(hours=hours, minutes=minutes, seconds=seconds)


def shutter(exif: Tags) -> tuple[str | None, str | None, str | None]:
    """When the shutter opened, or else the picture was digitised: time, offset, decimals."""
    for tags in (
        (ExifIFD.DateTimeOriginal, ExifIFD.OffsetTimeOriginal, ExifIFD.SubSecTimeOriginal),
        (ExifIFD.DateTimeDigitized, ExifIFD.OffsetTimeDigitized, ExifIFD.SubSecTimeDigitized),
    ):
        time, offset, decimals = (text(exif.get(tag)) for tag in tags)
        if _is_said(time):
            return time, offset, decimals
    return None, None, None


def changed(top: Tags, exif: Tags) -> tuple[str | None, str | None, str | None]:
    """When the file was changed last: time, offset, decimals."""
    time = text(top.get(ImageIFD.DateTime))
    if not _is_said(time):
        return None, None, None
    return time, text(exif.get(ExifIFD.OffsetTime)), text(exif.get(ExifIFD.SubSecTime))


def _is_said(time: str | None) -> bool:
    """Blanks or zeros are how cameras write "unknown"."""
    return bool((time or "").strip("0: "))


def local_time(time: str | None, decimals: str | None, word: str) -> datetime | None:
    """The camera's clock, without its offset; decimals that are none are left out."""
    if time is None:
        return None
    found = _DATE_TIME.match(time)
    if found is None:
        raise Unusable(word)
    whole = _datetime(found.groups(), word)
    if decimals is None or not (decimals.isascii() and decimals.isdigit()):
        return whole
    return whole.replace(microsecond=int(decimals[:6].ljust(6, "0")))


def offset(said: str | None) -> timezone | None:
    """The offset from UTC, up to 14 hours."""
    if said is None or not said.strip(": "):
        return None
    found = _OFFSET.fullmatch(said)
    if found is None or int(found[2]) > 14 or int(found[3]) > 59:
        raise Unusable("offset_broken")
    ahead = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return timezone(-ahead if found[1] == "-" else ahead)


def orientation(top: Tags) -> int | None:
    """1 to 8: how the pixels lie."""
    value = top.get(ImageIFD.Orientation)
    if value is not None and value not in range(1, 9):
        raise Unusable("orientation_broken")
    return value


def _datetime(parts: tuple[str, ...], code: str) -> datetime:
    year, month, day, hour, minute, second = [*map(int, parts), 0, 0, 0][:6]
    if year not in _YEARS:
        raise Unusable(code)
    try:
        return datetime(year, month, day, hour, minute, second)
    except ValueError as error:
        raise Unusable(code) from error


def _rational(value: Any, code: str) -> float:
    (number,) = _rationals(value, code)[:1]
    return number


def _rationals(value: Any, code: str) -> list[float]:
    """piexif gives one rational as (a, b) and several as ((a, b), …)."""
    if not isinstance(value, tuple):
        raise Unusable(code)
    pairs = value if isinstance(value[0], tuple) else (value,)
    try:
        return [numerator / denominator for numerator, denominator in pairs]
    except (ValueError, ZeroDivisionError) as error:
        raise Unusable(code) from error


def text(value: Any) -> str | None:
    """A text up to its NUL, without padding and control characters; None if nothing is left."""
    if not isinstance(value, bytes):
        return None
    raw = value.partition(b"\0")[0]
    try:
        letters = raw.decode()
    except UnicodeDecodeError:
        letters = raw.decode("gb18030", "replace")
    printable = "".join(letter for letter in letters if letter.isprintable())
    return printable.strip()[:_MOST_TEXT] or None
