"""How a partial lies in a bucket: a mark that it was begun, and a numbered object a piece.

    partials/<upload id>/begun                            empty, made by `create`
    partials/<upload id>/<offset in 15 digits>-<8 hex>    bytes from `offset` on

A piece is written once and never changed. What counts is the unbroken row of pieces from offset 0
that reaches farthest, so that what was acknowledged never shrinks, whatever else appears. What
stands beside the row was left by a request that failed.
"""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from server.media.stores.base import NoSuchUpload
from server.media.stores.bucket import Bucket, Listed

PIECE_BYTES = 5 << 20
"""Bytes that are gathered before they are written; a process needs as much for each upload."""

PARTIALS = "partials/"
MARK = "begun"
_PIECE = re.compile(r"(\d{15})-[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class Arrived:
    """What has come of an upload: the row of pieces, the strays beside it, the last change."""

    begun: bool
    pieces: tuple[Listed, ...]
    strays: tuple[Listed, ...]
    modified: datetime | None

    @property
    def size(self) -> int:
        """Bytes of the row; none counts before the mark."""
        return sum(piece.size for piece in self.pieces) if self.begun else 0


def folder(upload_id: str) -> str:
    """What the names of an upload's objects begin with."""
    return f"{PARTIALS}{upload_id}/"


def new_piece(upload_id: str, offset: int) -> str:
    """A name for bytes from `offset` on that nothing has."""
    return f"{folder(upload_id)}{offset:015d}-{secrets.token_hex(4)}"


def arrange(objects: Iterable[Listed]) -> Arrived:
    """What the objects of one upload amount to."""
    objects = list(objects)
    pieces = [one for one in objects if _PIECE.fullmatch(_last(one.key))]
    row = _row(pieces)
    strays = [one for one in pieces if one not in row]
    begun = any(_last(one.key) == MARK for one in objects)
    modified = max((one.modified for one in objects), default=None)
    return Arrived(begun, tuple(row), tuple(strays), modified)


def _last(key: str) -> str:
    return key.rpartition("/")[2]


def _row(pieces: Iterable[Listed]) -> list[Listed]:
    """The row from offset 0 that reaches farthest; an empty piece leads nowhere."""
    ends: dict[int, int] = {}
    best: dict[int, Listed] = {}
    for piece in sorted(pieces, key=lambda one: one.key, reverse=True):
        offset = int(_last(piece.key).partition("-")[0])
        end = ends.get(offset + piece.size, offset + piece.size)
        if piece.size and end > ends.get(offset, offset):
            ends[offset], best[offset] = end, piece
    row, end = [], 0
    while end in best:
        row.append(best[end])
        end += best[end].size
    return row


class Writer:
    """Gathers the bytes of one request and writes them as pieces from `offset` on.

    With `held`, the first piece is kept back until `close`: without it those after it do not count.
    """

    def __init__(self, bucket: Bucket, upload_id: str, offset: int, held: bool) -> None:
        self._bucket, self._upload_id = bucket, upload_id
        self._buffer, self._start = bytearray(), offset
        self._held = held
        self._first: tuple[str, bytes] | None = None

    def add(self, chunk: bytes) -> None:
        """Take a chunk; it is kept whole."""
        self._buffer += chunk
        if len(self._buffer) >= PIECE_BYTES:
            self._write()

    def close(self) -> int:
        """Write what is still here; where the bytes end."""
        self._write()
        if self._first is not None:
            self._bucket.put(*self._first)
        return self._start

    def _write(self) -> None:
        if not self._buffer:
            return
        piece = new_piece(self._upload_id, self._start), bytes(self._buffer)
        self._start += len(self._buffer)
        self._buffer.clear()
        if self._held:
            self._first, self._held = piece, False
        else:
            self._bucket.put(*piece)


def arrived(bucket: Bucket, upload_id: str) -> Arrived:
    """What has come of the upload. NoSuchUpload."""
    found = arrange(bucket.listed(folder(upload_id)))
    if not found.begun:
        raise NoSuchUpload(upload_id)
    return found
