"""A file is read in pages, and no more of it than anybody needs."""

from io import BytesIO, RawIOBase

import pytest

from server.media.reading import window
from server.media.reading.window import HEAD_BYTES, PAGE_BYTES, ReadLimit, Window


class Far(RawIOBase):
    """A store that is far away: gives 1,000 bytes at a time and counts how often it is asked."""

    def __init__(self, content: bytes) -> None:
        self._file = BytesIO(content)
        self.seeks = 0

    def seek(self, offset: int, whence: int = 0) -> int:
        self.seeks += 1
        return self._file.seek(offset, whence)

    def read(self, size: int = -1) -> bytes:
        return self._file.read(min(size, 1000))


CONTENT = bytes(index * 7 % 256 for index in range(3 * HEAD_BYTES))


@pytest.mark.parametrize(
    ("offset", "count"),
    [(0, 4), (5, 0), (HEAD_BYTES - 2, 4), (7, 2 * HEAD_BYTES), (len(CONTENT) - 3, 10)],
)
def test_it_gives_what_is_there(offset, count):
    assert Window(Far(CONTENT)).at(offset, count) == CONTENT[offset : offset + count]


@pytest.mark.parametrize("offset", [len(CONTENT), 1 << 80])
def test_nothing_is_beyond_the_end(offset):
    assert Window(Far(CONTENT)).at(offset, 4) == b""


def test_the_head_of_a_file_is_asked_for_once():
    far = Far(CONTENT)
    small = Window(far)
    for offset in range(0, HEAD_BYTES, 512):
        small.at(offset, 12)
    assert far.seeks == 2


def test_pages_follow_each_other():
    small = Window(Far(CONTENT))
    for offset in (3, HEAD_BYTES + 9, 2 * HEAD_BYTES, 1, len(CONTENT) - 2):
        assert small.at(offset, 5) == CONTENT[offset : offset + 5]


def test_looks_are_counted(monkeypatch):
    monkeypatch.setattr(window, "MOST_LOOKS", 2)
    small = Window(BytesIO(CONTENT))
    small.at(0, 1)
    small.at(1, 1)
    with pytest.raises(ReadLimit):
        small.at(2, 1)


def test_bytes_are_counted(monkeypatch):
    monkeypatch.setattr(window, "MOST_BYTES", HEAD_BYTES + PAGE_BYTES)
    small = Window(BytesIO(CONTENT))
    small.at(0, 1)
    small.at(2 * HEAD_BYTES, 1)
    with pytest.raises(ReadLimit):
        small.at(HEAD_BYTES, 1)
