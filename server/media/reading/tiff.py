"""EXIF blocks (TIFF) made safe to read.

piexif trusts every count and pointer that a file contains: a count of four billion makes it build
a string of that length, and one bad entry loses all others. So its input is written anew: the old
bytes, followed by fresh directories that hold the wanted, readable entries only. The layout is
that of TIFF 6.0, section 2.
"""

import struct
from collections.abc import Iterator

from piexif import GPSIFD, ExifIFD, ImageIFD

IMAGE_TAGS = {
    ImageIFD.Make,
    ImageIFD.Model,
    ImageIFD.Orientation,
    ImageIFD.Software,
    ImageIFD.DateTime,
    ImageIFD.ExifTag,
    ImageIFD.GPSTag,
}
EXIF_TAGS = {
    ExifIFD.DateTimeOriginal,
    ExifIFD.DateTimeDigitized,
    ExifIFD.OffsetTimeOriginal,
    ExifIFD.OffsetTimeDigitized,
    ExifIFD.OffsetTime,
    ExifIFD.SubSecTimeOriginal,
    ExifIFD.SubSecTimeDigitized,
    ExifIFD.SubSecTime,
}
GPS_TAGS = {
    GPSIFD.GPSLatitudeRef,
    GPSIFD.GPSLatitude,
    GPSIFD.GPSLongitudeRef,
    GPSIFD.GPSLongitude,
    GPSIFD.GPSAltitudeRef,
    GPSIFD.GPSAltitude,
    GPSIFD.GPSTimeStamp,
    GPSIFD.GPSDateStamp,
    GPSIFD.GPSImgDirection,
    GPSIFD.GPSImgDirectionRef,
    GPSIFD.GPSMapDatum,
}
_SUBDIRECTORIES = {ImageIFD.ExifTag: EXIF_TAGS, ImageIFD.GPSTag: GPS_TAGS}

# Bytes of one value, by TIFF type.
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
_ASCII, _LONG, _UNDEFINED = 2, 4, 7
_MAX_VALUE_BYTES = 4096
_HEADER_BYTES = 8
_ENTRY_BYTES = 12

# (tag, type, count, value or pointer to it)
Entry = tuple[int, int, int, bytes]


class NotTiff(Exception):
    """The block does not begin like a TIFF file."""


def rebuild(block: bytes) -> tuple[bytes, list[str]]:
    """`block` with fresh directories, and the problems met: exif_truncated, exif_entry_broken."""
    reader = _Reader(block)
    out = bytearray(block)
    top = []
    for tag, kind, count, value in reader.directory(reader.first, IMAGE_TAGS):
        if tag in _SUBDIRECTORIES:
            entries = list(reader.directory(reader.long(value), _SUBDIRECTORIES[tag]))
            kind, count, value = _LONG, 1, reader.pack("L", len(out))
            out += reader.packed_directory(entries)
        top.append((tag, kind, count, value))
    out[4:_HEADER_BYTES] = reader.pack("L", len(out))
    out += reader.packed_directory(top)
    return bytes(out), sorted(reader.problems)


class _Reader:
    """Reads directories within the bounds of a block."""

    def __init__(self, block: bytes) -> None:
        self.block = block
        self.problems: set[str] = set()
        self._order = {b"II*\0": "<", b"MM\0*": ">"}.get(block[:4], "")
        if not self._order or len(block) < _HEADER_BYTES:
            raise NotTiff
        self.first = self.long(block[4:_HEADER_BYTES])

    def long(self, value: bytes) -> int:
        return int(struct.unpack(self._order + "L", value)[0])

    def pack(self, layout: str, *values: int | bytes) -> bytes:
        return struct.pack(self._order + layout, *values)

    def directory(self, offset: int, wanted: set[int]) -> Iterator[Entry]:
        """The wanted entries at `offset` whose value lies within the block, each tag once.

        A directory named a thousand times would be read a thousand times.
        """
        start = offset + 2
        if start > len(self.block):
            self.problems.add("exif_truncated")
            return
        (count,) = struct.unpack_from(self._order + "H", self.block, offset)
        fitting = (len(self.block) - start) // _ENTRY_BYTES
        if count > fitting:
            self.problems.add("exif_truncated")
        missing = set(wanted)
        for index in range(min(count, fitting)):
            entry = struct.unpack_from(
                self._order + "HHL4s", self.block, start + index * _ENTRY_BYTES
            )
            if entry[0] not in missing:
                continue
            if self._is_readable(*entry):
                missing.discard(entry[0])
                yield entry
            else:
                self.problems.add("exif_entry_broken")

    def packed_directory(self, entries: list[Entry]) -> bytes:
        """A directory after which no other follows.

        Texts become raw bytes: of a text piexif drops the last byte, be it a NUL or not.
        """
        body = b""
        for tag, kind, count, value in entries:
            body += self.pack("HHL4s", tag, _UNDEFINED if kind == _ASCII else kind, count, value)
        return self.pack("H", len(entries)) + body + self.pack("L", 0)

    def _is_readable(self, tag: int, kind: int, count: int, value: bytes) -> bool:
        if tag in _SUBDIRECTORIES:
            return (kind, count) == (_LONG, 1)
        size = _SIZES.get(kind, 0) * count
        if size <= 4:
            return size > 0
        return size <= _MAX_VALUE_BYTES and self.long(value) + size <= len(self.block)
