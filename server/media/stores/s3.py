"""Blobs and partials in a bucket (docs/adr/0011-uploads-in-a-bucket.md).

    partials/<upload id>/…    pieces of what has arrived (`pieces`)
    blobs/<sha256>            a whole, verified file

Several nodes may share a bucket if they share the locks.
"""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BufferedReader
from itertools import groupby

from server.media.locks import Locks, Taken
from server.media.stores.base import (
    DigestMismatch,
    NoSuchUpload,
    Partial,
    StoreAway,
    StoredBlob,
    StoreError,
    UploadBusy,
    WrongOffset,
    blob_name,
    is_blob_name,
    upload_name,
)
from server.media.stores.bucket import Bucket, Listed
from server.media.stores.pieces import MARK, PARTIALS, Writer, arrange, arrived, folder
from server.media.stores.ranged import ranged

BLOBS = "blobs/"
CHECK = "check"
LONGEST_SIGNED_S = 3600


class S3Store:
    """A `BlobStore` in a bucket, with signed addresses."""

    def __init__(self, bucket: Bucket, locks: Locks) -> None:
        """`locks` are shared by everybody who writes to the bucket."""
        self._bucket, self._locks = bucket, locks

    def create(self, upload_id: str) -> None:
        here = folder(upload_name(upload_id))
        found = arrange(self._bucket.listed(here))
        if not found.begun:
            self._bucket.delete(_keys(found.pieces + found.strays))
            self._bucket.put(here + MARK, b"")

    def append(
        self, upload_id: str, offset: int, chunks: Iterable[bytes], sha256: str | None = None
    ) -> int:
        with self._alone(upload_id):
            found = arrived(self._bucket, upload_id)
            if offset != found.size:
                raise WrongOffset(found.size)
            self._bucket.delete(_keys(found.strays))
            writer = Writer(self._bucket, upload_id, offset, held=sha256 is not None)
            return _take_in(writer, chunks, sha256)

    def size(self, upload_id: str) -> int:
        return arrived(self._bucket, upload_name(upload_id)).size

    def digest(self, upload_id: str) -> str:
        digest = hashlib.sha256()
        for content in self._contents(arrived(self._bucket, upload_name(upload_id)).pieces):
            digest.update(content)
        return digest.hexdigest()

    def finish(self, upload_id: str, sha256: str, digest: str | None = None) -> None:
        # The pieces are read to be put together, so they are verified whatever `digest` says.
        blob = BLOBS + blob_name(sha256)
        try:
            with self._alone(upload_id):
                row = arrived(self._bucket, upload_id).pieces
                try:
                    self._bucket.assemble(blob, _verified(self._contents(row), sha256))
                except DigestMismatch:
                    self._bucket.delete(_keys(reversed(row)))
                    raise
                self._clear(upload_id)
        except NoSuchUpload:
            if not self.exists(sha256):
                raise
            self._clear(upload_id)

    def put(self, sha256: str, content: bytes) -> None:
        self._bucket.assemble(BLOBS + blob_name(sha256), [content])

    def discard(self, upload_id: str) -> None:
        self._clear(upload_name(upload_id))

    def list_partials(self) -> list[Partial]:
        listed = self._bucket.listed(PARTIALS)
        return [
            Partial(upload_id, found.size, found.modified or datetime.now(UTC))
            for upload_id, objects in groupby(listed, key=_upload_id)
            if (found := arrange(objects))
        ]

    def open(self, sha256: str) -> BufferedReader:
        return ranged(self._bucket, BLOBS + blob_name(sha256))

    def exists(self, sha256: str) -> bool:
        return self._bucket.size(BLOBS + blob_name(sha256)) is not None

    def delete(self, sha256: str) -> None:
        self._bucket.delete([BLOBS + blob_name(sha256)])

    def list_blobs(self) -> Iterator[StoredBlob]:
        for one in self._bucket.listed(BLOBS):
            name = one.key.removeprefix(BLOBS)
            if is_blob_name(name):
                yield StoredBlob(name, one.size)

    def check(self) -> None:
        try:
            self._bucket.put(CHECK, b"")
            self._bucket.delete([CHECK])
        except StoreError as error:
            raise StoreAway(*error.args) from error

    def signed_url(self, sha256: str, seconds: int, type_: str) -> str:
        if not 1 <= seconds <= LONGEST_SIGNED_S:
            raise ValueError(f"must be 1..{LONGEST_SIGNED_S}")
        return self._bucket.signed_url(BLOBS + blob_name(sha256), seconds, type_)

    def _clear(self, upload_id: str) -> None:
        """Remove the objects of an upload, the mark first: pieces without it are no upload."""
        here = folder(upload_id)
        rest = [one.key for one in self._bucket.listed(here) if one.key != here + MARK]
        self._bucket.delete([here + MARK, *rest])

    def _contents(self, row: Iterable[Listed]) -> Iterator[bytes]:
        for piece in row:
            content = self._bucket.read(piece.key)
            if content is None or len(content) != piece.size:
                raise StoreAway("PieceGone")
            yield content

    @contextmanager
    def _alone(self, upload_id: str) -> Iterator[None]:
        try:
            with self._locks.held(upload_name(upload_id)):
                yield
        except Taken as error:
            raise UploadBusy(upload_id) from error


def _take_in(writer: Writer, chunks: Iterable[bytes], sha256: str | None) -> int:
    digest = hashlib.sha256()
    try:
        for chunk in chunks:
            digest.update(chunk)
            writer.add(chunk)
    except StoreError:
        raise
    except BaseException:
        if sha256 is None:
            writer.close()
        raise
    if sha256 not in (None, digest.hexdigest()):
        raise DigestMismatch
    return writer.close()


def _verified(contents: Iterable[bytes], sha256: str) -> Iterator[bytes]:
    """The contents; DigestMismatch at their end unless they are what they should be."""
    digest = hashlib.sha256()
    for content in contents:
        digest.update(content)
        yield content
    if digest.hexdigest() != sha256:
        raise DigestMismatch


def _keys(objects: Iterable[Listed]) -> list[str]:
    return [one.key for one in objects]


def _upload_id(listed: Listed) -> str:
    return listed.key.removeprefix(PARTIALS).partition("/")[0]
