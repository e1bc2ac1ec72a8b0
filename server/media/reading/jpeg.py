"""JPEG: a row of segments up to the scan (ITU-T T.81, annex B); EXIF is in an APP1 segment."""

import struct

from server.media.reading.found import Found
from server.media.reading.window import Window

_FILL, _APP1, _SCAN, _END = 0xFF, 0xE1, 0xDA, 0xD9
_ALONE = {0x01, *range(0xD0, 0xD9)}
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def walk(window: Window, found: Found) -> None:
    """Look at every segment before the pixels."""
    offset = 2
    while (head := window.at(offset, 4))[:1] == b"\xff" and len(head) == 4:
        code, length = head[1], int.from_bytes(head[2:])
        if code == _FILL:
            offset += 1
        elif code in _ALONE:
            offset += 2
        elif code in (_SCAN, _END) or length < 2:
            return
        else:
            _segment(window, found, code, offset + 4, length - 2)
            offset += 2 + length


def _segment(window: Window, found: Found, code: int, offset: int, length: int) -> None:
    if code == _APP1 and window.at(offset, 5) == b"Exif\0":
        found.take(window, offset, length)
    elif code in _FRAMES:
        frame = window.at(offset + 1, 4)
        if len(frame) == 4:
            height, width = struct.unpack(">HH", frame)
            found.sized(width, height)
