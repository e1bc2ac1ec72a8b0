"""From one store to another, blob by blob; what was begun goes on where it stopped."""

import hashlib
from collections.abc import Iterator
from io import BufferedReader

from server.media.stores.base import BlobStore, DigestMismatch, NoSuchBlob

CHUNK_BYTES = 1 << 20


def move(source: BlobStore, target: BlobStore, sha256: str) -> str:
    """Copy a blob unless it is there whole: `copied`, `there`, or `broken` if it is not its hash.

    Nothing is removed from `source`. The bytes are hashed before the blob appears in `target`.
    """
    if _is_whole(target, sha256):
        return "there"
    target.create(sha256)
    try:
        with source.open(sha256) as file:
            start = file.seek(target.size(sha256))
            target.append(sha256, start, _chunks(file))
        target.finish(sha256, sha256)
    except (DigestMismatch, NoSuchBlob):
        target.discard(sha256)
        return "broken"
    return "copied"


def _is_whole(store: BlobStore, sha256: str) -> bool:
    """Whether the blob is there and is what its name says."""
    try:
        with store.open(sha256) as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except NoSuchBlob:
        return False


def _chunks(file: BufferedReader) -> Iterator[bytes]:
    while chunk := file.read(CHUNK_BYTES):
        yield chunk
