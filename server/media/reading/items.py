"""The tables of a HEIC's `meta` box: which item is the picture, which its EXIF, and where it lies.

pitm, iinf, iloc and idat are of ISO/IEC 14496-12, section 8.11; iprp of ISO/IEC 23008-12, 9.3.
"""

from collections.abc import Mapping
from typing import NamedTuple

from server.media.reading.boxes import Broken, Cursor, inner_boxes

_IN_FILE, _IN_DATA = 0, 1
_MOST_EXTENTS = 64


class Extent(NamedTuple):
    """A piece of an item, in bytes; `inside`: of the meta box's own data, else of the file."""

    offset: int
    length: int
    inside: bool


class Meta(NamedTuple):
    """Size as a decoder gives it, (0, 0) if unknown; where the EXIF is, None: there is none."""

    size: tuple[int, int]
    exif: list[Extent] | None
    data: bytes


def read_meta(boxes: Mapping[bytes, bytes]) -> Meta:
    """What the boxes of `meta` say. Broken."""
    exif = _item_of_type(boxes.get(b"iinf", b""), b"Exif")
    where = None if exif is None else _extents(boxes.get(b"iloc", b""), exif)
    return Meta(_size(boxes), where, boxes.get(b"idat", b""))


def _item_of_type(iinf: bytes, wanted: bytes) -> int | None:
    if not iinf:
        return None
    cursor = Cursor(iinf)
    version, _ = cursor.version()
    cursor.number(2 if version == 0 else 4)
    for name, content in inner_boxes(iinf, cursor.position):
        if name == b"infe" and (item := _item_if(content, wanted)) is not None:
            return item
    return None


def _item_if(infe: bytes, wanted: bytes) -> int | None:
    """The number of the entry's item if it has the type; before version 2 there are no types."""
    entry = Cursor(infe)
    version, _ = entry.version()
    if version < 2:
        return None
    item = entry.number(2 if version == 2 else 4)
    entry.number(2)
    return item if entry.bytes(4) == wanted else None


def _extents(iloc: bytes, wanted: int) -> list[Extent]:
    cursor = Cursor(iloc)
    version, _ = cursor.version()
    offset_size, length_size, base_size, index_size = _nibbles(cursor.number(2))
    index_size = index_size if version > 0 else 0
    for _ in range(cursor.number(2 if version < 2 else 4)):
        item = cursor.number(2 if version < 2 else 4)
        method = cursor.number(2) & 15 if version > 0 else _IN_FILE
        cursor.number(2)
        base, count = cursor.number(base_size), cursor.number(2)
        if item != wanted:
            # At once: a count of nothing is a lot of work one by one.
            cursor.bytes(count * (index_size + offset_size + length_size))
            continue
        if method not in (_IN_FILE, _IN_DATA) or not 1 <= count <= _MOST_EXTENTS:
            raise Broken
        extents = []
        for _ in range(count):
            cursor.number(index_size)
            offset = base + cursor.number(offset_size)
            extents.append(Extent(offset, cursor.number(length_size), method == _IN_DATA))
        return extents
    raise Broken


def _nibbles(number: int) -> tuple[int, int, int, int]:
    return number >> 12 & 15, number >> 8 & 15, number >> 4 & 15, number & 15


def _size(boxes: Mapping[bytes, bytes]) -> tuple[int, int]:
    """The size of the picture item, turned by its `irot` as every decoder turns it."""
    properties = dict(inner_boxes(boxes.get(b"iprp", b"")))
    if b"pitm" not in boxes or b"ipma" not in properties:
        return 0, 0
    pitm = Cursor(boxes[b"pitm"])
    version, _ = pitm.version()
    primary = pitm.number(2 if version == 0 else 4)
    width = height = quarter_turns = 0
    listed = list(inner_boxes(properties.get(b"ipco", b"")))
    for index in _associated(properties[b"ipma"], primary):
        name, content = listed[index - 1] if 1 <= index <= len(listed) else (b"", b"")
        if name == b"ispe":
            width, height = Cursor(content, 4).number(4), Cursor(content, 8).number(4)
        elif name == b"irot":
            quarter_turns = Cursor(content).number(1) & 3
    return (height, width) if quarter_turns % 2 else (width, height)


def _associated(ipma: bytes, wanted: int) -> list[int]:
    """The numbers of the item's properties; they count from 1."""
    cursor = Cursor(ipma)
    version, flags = cursor.version()
    wide = flags & 1
    for _ in range(cursor.number(4)):
        item = cursor.number(2 if version == 0 else 4)
        indices = [cursor.number(1 + wide) for _ in range(cursor.number(1))]
        if item == wanted:
            return [index & (0x7FFF if wide else 0x7F) for index in indices]
    return []
