"""Uploading photos with tus 1.0, resumable and smallest first (docs/protocol.md, section 8)."""

import base64
import hashlib
import sqlite3
from collections.abc import Collection, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from fieldkit.blobs import Blobs
from fieldkit.errors import BadAnswer, Busy, ProblemError, Unauthorized, UpgradeNeeded
from fieldkit.session import API, Session
from fieldkit.store import Store
from fieldkit.transport import Response

FIRST_CHUNK = 64 * 1024
LARGEST_CHUNK = 256 * 1024

_UPLOADS = API + "/media/uploads"
_TUS = {"Tus-Resumable": "1.0.0"}
_GONE, _CONFLICT, _TOO_LONG, _LOCKED, _CHECKSUM = (404, 410), 409, 413, 423, 460
_RECOVERABLE = (*_GONE, _CONFLICT, _TOO_LONG, _LOCKED, _CHECKSUM)
# Refusals that the same bytes will meet again: too large, not a type the server takes.
_REFUSED = (400, 413, 415, 422)
# How often one file may be set back within one call, before it waits for the next one.
_SETBACKS = 5


class Uploads:
    """Sends the waiting files of one store."""

    def __init__(self, store: Store, session: Session) -> None:
        self._store = store
        self._session = session
        self._blobs = Blobs(store)
        self._chunk = FIRST_CHUNK

    def run(self, begun: Collection[str] = ()) -> int:
        """Send all waiting files; the number completed.

        `begun`: hashes of which the server has a part. A file that the server refuses is kept
        with the reason and does not stop the others. Chunks grow from file to file as they get
        through. Raises TransportError, Unauthorized or Busy; what was sent is not lost.
        """
        done = 0
        self._chunk = min(FIRST_CHUNK, self._largest())
        for row in self._blobs.waiting():
            if self._whole(row):
                done += self._send(row, row["sha256"] in begun)
        return done

    def _whole(self, row: sqlite3.Row) -> bool:
        """Whether the file still lies on disk as it was captured."""
        path = self._store.media_path(row["sha256"])
        if path.is_file() and path.stat().st_size == row["size"]:
            return True
        self._blobs.mark(row["sha256"], "lost", "file_lost")
        return False

    def _unchanged(self, digest: str) -> bool:
        """Whether the file still has its hash; else the server will never take it."""
        with self._store.media_path(digest).open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() == digest:
                return True
        self._blobs.mark(digest, "lost", "file_changed")
        return False

    def _send(self, row: sqlite3.Row, begun: bool) -> bool:
        """One file; trouble that concerns this file alone leaves the others their turn."""
        try:
            complete = self._upload(row, begun)
        except (Unauthorized, UpgradeNeeded, Busy):
            raise
        except ProblemError as error:
            if error.status in _REFUSED:
                self._blobs.mark(row["sha256"], "failed", error.title)
            return False
        if complete:
            self._blobs.mark(row["sha256"], "done")
        return complete

    def _upload(self, row: sqlite3.Row, begun: bool) -> bool:
        """Whether the server has the whole file now; False leaves it for the next time."""
        place, offset = self._begin(row, begun)
        largest = self._largest()
        setbacks = 0
        while offset < row["size"]:
            response = self._patch(place, row["sha256"], offset, self._chunk)
            reached = _offset(response)
            if response.status == 204 and reached is not None and reached > offset:
                offset, self._chunk = reached, min(self._chunk * 2, largest)
                continue
            setbacks += 1
            if response.status == _LOCKED or setbacks > _SETBACKS:
                return False
            if response.status == _TOO_LONG:
                self._chunk = largest = max(1, self._chunk // 2)
            if response.status == _CHECKSUM and not self._unchanged(row["sha256"]):
                return False
            place, offset = self._create(row)
        return True

    def _begin(self, row: sqlite3.Row, begun: bool) -> tuple[str, int]:
        """The upload's path and offset; the first bytes go along unless the server has some."""
        if begun:
            return self._create(row)
        body = _part(self._store.media_path(row["sha256"]), 0, self._chunk)
        response = self._post(row, _carrying(body), body, (_TOO_LONG, _LOCKED, _CHECKSUM))
        if response.status >= 400:
            return self._create(row)
        place, offset = self._reached(response)
        if offset == len(body):
            self._chunk = min(self._chunk * 2, self._largest())
        return place, offset

    def _create(self, row: sqlite3.Row) -> tuple[str, int]:
        """The upload's path and offset; creating again finds the old upload."""
        return self._reached(self._post(row))

    def _post(
        self,
        row: sqlite3.Row,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        allow: Collection[int] = (),
    ) -> Response:
        metadata = {"sha256": row["sha256"], "type": row["type"], "item": row["item"]}
        named = {
            **_TUS,
            "Upload-Length": str(row["size"]),
            "Upload-Metadata": ",".join(
                f"{key} {base64.b64encode(value.encode()).decode()}"
                for key, value in metadata.items()
            ),
        }
        return self._session.send(
            "POST", _UPLOADS, headers={**named, **(headers or {})}, body=body, allow=allow
        )

    def _reached(self, response: Response) -> tuple[str, int]:
        """What a creation was answered: the upload's path and offset."""
        # Only the path counts: behind a proxy the server may not know its own address,
        # and the token must never follow a Location to another host.
        place = urlsplit(response.headers.get("location", "")).path
        offset = _offset(response)
        if offset is None:
            if not place:
                raise BadAnswer("upload without Location")
            offset = _offset(self._session.send("HEAD", self._local(place), headers=_TUS))
        if offset is None:
            raise BadAnswer("upload without Upload-Offset")
        return self._local(place), offset

    def _local(self, place: str) -> str:
        """A path below the base, from a path below the server's root."""
        return place.removeprefix(urlsplit(self._store.need("url")).path)

    def _patch(self, place: str, digest: str, offset: int, chunk: int) -> Response:
        body = _part(self._store.media_path(digest), offset, chunk)
        return self._session.send(
            "PATCH",
            place,
            headers={**_TUS, **_carrying(body), "Upload-Offset": str(offset)},
            body=body,
            allow=_RECOVERABLE,
        )

    def _largest(self) -> int:
        announced = self._store.get("limits", {}).get("chunk_bytes")
        return max(1, min(LARGEST_CHUNK, int(announced or LARGEST_CHUNK)))


def _carrying(body: bytes) -> dict[str, str]:
    """The headers of a request that carries bytes of a file."""
    checksum = base64.b64encode(hashlib.sha256(body).digest()).decode()
    return {
        "Content-Type": "application/offset+octet-stream",
        "Upload-Checksum": f"sha256 {checksum}",
    }


def _offset(response: Response) -> int | None:
    value = response.headers.get("upload-offset", "")
    return int(value) if value.isascii() and value.isdigit() else None


def _part(path: Path, offset: int, length: int) -> bytes:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(length)
