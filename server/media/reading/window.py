"""A file seen through a small window, so that no file makes its reader read or hold much."""

import io
from typing import BinaryIO

HEAD_BYTES = 64 * 1024
"""What is read first: nearly every photo has its EXIF here."""
PAGE_BYTES = 4 * 1024
MOST_BYTES = 16 * 1024 * 1024
"""Enough for the heads of 4,000 chunks, a PNG of 32 MB."""
MOST_LOOKS = 20_000


class ReadLimit(Exception):
    """The file has more parts, or more bytes of them, than anybody needs to look at."""


class Window:
    """Random access to a seekable file, page by page; `size` in bytes.

    One page is held at a time; a store that is far away is asked once for the head of a photo.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = file.seek(0, io.SEEK_END)
        self._start, self._page = 0, b""
        self._looks, self._bytes = MOST_LOOKS, MOST_BYTES

    def at(self, offset: int, count: int) -> bytes:
        """`count` bytes at `offset`, fewer where the file ends. ReadLimit."""
        if self._looks == 0:
            raise ReadLimit
        self._looks -= 1
        count = min(count, self.size - offset)
        if count <= 0:
            return b""
        if not self._start <= offset <= offset + count <= self._start + len(self._page):
            self._load(offset, max(count, PAGE_BYTES if self._page else HEAD_BYTES))
        begin = offset - self._start
        return self._page[begin : begin + count]

    def _load(self, offset: int, count: int) -> None:
        count = min(count, self.size - offset)
        if count > self._bytes:
            raise ReadLimit
        self._bytes -= count
        self._file.seek(offset)
        pieces = []
        while count and (piece := self._file.read(count)):
            pieces.append(piece)
            count -= len(piece)
        self._start, self._page = offset, b"".join(pieces)
