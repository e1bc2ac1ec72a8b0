"""HEIC files box by box, with an EXIF item and no pixel."""

import struct
from typing import Any


def box(name: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">L4s", 8 + len(body), name) + body


def full(name: bytes, version: int, *content: bytes, flags: int = 0) -> bytes:
    return box(name, struct.pack(">L", version << 24 | flags), *content)


def heic(
    tiff: bytes, *, inside: bool = False, turns: int = 0, wide: bool = False, **changes: Any
) -> bytes:
    """800 × 600 pixels, turned by quarters; the EXIF is `inside` the meta box or at the end.

    `wide` takes the tables' later versions. `changes` replace a box of `meta` by name, or leave it
    out by None; `skip` is the offset of the TIFF header within the item.
    """
    item = struct.pack(">L", changes.pop("skip", 6)) + b"Exif\0\0" + tiff
    number = ">L" if wide else ">H"

    def meta(offset: int) -> bytes:
        where = struct.pack(">LL", 0 if inside else offset, len(item))
        boxes = {
            "pitm": full(b"pitm", int(wide), struct.pack(number, 1)),
            "iinf": full(b"iinf", int(wide), struct.pack(number, 2), *_entries(number, wide)),
            "iloc": _iloc(number, wide, inside, where),
            "iprp": _iprp(number, wide, turns),
            "idat": box(b"idat", item if inside else b""),
        } | changes
        kept = (content for content in boxes.values() if content is not None)
        return full(b"meta", 0, *kept)

    start = box(b"ftyp", b"heic", bytes(4), b"mif1heic")
    offset = len(start) + len(meta(0)) + 8
    return start + meta(offset) + box(b"mdat", item)


def _entries(number: str, wide: bool) -> list[bytes]:
    return [
        full(b"infe", 3 if wide else 2, struct.pack(number, no), b"\0\0", type_, b"\0")
        for no, type_ in ((1, b"hvc1"), (2, b"Exif"))
    ]


def _iloc(number: str, wide: bool, inside: bool, where: bytes) -> bytes:
    version = 2 if wide else 1
    picture = struct.pack(number, 1) + struct.pack(">HHHLL", 0, 0, 1, 0, 0)
    exif = struct.pack(number, 2) + struct.pack(">HHH", int(inside), 0, 1) + where
    return full(b"iloc", version, b"\x44\0", struct.pack(number, 2), picture, exif)


def _iprp(number: str, wide: bool, turns: int) -> bytes:
    size = full(b"ispe", 0, struct.pack(">LL", 800, 600))
    tile = full(b"ispe", 0, struct.pack(">LL", 512, 512))
    properties = box(b"ipco", tile, size, box(b"irot", bytes([turns])))
    index = ">H" if wide else ">B"
    named = [struct.pack(index, value) for value in (2, (0x8000 if wide else 0x80) | 3)]
    links = struct.pack(">L", 1) + struct.pack(number, 1) + bytes([2]) + b"".join(named)
    return box(b"iprp", properties, full(b"ipma", int(wide), links, flags=int(wide)))
