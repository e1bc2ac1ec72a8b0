"""The boxes of an ISO base media file (ISO/IEC 14496-12, section 4.2), and numbers in them."""

from collections.abc import Iterator
from typing import NamedTuple

from server.media.reading.window import Window


class Broken(Exception):
    """Bytes that should be there are not."""


class Box(NamedTuple):
    """Where the content of a box begins, and its length, in bytes."""

    name: bytes
    offset: int
    length: int


class Cursor:
    """Reads big-endian numbers one after the other out of some bytes. Broken at their end."""

    def __init__(self, data: bytes, position: int = 0) -> None:
        self.data = data
        self.position = position

    def bytes(self, count: int) -> bytes:
        taken = self.data[self.position : self.position + count]
        if len(taken) < count:
            raise Broken
        self.position += count
        return taken

    def number(self, count: int) -> int:
        """An unsigned number of `count` bytes; 0 bytes are 0."""
        return int.from_bytes(self.bytes(count))

    def version(self) -> tuple[int, int]:
        """(version, flags) of a full box."""
        return self.number(1), self.number(3)


def top_boxes(window: Window) -> Iterator[Box]:
    """The boxes of the file."""
    offset = 0
    while len(head := window.at(offset, 16)) >= 8:
        length, name, header = int.from_bytes(head[:4]), head[4:8], 8
        if length == 1:
            length, header = int.from_bytes(head[8:]), 16
        elif length == 0:
            length = window.size - offset
        if length < header:
            return
        yield Box(name, offset + header, length - header)
        offset += length


def inner_boxes(data: bytes, offset: int = 0) -> Iterator[tuple[bytes, bytes]]:
    """(name, content) of the boxes in `data`; a cut one ends them."""
    while len(data) - offset >= 8:
        length = int.from_bytes(data[offset : offset + 4])
        if not 8 <= length <= len(data) - offset:
            return
        yield data[offset + 4 : offset + 8], data[offset + 8 : offset + length]
        offset += length
