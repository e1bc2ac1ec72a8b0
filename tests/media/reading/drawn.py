"""Pictures and EXIF blocks made for one test, honest and hostile."""

import os
import struct
from io import BytesIO
from pathlib import Path
from typing import Any

import piexif
from piexif import GPSIFD, ExifIFD
from PIL import Image

from server.media.reading import PhotoFacts, read

PHOTOS = Path(os.environ.get("GEWU_PHOTOS", Path(__file__).parents[4] / "shared" / "photos"))
ASCII, SHORT, LONG, RATIONAL = 2, 3, 4, 5
WUHAN = {
    GPSIFD.GPSLatitudeRef: "N",
    GPSIFD.GPSLatitude: ((30, 1), (35, 1), (3480, 100)),
    GPSIFD.GPSLongitudeRef: "E",
    GPSIFD.GPSLongitude: ((114, 1), (18, 1), (1980, 100)),
}


def facts_of(data: bytes) -> PhotoFacts:
    """What the file with these bytes says."""
    return read(BytesIO(data))


def picture(exif: bytes = b"", kind: str = "JPEG", size: tuple[int, int] = (8, 6)) -> bytes:
    """A drawn picture with the block."""
    out = BytesIO()
    Image.new("RGB", size, "red").save(out, kind, exif=exif)
    return out.getvalue()


def block(image: Any = None, exif: Any = None, gps: Any = None) -> bytes:
    """An EXIF block with these tags."""
    return piexif.dump({"0th": image or {}, "Exif": exif or {}, "GPS": gps or {}})


def gps_facts(**changes: Any) -> PhotoFacts:
    """Facts of a picture from Wuhan with some GPS tags changed, or removed by None."""
    tags = WUHAN | {getattr(GPSIFD, name): value for name, value in changes.items()}
    kept = {tag: value for tag, value in tags.items() if value is not None}
    return facts_of(picture(block(gps=kept)))


def exif_facts(image: Any = None, **tags: Any) -> PhotoFacts:
    """Facts of a picture with these tags of the EXIF directory."""
    named = {getattr(ExifIFD, name): value for name, value in tags.items()}
    return facts_of(picture(block(image=image, exif=named)))


def tiff(*entries: tuple[int, int, int, int], rest: bytes = b"", first: int = 8) -> bytes:
    """A block with one directory of (tag, type, count, value), each value a LONG."""
    return b"II*\0" + struct.pack("<L", first) + directory(*entries) + rest


def directory(*entries: tuple[int, int, int, int]) -> bytes:
    """A directory of (tag, type, count, value), each value a LONG."""
    body = b"".join(struct.pack("<HHLL", *entry) for entry in entries)
    return struct.pack("<H", len(entries)) + body + bytes(4)


def jpeg(*segments: tuple[int, bytes], tail: bytes = b"\xff\xd9") -> bytes:
    """A JPEG of these segments; no pixel follows."""
    parts = (struct.pack(">BBH", 0xFF, code, len(body) + 2) + body for code, body in segments)
    return b"\xff\xd8" + b"".join(parts) + tail


FRAME = (0xC0, struct.pack(">BHHB", 8, 6, 8, 1) + bytes(3))
"""Baseline, 8 × 6 pixels."""


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG of these chunks; nobody checks the sums."""
    parts = (struct.pack(">L4s", len(body), name) + body + bytes(4) for name, body in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


HEADER = (b"IHDR", struct.pack(">LLBBBBB", 8, 6, 8, 2, 0, 0, 0))
"""8 × 6 pixels."""


def webp(*chunks: tuple[bytes, bytes]) -> bytes:
    """A WebP of these chunks."""
    parts = (
        struct.pack("<4sL", name, len(body)) + body + bytes(len(body) % 2) for name, body in chunks
    )
    body = b"WEBP" + b"".join(parts)
    return b"RIFF" + struct.pack("<L", len(body)) + body
