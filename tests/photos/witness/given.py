"""Photos that say where and when they were taken, items that name them, and what was found."""

import json
from datetime import datetime, timedelta
from typing import Any

import piexif
from flask.testing import FlaskClient
from piexif import GPSIFD, ExifIFD, ImageIFD

from server.items.models import Finding
from server.kernel import feed
from server.kernel.database import reading, writing
from server.kernel.geo import EARTH_RADIUS_M
from server.media.storage import media_store
from server.photos.witness import service
from server.photos.witness.rules import Found
from tests.factories import Phone
from tests.media.tools import Tus, picture
from tests.wire import exchange, line

DEGREES_OF_A_METRE = 180 / (EARTH_RADIUS_M * 3.141592653589793)


def photo(
    lat: float | None, lon: float, at: datetime | None, software: str = "camera", **gps: Any
) -> bytes:
    """A drawn JPEG taken there (nowhere for None) and then, the offset written; WGS-84 unless said.

    Its colour comes of the moment, so that two photos are two files.
    """
    tags: dict[str, Any] = {"0th": {ImageIFD.Software: software.encode()}, "Exif": {}, "GPS": {}}
    if lat is not None:
        tags["GPS"] = _place(lat, lon) | {getattr(GPSIFD, name): gps[name] for name in gps}
    if at is not None:
        tags["Exif"] = {
            ExifIFD.DateTimeOriginal: at.strftime("%Y:%m:%d %H:%M:%S"),
            ExifIFD.OffsetTimeOriginal: at.isoformat()[-6:],
        }
    return picture("blue", exif=piexif.dump(tags))


def _place(lat: float, lon: float) -> dict[int, Any]:
    return {
        GPSIFD.GPSLatitudeRef: "N",
        GPSIFD.GPSLatitude: ((round(lat * 1e7), 10**7),),
        GPSIFD.GPSLongitudeRef: "E",
        GPSIFD.GPSLongitude: ((round(lon * 1e7), 10**7),),
        GPSIFD.GPSMapDatum: "WGS-84",
    }


def north_of(point: tuple[float, float], metres: float) -> tuple[float, float]:
    return point[0] + metres * DEGREES_OF_A_METRE, point[1]


def report(
    client: FlaskClient,
    phone: Phone,
    point: tuple[float, float] | None,
    at: datetime,
    *hashes: str,
    **loc: Any,
) -> str:
    """A report captured there and then that names the photos; its id."""
    named = [{"sha256": sha256, "role": "near"} for sha256 in hashes]
    place = {} if point is None else {"loc": {"lat": point[0], "lon": point[1]} | loc}
    raw = line(at=at.isoformat(), media=named, **place)
    (result,) = exchange(client, phone, raw)["results"]
    assert result["status"] == "accepted", result
    return str(result["id"])


def read(sha256: str) -> None:
    """What the worker does once a photo is there."""
    with writing() as session:
        service.read(session, media_store(), sha256)


def compare(item: str, sha256: str) -> list[Found]:
    """What the worker does for each item that names the photo."""
    with writing() as session:
        return service.compare(session, item, sha256)


def hand_in(tus: Tus, content: bytes) -> str:
    """Upload a photo and have it read; its hash."""
    sha256 = tus.hand_in(content)
    read(sha256)
    return sha256


def findings(item: str) -> list[tuple[str, str, float | None]]:
    """(hash, flag, number) as they stand in the table."""
    with reading() as session:
        rows = session.query(Finding).filter_by(item=item).order_by(Finding.sha256, Finding.flag)
        return [(row.sha256, row.flag, row.number) for row in rows]


def verdicts(member: str) -> list[tuple[str, int, list[Any]]]:
    """(item, version, findings) of the later verdicts on the member's feed."""
    with reading() as session:
        rows = feed.page(session, member, 0, 100)
    bodies = [json.loads(json.dumps(row["body"])) for row in rows if row["kind"] == "item"]
    return [(body["id"], body["version"], body["findings"]) for body in bodies]


HOUR = timedelta(hours=1)
