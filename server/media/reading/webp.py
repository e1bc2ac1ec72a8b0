"""WebP: chunks in a RIFF file (RFC 9649); EXIF has its own chunk."""

import struct

from server.media.reading.found import Found
from server.media.reading.window import Window

_HEAD = struct.Struct("<4sL")
_SIZE_BYTES = 10


def walk(window: Window, found: Found) -> None:
    """Look at every chunk."""
    offset = 12
    while len(head := window.at(offset, _HEAD.size)) == _HEAD.size:
        name, length = _HEAD.unpack(head)
        offset += _HEAD.size
        if name == b"EXIF":
            found.take(window, offset, length)
        elif name in _SIZES:
            start = window.at(offset, min(length, _SIZE_BYTES))
            if len(start) >= 5:
                found.sized(*_SIZES[name](start.ljust(_SIZE_BYTES, b"\0")))
        offset += length + length % 2


def _canvas(start: bytes) -> tuple[int, int]:
    """VP8X: two numbers of 24 bits, each one less than the size."""
    return 1 + int.from_bytes(start[4:7], "little"), 1 + int.from_bytes(start[7:10], "little")


def _lossy(start: bytes) -> tuple[int, int]:
    """VP8: 14 bits each after the start code (RFC 6386, section 9.1)."""
    if start[3:6] != b"\x9d\x01\x2a":
        return 0, 0
    width, height = struct.unpack("<HH", start[6:10])
    return width & 0x3FFF, height & 0x3FFF


def _lossless(start: bytes) -> tuple[int, int]:
    """VP8L: 14 bits each after the signature, each one less than the size."""
    if start[0] != 0x2F:
        return 0, 0
    bits = int.from_bytes(start[1:5], "little")
    return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)


_SIZES = {b"VP8X": _canvas, b"VP8 ": _lossy, b"VP8L": _lossless}
