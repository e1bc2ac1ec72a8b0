"""Finds the way from a file's first bytes to its size and its EXIF block."""

from collections.abc import Callable
from typing import BinaryIO

from server.media.reading import heif, jpeg, png, webp
from server.media.reading.found import Found
from server.media.reading.window import ReadLimit, Window
from server.media.rules import SNIFF_BYTES, sniff

Walk = Callable[[Window, Found], None]
WALKS: dict[str, tuple[str, Walk]] = {
    "image/jpeg": ("JPEG", jpeg.walk),
    "image/png": ("PNG", png.walk),
    "image/webp": ("WEBP", webp.walk),
    "image/heic": ("HEIC", heif.walk),
    "image/heif": ("HEIC", heif.walk),
}


def find(file: BinaryIO) -> Found:
    """What the file's bytes show, whatever its name says."""
    window, found = Window(file), Found()
    if window.size == 0:
        found.problems.append("empty_file")
        return found
    type_ = sniff(window.at(0, SNIFF_BYTES))
    if type_ in WALKS:
        found.format, walk = WALKS[type_]
        try:
            walk(window, found)
        except ReadLimit:
            found.problems.append("read_limit")
    if found.width is None:
        found.problems.insert(0, "unreadable_image")
    return found
