"""Pictures for the tests of copies, good and hostile."""

import os
import struct
import zlib
from io import BytesIO
from typing import Any

import piexif
from PIL import Image, ImageDraw

from server.config import load
from server.photos.copies import jobs

LIMITS = jobs.limits(load({}))
"""What a picture may cost if nobody says otherwise."""


def saved(image: Image.Image, format_: str = "JPEG", **given: Any) -> bytes:
    file = BytesIO()
    image.save(file, format_, **given)
    return file.getvalue()


def noise(width: int, height: int) -> Image.Image:
    """What no compression makes small."""
    return Image.frombytes("RGB", (width, height), os.urandom(width * height * 3))


def marked(width: int, height: int) -> Image.Image:
    """A grey picture with a red block at its top left."""
    image = Image.new("RGB", (width, height), (128, 128, 128))
    ImageDraw.Draw(image).rectangle((0, 0, width // 4, height // 4), fill=(230, 20, 20))
    return image


def exif(orientation: int = 1) -> bytes:
    """EXIF with a place, a phone and an orientation."""
    tags = {
        "0th": {piexif.ImageIFD.Make: b"Secret Phone", piexif.ImageIFD.Orientation: orientation},
        "GPS": {
            piexif.GPSIFD.GPSLatitudeRef: "N",
            piexif.GPSIFD.GPSLatitude: ((30, 1), (30, 1), (0, 1)),
            piexif.GPSIFD.GPSLongitudeRef: "E",
            piexif.GPSIFD.GPSLongitude: ((120, 1), (15, 1), (0, 1)),
        },
    }
    return piexif.dump(tags)


def png(width: int, height: int, packed: bytes) -> bytes:
    """A PNG that says it has this size, whatever `packed` holds."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def bomb() -> bytes:
    """50,000 × 50,000 pixels in a few bytes."""
    return png(50_000, 50_000, zlib.compress(bytes(1 << 20)))


def truncated() -> bytes:
    """The first half of a photo."""
    whole = saved(noise(400, 300), quality=90)
    return whole[: len(whole) // 2]


def polyglot() -> bytes:
    """A photo that is a page too."""
    return saved(marked(400, 300)) + b"<html><script>alert(1)</script></html>"


def slow() -> bytes:
    """As many pixels as are allowed, filtered so that each costs time."""
    width, height = 10_900, 10_900
    packer, row = zlib.compressobj(1), b"\4" + bytes(3 * width)
    packed = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    return png(width, height, packed)


def heavy() -> bytes:
    """36 million pixels, small on disk, that take a while to decode."""
    return saved(Image.new("RGB", (6000, 6000), (10, 120, 30)), "PNG")
