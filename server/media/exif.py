"""What a photo says about itself (照片元数据): size, place and time, without decoding a pixel.

Nothing in a file makes `read` raise. What cannot be used is None, and a code says why:

    empty_file, unreadable_image, heic_unsupported, too_many_pixels
    exif_broken, exif_truncated, exif_entry_broken
    gps_broken, gps_no_hemisphere, gps_out_of_range, gps_null
    alt_broken, direction_broken, gps_time_broken, taken_at_broken, offset_broken,
    orientation_broken
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import piexif
from piexif import GPSIFD, ExifIFD, ImageIFD
from PIL import Image

from server.media.tiff import NotTiff, rebuild

_FORMATS = ["JPEG", "PNG", "WEBP"]
_HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"}
_MAX_TEXT = 200
_EXIF_PREFIX = b"Exif\0\0"
_DATE = re.compile(r"(\d{4})[:/.-](\d\d)[:/.-](\d\d)")
_DATE_TIME = re.compile(_DATE.pattern + r"[ T](\d\d):(\d\d):(\d\d)")
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")

Tags = dict[int, Any]


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """Width and height are those of the stored pixels, before `orientation` (1 to 8) is applied.

    In HEIC the decoder applies it, so that `orientation` is 1 there.
    `lat`, `lon` in degrees as the camera wrote them, `alt` in metres, `direction` in degrees from
    north. `gps_time` is UTC; `taken_at` is the camera's clock, aware if the file has the offset.
    """

    width: int | None = None
    height: int | None = None
    format: str | None = None
    lat: float | None = None
    lon: float | None = None
    alt: float | None = None
    direction: float | None = None
    gps_time: datetime | None = None
    taken_at: datetime | None = None
    orientation: int | None = None
    make: str | None = None
    model: str | None = None
    software: str | None = None
    problems: list[str] = field(default_factory=list)


class _Unusable(Exception):
    """A value that is there but says nothing; the argument is the problem code."""


def read(source: str | Path | bytes | IO[bytes]) -> PhotoFacts:
    """The facts of a JPEG, PNG, WebP or HEIC: its path, its bytes, or a file that can be sought in.

    OSError if there is no file.
    """
    if isinstance(source, bytes):
        return _read(BytesIO(source))
    if not isinstance(source, str | Path):
        return _read(source)
    with open(source, "rb") as file:
        return _read(file)


def _read(file: IO[bytes]) -> PhotoFacts:
    file.seek(0)
    head = file.read(12)
    file.seek(0)
    if not head:
        return PhotoFacts(problems=["empty_file"])
    if _is_heic(head) and not heic_is_supported():
        return PhotoFacts(format="HEIC", problems=["heic_unsupported"])
    try:
        image = _open(file)
    except _Unusable as reason:
        return PhotoFacts(problems=[str(reason)])
    with image:
        return _facts(image)


def _is_heic(head: bytes) -> bool:
    return head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS


@cache
def heic_is_supported() -> bool:
    """Whether pillow-heif is installed; registers it with Pillow."""
    try:
        import pillow_heif
    except ImportError:
        return False
    pillow_heif.register_heif_opener()
    return True


def _open(file: IO[bytes]) -> Image.Image:
    formats = [*_FORMATS, "HEIF"] if heic_is_supported() else _FORMATS
    try:
        return Image.open(file, formats=formats)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _Unusable("too_many_pixels") from error
    # The decoders' errors on broken headers have no common base.
    except Exception as error:
        raise _Unusable("unreadable_image") from error


def _facts(image: Image.Image) -> PhotoFacts:
    problems: list[str] = []
    limit = Image.MAX_IMAGE_PIXELS
    if limit and image.width * image.height > limit:
        problems.append("too_many_pixels")
    top, exif, gps = _tags(image.info.get("exif", b""), problems)

    def value(reader: Callable[..., Any], *args: Any) -> Any:
        try:
            return reader(*args)
        except _Unusable as reason:
            problems.append(str(reason))
            return None

    lat, lon = value(_position, gps) or (None, None)
    shutter, shutter_offset = _shutter(exif)
    taken_at = value(_local_time, shutter)
    offset = value(_offset, shutter_offset)
    return PhotoFacts(
        width=image.width,
        height=image.height,
        format={"MPO": "JPEG", "HEIF": "HEIC"}.get(image.format or "", image.format),
        lat=lat,
        lon=lon,
        alt=value(_altitude, gps),
        direction=value(_direction, gps),
        gps_time=value(_gps_time, gps),
        taken_at=taken_at.replace(tzinfo=offset) if taken_at else None,
        orientation=value(_orientation, top),
        make=_text(top.get(ImageIFD.Make)),
        model=_text(top.get(ImageIFD.Model)),
        software=_text(top.get(ImageIFD.Software)),
        problems=problems,
    )


def _tags(block: bytes, problems: list[str]) -> tuple[Tags, Tags, Tags]:
    """The values of the image, EXIF and GPS directories."""
    if not block:
        return {}, {}, {}
    try:
        safe, met = rebuild(block.removeprefix(_EXIF_PREFIX))
    except NotTiff:
        problems.append("exif_broken")
        return {}, {}, {}
    problems.extend(met)
    loaded = piexif.load(safe)
    return loaded["0th"], loaded["Exif"], loaded["GPS"]


def _position(gps: Tags) -> tuple[float, float] | None:
    """(lat, lon) in degrees."""
    if GPSIFD.GPSLatitude not in gps and GPSIFD.GPSLongitude not in gps:
        return None
    lat = _angle(gps.get(GPSIFD.GPSLatitude))
    lon = _angle(gps.get(GPSIFD.GPSLongitude))
    if not (0 <= lat <= 90 and 0 <= lon <= 180):
        raise _Unusable("gps_out_of_range")
    if lat == lon == 0:
        raise _Unusable("gps_null")
    south = _hemisphere(gps.get(GPSIFD.GPSLatitudeRef), "NS")
    west = _hemisphere(gps.get(GPSIFD.GPSLongitudeRef), "EW")
    return (-lat if south else lat), (-lon if west else lon)


def _angle(value: Any) -> float:
    """Degrees from one to three rationals: degrees, minutes, seconds."""
    parts = _rationals(value, "gps_broken")
    if not 1 <= len(parts) <= 3 or any(part > 60 for part in parts[1:]):
        raise _Unusable("gps_broken")
    return sum(part / 60**power for power, part in enumerate(parts))


def _hemisphere(value: Any, letters: str) -> bool:
    """Whether the reference is the second of `letters`."""
    letter = (_text(value) or " ")[0].upper()
    if letter not in letters:
        raise _Unusable("gps_no_hemisphere")
    return letter == letters[1]


def _altitude(gps: Tags) -> float | None:
    if GPSIFD.GPSAltitude not in gps:
        return None
    metres = _rational(gps[GPSIFD.GPSAltitude], "alt_broken")
    below = gps.get(GPSIFD.GPSAltitudeRef, 0) in (1, b"\x01")
    return -metres if below else metres


def _direction(gps: Tags) -> float | None:
    if GPSIFD.GPSImgDirection not in gps:
        return None
    degrees = _rational(gps[GPSIFD.GPSImgDirection], "direction_broken")
    if not 0 <= degrees <= 360:
        raise _Unusable("direction_broken")
    return degrees % 360


def _gps_time(gps: Tags) -> datetime | None:
    """The satellites' UTC; half of it (a time without its day) is nothing."""
    day = _text(gps.get(GPSIFD.GPSDateStamp))
    if day is None or GPSIFD.GPSTimeStamp not in gps:
        return None
    parts = _rationals(gps[GPSIFD.GPSTimeStamp], "gps_time_broken")
    found = _DATE.fullmatch(day)
    in_range = all(0 <= part < limit for part, limit in zip(parts, (24, 60, 61), strict=False))
    if found is None or len(parts) != 3 or not in_range:
        raise _Unusable("gps_time_broken")
    hours, minutes, seconds = parts
    midnight = _datetime(found.groups(), "gps_time_broken").replace(tzinfo=UTC)
    return midnight + timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _shutter(exif: Tags) -> tuple[str | None, str | None]:
    """The texts of when the shutter opened, or else the picture was digitised: time, offset."""
    for time_tag, offset_tag in (
        (ExifIFD.DateTimeOriginal, ExifIFD.OffsetTimeOriginal),
        (ExifIFD.DateTimeDigitized, ExifIFD.OffsetTimeDigitized),
    ):
        # Blanks or zeros are how cameras write "unknown".
        time = (_text(exif.get(time_tag)) or "").strip("0: ")
        if time:
            return _text(exif.get(time_tag)), _text(exif.get(offset_tag))
    return None, None


def _local_time(text: str | None) -> datetime | None:
    if text is None:
        return None
    found = _DATE_TIME.match(text)
    if found is None:
        raise _Unusable("taken_at_broken")
    return _datetime(found.groups(), "taken_at_broken")


def _offset(text: str | None) -> timezone | None:
    if text is None or not text.strip(": "):
        return None
    found = _OFFSET.fullmatch(text)
    if found is None or int(found[2]) > 14 or int(found[3]) > 59:
        raise _Unusable("offset_broken")
    ahead = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return timezone(-ahead if found[1] == "-" else ahead)


def _orientation(top: Tags) -> int | None:
    value = top.get(ImageIFD.Orientation)
    if value is not None and value not in range(1, 9):
        raise _Unusable("orientation_broken")
    return value


def _datetime(parts: tuple[str, ...], code: str) -> datetime:
    year, month, day, hour, minute, second = [*map(int, parts), 0, 0, 0][:6]
    try:
        return datetime(year, month, day, hour, minute, second)
    except ValueError as error:
        raise _Unusable(code) from error


def _rational(value: Any, code: str) -> float:
    (number,) = _rationals(value, code)[:1]
    return number


def _rationals(value: Any, code: str) -> list[float]:
    """piexif gives one rational as (a, b) and several as ((a, b), …)."""
    if not isinstance(value, tuple):
        raise _Unusable(code)
    pairs = value if isinstance(value[0], tuple) else (value,)
    try:
        return [numerator / denominator for numerator, denominator in pairs]
    except (ValueError, ZeroDivisionError) as error:
        raise _Unusable(code) from error


def _text(value: Any) -> str | None:
    """A text up to its NUL, without padding and control characters; None if nothing is left."""
    if not isinstance(value, bytes):
        return None
    raw = value.partition(b"\0")[0]
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("gb18030", "replace")
    printable = "".join(letter for letter in text if letter.isprintable())
    return printable.strip()[:_MAX_TEXT] or None
