"""Tracks (轨迹) from GPX files, cut into items of bearable size (docs/protocol.md, 6)."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from fieldkit.errors import InputError

# Points per item; about 9 kB of line.
CHUNK_POINTS = 240
# A longer silence between two fixes is a gap, not a straight walk.
GAP_S = 60
_MAX_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True)
class Fix:
    """One point of a track: degrees in WGS-84, `acc` in metres or None."""

    at: datetime
    lat: float
    lon: float
    acc: float | None = None


@dataclass(frozen=True)
class Chunk:
    """A piece of a track: `points` and `gaps` count seconds from `at`."""

    at: datetime
    points: list[list[float | None]]
    gaps: list[list[Any]]


class _NoDoctype(ElementTree.TreeBuilder):
    """Entities need a document type, so none is allowed: no bombs, no outside files."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise ValueError("DOCTYPE")


def read_gpx(path: Path | str) -> list[Fix]:
    """All track points that have a time, in time order.

    Raises InputError when the file is unreadable, no GPX, holds a DOCTYPE or no such point.
    """
    try:
        root = ElementTree.fromstring(_read(Path(path)), ElementTree.XMLParser(target=_NoDoctype()))
    except OSError as error:
        raise InputError("no_file", path=path, reason=error.strerror) from error
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise InputError("bad_gpx", path=path, reason=error) from error
    fixes = [fix for point in root.iterfind(".//{*}trkpt") if (fix := _fix(point))]
    if not fixes:
        raise InputError("no_points", path=path)
    return sorted(fixes, key=lambda fix: fix.at)


def chunks(fixes: list[Fix]) -> list[Chunk]:
    """Cut fixes in time order into items; a gap between two items belongs to the earlier."""
    return [
        _chunk(fixes[start : start + CHUNK_POINTS + 1])
        for start in range(0, len(fixes), CHUNK_POINTS)
    ]


def _chunk(fixes: list[Fix]) -> Chunk:
    """One item of the first CHUNK_POINTS fixes; one more only shows the gap after them."""
    start = fixes[0].at
    seconds = [round((fix.at - start).total_seconds(), 1) for fix in fixes]
    return Chunk(
        at=start,
        points=[
            [_short(passed), round(fix.lat, 6), round(fix.lon, 6), fix.acc]
            for passed, fix in zip(seconds, fixes[:CHUNK_POINTS], strict=False)
        ],
        gaps=[
            [_short(before), _short(after), "no_fix"]
            for before, after in zip(seconds, seconds[1:], strict=False)
            if after - before > GAP_S
        ],
    )


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise ValueError("> 32 MiB")
    return data


def _fix(point: ElementTree.Element) -> Fix | None:
    """A point, or None when its time or position is missing or nonsense."""
    try:
        at = datetime.fromisoformat((point.findtext("{*}time") or "").strip())
        lat, lon = float(point.get("lat", "")), float(point.get("lon", ""))
    except ValueError:
        return None
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        return None
    return Fix(at if at.tzinfo else at.replace(tzinfo=UTC), lat, lon, _accuracy(point))


def _accuracy(point: ElementTree.Element) -> float | None:
    """Metres, where a logger wrote them (`accuracy` in its extensions)."""
    try:
        metres = float(point.findtext(".//{*}accuracy") or "")
    except ValueError:
        return None
    return metres if math.isfinite(metres) and metres >= 0 else None


def _short(seconds: float) -> float:
    """Whole seconds as an integer: a track is mostly numbers, and they are paid for."""
    return int(seconds) if seconds == int(seconds) else seconds
