"""PNG: a row of chunks (PNG third edition, sections 5 and 11.3.4.5).

EXIF is in `eXIf`; older programs write it in hex into a text named `Raw profile type exif`.
"""

import re
import struct
import zlib

from server.media.reading.found import MOST_EXIF_BYTES, Found
from server.media.reading.window import Window

_HEAD = struct.Struct(">L4s")
_MOST_TEXT_BYTES = 2 * MOST_EXIF_BYTES + 4096
_PROFILES = (b"Raw profile type exif\0", b"Raw profile type APP1\0")
_PROFILE = re.compile(rb"\s*(?:exif|APP1|app1)\s+\d+\s+([0-9A-Fa-f\s]*)")


def walk(window: Window, found: Found) -> None:
    """Look at every chunk up to IEND; EXIF may come after the pixels."""
    offset = 8
    while len(head := window.at(offset, _HEAD.size)) == _HEAD.size:
        length, name = _HEAD.unpack(head)
        offset += _HEAD.size
        if name == b"IHDR":
            _size(window, found, offset)
        elif name == b"eXIf":
            found.take(window, offset, length)
        elif name in (b"tEXt", b"zTXt"):
            _text(window, found, name, offset, length)
        elif name == b"IEND":
            return
        offset += length + 4


def _size(window: Window, found: Found, offset: int) -> None:
    size = window.at(offset, 8)
    if len(size) == 8:
        found.sized(*struct.unpack(">LL", size))


def _text(window: Window, found: Found, name: bytes, offset: int, length: int) -> None:
    keyword = window.at(offset, min(length, len(_PROFILES[0])))
    if keyword not in _PROFILES or found.exif is not None:
        return
    text = window.at(offset, min(length, _MOST_TEXT_BYTES))[len(keyword) :]
    if name == b"zTXt":
        text = _inflated(text[1:])
    profile = _PROFILE.match(text)
    if profile is None:
        found.problems.append("exif_broken")
        return
    digits = b"".join(profile[1].split()).decode()
    block = bytes.fromhex(digits[: len(digits) // 2 * 2])
    found.keep(block[:MOST_EXIF_BYTES], len(block))


def _inflated(packed: bytes) -> bytes:
    """As much of the text as anybody needs; a bomb goes no further."""
    try:
        return zlib.decompressobj().decompress(packed, _MOST_TEXT_BYTES)
    except zlib.error:
        return b""
