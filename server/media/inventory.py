"""What lies in the store and is no finished photo: for whoever looks after the disk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.media.models import Blob, ItemMedia, Upload
from server.media.store import BlobStore


@dataclass(frozen=True, slots=True)
class PartialFile:
    """A begun upload with its partial: bytes here of bytes announced, and when it may be swept.

    `member`, `install`, `size` and `expires_at` are None for a partial that no upload knows.
    """

    id: str
    offset: int
    modified: datetime
    size: int | None
    member: str | None
    install: str | None
    expires_at: datetime | None


def partials(session: Session, store: BlobStore) -> list[PartialFile]:
    """Every partial in the store, the oldest first."""
    known = {row.id: row for row in session.execute(_BEGUN)}
    found = [
        PartialFile(one.id, one.size, one.modified, *_said(known.get(one.id)))
        for one in store.list_partials()
    ]
    return sorted(found, key=lambda one: (one.modified, one.id))


def orphans(session: Session, before: datetime) -> Sequence[Any]:
    """Blobs stored before `before` that no item names, oldest first: sha256, size, type, stored_at.

    Those that the sweep will remove are those of `before` = now − ORPHAN_DAYS.
    """
    return session.execute(_ORPHANS.where(Blob.stored_at < before)).all()


def _said(upload: Any) -> tuple[Any, ...]:
    if upload is None:
        return None, None, None, None
    return upload.size, upload.member, upload.install, upload.expires_at


_BEGUN = select(Upload.id, Upload.size, Upload.member, Upload.install, Upload.expires_at).where(
    Upload.finished_at.is_(None)
)
_ORPHANS = (
    select(Blob.sha256, Blob.size, Blob.type, Blob.stored_at)
    .where(~select(ItemMedia.item).where(ItemMedia.sha256 == Blob.sha256).exists())
    .order_by(Blob.stored_at, Blob.sha256)
)
