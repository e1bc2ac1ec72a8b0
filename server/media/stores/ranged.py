"""A blob in a bucket as a file that is read by ranges."""

import io

from server.media.stores.base import NoSuchBlob
from server.media.stores.bucket import Bucket

WINDOW_BYTES = 512 * 1024
"""What one request fetches: the head of most photos with its EXIF, some pages of a video."""


def ranged(bucket: Bucket, key: str) -> io.BufferedReader:
    """The object as a file to be read and sought in. NoSuchBlob."""
    size = bucket.size(key)
    if size is None:
        raise NoSuchBlob(key)
    return io.BufferedReader(_Ranged(bucket, key, size), WINDOW_BYTES)


class _Ranged(io.RawIOBase):
    def __init__(self, bucket: Bucket, key: str, size: int) -> None:
        self._bucket, self._key, self._size = bucket, key, size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("before the start")
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, target: memoryview) -> int:  # type: ignore[override]
        found = self._fetch(len(target))
        target[: len(found)] = found
        return len(found)

    def readall(self) -> bytes:
        return self._fetch(self._size)

    def _fetch(self, most: int) -> bytes:
        length = min(most, self._size - self._at)
        if length <= 0:
            return b""
        found = self._bucket.read(self._key, self._at, length)
        if found is None:
            raise NoSuchBlob(self._key)
        self._at += len(found)
        return found
