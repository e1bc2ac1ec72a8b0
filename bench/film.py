"""Photos (照片) by the ten thousand: one drawn JPEG with its EXIF, made unique in a comment.

The server reads each as the photo that it is; only the comment segments (COM) differ, and fill it
up to the size wanted.
"""

import hashlib
import io
import secrets
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fieldkit.exif import write_facts
from fieldkit.simulator.photos import Shot, draw

LEAST_BYTES = 8_000
TYPE = "image/jpeg"
_SCENE, _LAT, _LON = "manhole", 30.26, 120.16
_QUALITY = 78
_SMALLER = (1, 2, 4, 8, 16)
_COMMENT, _HEADER, _LONGEST = b"\xff\xfe", 4, 65_537
_SOI, _APP0, _APP15 = 2, 0xE0, 0xEF
_STAMP = 8


class Film:
    """Unique photos of `size` bytes, by number; another run's are others."""

    def __init__(self, size: int) -> None:
        """ValueError below `LEAST_BYTES`: no photo with its EXIF would fit."""
        if size < LEAST_BYTES:
            raise ValueError(f"a photo has at least {LEAST_BYTES} bytes")
        self.size = size
        photo = _photo(size // 2)
        comments = _comments(size - len(photo))
        after = _end_of_app_segments(photo)
        self._head = photo[:after] + comments[:_HEADER]
        self._tail = comments[_HEADER + _STAMP :] + photo[after:]

    def photo(self, number: int) -> bytes:
        """The bytes of photo `number`."""
        return b"".join((self._head, number.to_bytes(_STAMP), self._tail))

    def sha256(self, number: int) -> str:
        """Its hash, 64 lower-case hex digits."""
        return digest(self.photo(number))


def digest(content: bytes) -> str:
    """Hex SHA-256."""
    return hashlib.sha256(content).hexdigest()


def _photo(most: int) -> bytes:
    """The largest of some sizes of a drawn photo, with time and place, of at most `most` bytes."""
    at = datetime.now(UTC).astimezone() - timedelta(hours=2)
    image = draw(Shot(_SCENE, 1, at, _LAT, _LON))
    for smaller in _SMALLER:
        plain = io.BytesIO()
        image.reduce(smaller).save(plain, "JPEG", quality=_QUALITY)
        photo = _with_facts(plain.getvalue(), at)
        if len(photo) <= most:
            return photo
    raise ValueError(f"no photo fits into {most} bytes")


def _with_facts(photo: bytes, at: datetime) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "photo.jpg"
        path.write_bytes(photo)
        write_facts(path, path, at=at, lat=_LAT, lon=_LON)
        return path.read_bytes()


def _comments(size: int) -> bytes:
    """Comment segments of `size` bytes together, filled at random."""
    count = -(-size // _LONGEST)
    lengths = [size // count + (number < size % count) for number in range(count)]
    return b"".join(_comment(length) for length in lengths)


def _comment(length: int) -> bytes:
    counted = (length - len(_COMMENT)).to_bytes(2)
    return _COMMENT + counted + secrets.token_bytes(length - _HEADER)


def _end_of_app_segments(photo: bytes) -> int:
    """Where comments may stand: after the EXIF, so that readers find that first."""
    at = _SOI
    while _APP0 <= photo[at + 1] <= _APP15:
        at += 2 + int.from_bytes(photo[at + 2 : at + 4])
    return at
