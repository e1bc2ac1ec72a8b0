"""A client that speaks tus by hand, drawn pictures, and items that name files."""

import base64
import hashlib
from io import BytesIO
from pathlib import Path
from typing import Any

import piexif
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from server.items.models import Item
from server.kernel.clock import iso
from server.kernel.database import writing
from server.media import joining, service
from server.media.storage import media_store
from server.media.stores.base import BlobStore
from tests import factories
from tests.factories import Phone

UPLOADS = "/api/v1/media/uploads"
OCTETS = "application/offset+octet-stream"
PHOTOS = Path(__file__).parents[3] / "shared" / "photos"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def metadata(**values: str) -> str:
    """Upload-Metadata of these values."""
    pairs = [f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in values.items()]
    return ",".join(pairs)


def checksum(chunk: bytes) -> str:
    """Upload-Checksum of the chunk."""
    return f"sha256 {base64.b64encode(hashlib.sha256(chunk).digest()).decode()}"


class Tus:
    """One phone's uploads; header names are given with `_` for `-`."""

    def __init__(self, client: FlaskClient, phone: Phone) -> None:
        self._client = client
        self.phone = phone

    def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> TestResponse:
        named = {"Tus-Resumable": "1.0.0"} | factories.auth(self.phone.token, **headers)
        return self._client.open(path, method=method, data=body, headers=named)

    def create(self, content: bytes, type_: str = "image/jpeg", **headers: str) -> TestResponse:
        given = {
            "upload_length": str(len(content)),
            "upload_metadata": metadata(sha256=sha256(content), type=type_),
        }
        return self.send("POST", UPLOADS, **given | headers)

    def place(self, content: bytes, type_: str = "image/jpeg") -> str:
        """The path of a new upload."""
        response = self.create(content, type_)
        assert response.status_code == 201, response.text
        return response.headers["Location"]

    def patch(self, place: str, offset: int, chunk: bytes, **headers: str) -> TestResponse:
        given = {"upload_offset": str(offset), "content_type": OCTETS}
        return self.send("PATCH", place, chunk, **given | headers)

    def head(self, place: str) -> TestResponse:
        return self.send("HEAD", place)

    def offset(self, place: str) -> int:
        """Bytes that the server says it has."""
        return int(self.head(place).headers["Upload-Offset"])

    def hand_in(self, content: bytes, type_: str = "image/jpeg") -> str:
        """Upload all of it in one piece; the hash."""
        response = self.patch(self.place(content, type_), 0, content)
        assert response.status_code == 204, response.text
        return sha256(content)


def name(phone: Phone, member: str, *hashes: str, area: str | None = None) -> str:
    """A new item of the member that names these files; its id."""
    media: list[dict[str, Any]] = [{"sha256": hash_, "role": "near"} for hash_ in hashes]
    item = factories.incoming("report", member, {}, install=phone.install, area=area, media=media)
    with writing() as session:
        row = {
            "id": item.id,
            "install": item.install,
            "member": member,
            "seq": item.seq,
            "kind": item.kind,
            "schema": 1,
            "sha256": item.sha256,
            "content": "",
            "at": iso(item.at),
            "estimated": item.estimated,
            "clock": "raw",
            "received_at": item.received_at,
            "area": area,
            "status": "accepted",
            "flags": [],
            "raw": item.raw,
        }
        session.add(Item(**row))
        session.flush()
        service.attach(session, [item])
        joining.announce(session, [item])
    return item.id


def store() -> BlobStore:
    """The store of the app under test."""
    return media_store()


def picture(colour: str = "red", format_: str = "JPEG", **saved: Any) -> bytes:
    """A drawn picture of 64 × 48 pixels."""
    file = BytesIO()
    Image.new("RGB", (64, 48), colour).save(file, format_, **saved)
    return file.getvalue()


def picture_with_exif() -> bytes:
    """A drawn JPEG that says it was taken at 30.5 N, 120.25 E, lying on its side."""
    tags = {
        "0th": {piexif.ImageIFD.Make: "格物".encode(), piexif.ImageIFD.Orientation: 6},
        "GPS": {
            piexif.GPSIFD.GPSLatitudeRef: "N",
            piexif.GPSIFD.GPSLatitude: ((30, 1), (30, 1), (0, 1)),
            piexif.GPSIFD.GPSLongitudeRef: "E",
            piexif.GPSIFD.GPSLongitude: ((120, 1), (15, 1), (0, 1)),
        },
    }
    return picture("blue", exif=piexif.dump(tags))
