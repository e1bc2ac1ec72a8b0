"""HEIC (ISO/IEC 23008-12): a table of items in `meta`; EXIF is an item, size a property.

No decoder is needed to read it, so that a server without the extra `heic` is a witness too.
"""

from server.media.reading.boxes import Box, Broken, Cursor, inner_boxes, top_boxes
from server.media.reading.found import MOST_EXIF_BYTES, Found
from server.media.reading.items import Extent, Meta, read_meta
from server.media.reading.window import Window

_MOST_META_BYTES = 1024 * 1024


def walk(window: Window, found: Found) -> None:
    """Look at the `meta` box, wherever it is."""
    found.turned = True
    meta = next((box for box in top_boxes(window) if box.name == b"meta"), None)
    if meta is None:
        return
    try:
        _read(window, found, meta)
    except Broken:
        found.problems.append("exif_broken")


def _read(window: Window, found: Found, box: Box) -> None:
    content = window.at(box.offset, min(box.length, _MOST_META_BYTES))
    meta = read_meta(dict(inner_boxes(content, offset=4)))
    found.sized(*meta.size)
    if meta.exif is not None:
        _take_exif(window, found, meta, meta.exif)


def _take_exif(window: Window, found: Found, meta: Meta, extents: list[Extent]) -> None:
    """The item is the offset of its TIFF header, and then what a JPEG has in APP1."""
    block = b""
    for extent in extents:
        room = min(extent.length or window.size, 4 + MOST_EXIF_BYTES - len(block))
        if extent.inside:
            block += meta.data[extent.offset : extent.offset + room]
        else:
            block += window.at(extent.offset, room)
    cursor = Cursor(block)
    skipped = cursor.number(4)
    if skipped > len(block) - 4:
        raise Broken
    found.keep(block[4 + skipped :], sum(extent.length for extent in extents))
