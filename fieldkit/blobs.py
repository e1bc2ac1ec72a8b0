"""Photos (照片) and other files that items name: what still waits to be uploaded."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fieldkit import texts
from fieldkit.errors import InputError
from fieldkit.store import Store
from fieldkit.wire import without_none


@dataclass(frozen=True)
class Photo:
    """A file that lies in the store's folder under its hash; `size` in bytes."""

    sha256: str
    size: int
    type: str
    role: str | None = None

    def entry(self) -> dict[str, object]:
        """The item's `media` entry (docs/protocol.md, section 4)."""
        return without_none(
            {"sha256": self.sha256, "size": self.size, "type": self.type, "role": self.role}
        )


class Blobs:
    """The files of one store and how far each has come."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def queue(self, item: str, photos: Sequence[Photo]) -> None:
        """Note which files `item` names; a file the server already has is not sent again.

        Raises InputError when a file is not in the store's folder.
        """
        with self._store.write() as db:
            for photo in photos:
                path = self._store.media_path(photo.sha256)
                if not path.is_file():
                    raise InputError("no_file", path=path, reason=texts.say("file_lost"))
            db.executemany(
                "INSERT INTO media (sha256, size, type, role) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (sha256) DO UPDATE SET state = 'queued' WHERE state = 'lost'",
                [(photo.sha256, photo.size, photo.type, photo.role) for photo in photos],
            )
            db.executemany(
                "INSERT OR IGNORE INTO item_media (item, sha256) VALUES (?, ?)",
                [(item, photo.sha256) for photo in photos],
            )

    def waiting(self) -> list[sqlite3.Row]:
        """Files to upload, smallest first (section 11), each with an `item` that names it.

        Only those of the enrolled member's items: the server knows the others' under them.
        """
        return self._store.rows(
            "SELECT media.*, MIN(items.id) AS item FROM media "
            "JOIN item_media USING (sha256) JOIN items ON items.id = item_media.item "
            "WHERE media.state = 'queued' AND items.member = ? "
            "GROUP BY media.sha256 ORDER BY media.size, media.sha256",
            (self._store.member,),
        )

    def troubled(self) -> list[sqlite3.Row]:
        """Files that cannot be uploaded, with the reason."""
        return self._store.rows("SELECT * FROM media WHERE state IN ('failed', 'lost')")

    def mark(self, sha256: str, state: str, reason: str | None = None) -> None:
        """Note how an upload ended: `done`, `failed` (refused) or `lost` (gone from disk)."""
        with self._store.write() as db:
            db.execute(
                "UPDATE media SET state = ?, reason = ? WHERE sha256 = ?", (state, reason, sha256)
            )

    def wanted(self, digests: Iterable[str]) -> int:
        """Queue again what the server says it is missing; the number of files."""
        with self._store.write() as db:
            return db.executemany(
                "UPDATE media SET state = 'queued', reason = NULL "
                "WHERE sha256 = ? AND state = 'done'",
                [(digest,) for digest in digests],
            ).rowcount

    def retry_failed(self) -> int:
        """Queue the files once more that the server refused; the number of files."""
        with self._store.write() as db:
            return db.execute(
                "UPDATE media SET state = 'queued', reason = NULL WHERE state = 'failed'"
            ).rowcount
