"""SQL reads of the room."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, select, text
from sqlalchemy.orm import Session

from server.grid.scope import Scope
from server.media import rules
from server.media.files import offset_of
from server.media.models import Blob, BlobOwner, ItemMedia, Upload
from server.media.storage import media_store

NOT_STORED = text("NOT item_media.stored")
"""Written as the partial index writes it, or SQLite does not use the index."""


def wanted(session: Session, install: str, member: str, limit: int = 50) -> list[dict[str, Any]]:
    """The files that the exchange asks the install for: sha256, state, offset in bytes."""
    naming = and_(Upload.sha256 == ItemMedia.sha256, Upload.member == member)
    rows = session.execute(
        select(ItemMedia.sha256, Upload)
        .outerjoin(Upload, naming)
        .where(ItemMedia.install == install, NOT_STORED)
        .distinct()
        .order_by(ItemMedia.sha256)
        .limit(limit)
    )
    store = media_store()
    offsets = [(row.sha256, offset_of(store, row.Upload) if row.Upload else 0) for row in rows]
    return [
        {"sha256": sha256, "state": rules.progress(offset), "offset": offset}
        for sha256, offset in offsets
    ]


def of_item(session: Session, item: str) -> Sequence[Any]:
    """The files that an item names: sha256, size, type, role, stored."""
    columns = (
        ItemMedia.sha256,
        ItemMedia.size,
        ItemMedia.type,
        ItemMedia.role,
        ItemMedia.stored,
    )
    statement = select(*columns).where(ItemMedia.item == item).order_by(ItemMedia.sha256)
    return session.execute(statement).all()


def shown_to_person(session: Session, sha256: str, scope: Scope) -> str | None:
    """The blob's type if an item names it that lies within reach or is the person's own."""
    return _shown(session, sha256, scope.covers_or_own(ItemMedia.area, ItemMedia.member))


def shown_to_device(session: Session, sha256: str, member: str) -> str | None:
    """The blob's type if an item of the device's member names it."""
    return _shown(session, sha256, ItemMedia.member == member)


def _shown(session: Session, sha256: str, reach: ColumnElement[bool]) -> str | None:
    """Only a naming that is `stored` counts: its member proved to hold the content."""
    naming = select(ItemMedia.item).where(ItemMedia.sha256 == sha256, ItemMedia.stored, reach)
    return session.scalars(select(Blob.type).where(Blob.sha256 == sha256, naming.exists())).first()


def upload(session: Session, id_: str, member: str) -> Upload | None:
    """The member's upload `id_`."""
    return session.scalars(select(Upload).where(Upload.id == id_, Upload.member == member)).first()


def upload_of(session: Session, sha256: str, member: str) -> Upload:
    """The member's upload of the content, locked; there must be one."""
    statement = select(Upload).where(Upload.sha256 == sha256, Upload.member == member)
    return session.scalars(statement.with_for_update()).one()


def owned(
    session: Session, members: Collection[str], hashes: Collection[str]
) -> dict[tuple[str, str], Blob]:
    """(sha256, member) → blob that the member handed in; none is swept until the commit."""
    rows = session.execute(
        select(Blob, BlobOwner.member)
        .join(BlobOwner, BlobOwner.sha256 == Blob.sha256)
        .where(BlobOwner.member.in_(members), Blob.sha256.in_(hashes))
        .order_by(Blob.sha256)
        .with_for_update(read=True, key_share=True, of=Blob)
    )
    return {(row.Blob.sha256, row.member): row.Blob for row in rows}
