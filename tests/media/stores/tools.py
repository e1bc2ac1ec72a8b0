"""Content that the tests of stores write, in chunks, and how it is read back."""

import hashlib
from collections.abc import Iterator

from server.media.stores.base import BlobStore

ID = "0199a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b"
DATA = bytes(range(256)) * 40
SHA = hashlib.sha256(DATA).hexdigest()


class Hangup(Exception):
    """The client went away."""


def chunks(data: bytes, size: int = 1000) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


def broken_off(data: bytes) -> Iterator[bytes]:
    yield from chunks(data)
    raise Hangup


def content(store: BlobStore, sha256: str) -> bytes:
    with store.open(sha256) as file:
        return file.read()


def hand_in(store: BlobStore, upload_id: str, data: bytes) -> str:
    """Make `data` a blob; its hash."""
    sha256 = hashlib.sha256(data).hexdigest()
    store.create(upload_id)
    store.append(upload_id, 0, chunks(data, 1 << 20))
    store.finish(upload_id, sha256)
    return sha256
