"""SQL reads of the room."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, case, func, or_, select, text
from sqlalchemy.orm import Session

from server.grid.roles import STAFF
from server.grid.scope import Scope
from server.kernel.prepared import Prepared
from server.kernel.statements import among
from server.media import rules
from server.media.files import offset_of
from server.media.models import Blob, BlobOwner, Copy, ItemMedia, Stamp, Upload
from server.media.storage import media_store
from server.media.stores.base import BlobStore, StoreAway

NOT_STORED = text("NOT item_media.stored")
"""Written as the partial index writes it, or SQLite does not use the index."""
ORPHANED = ~or_(
    select(ItemMedia.item).where(ItemMedia.sha256 == Blob.sha256).exists(),
    select(Copy.sha256).where(Copy.copy == Blob.sha256).exists(),
    select(Stamp.item).where(Stamp.copy == Blob.sha256).exists(),
)
"""A blob that no item names and that is no copy of one."""

_named, _upload = ItemMedia.__table__.c, Upload.__table__.c
_WANTED = Prepared(
    select(_named.sha256, _upload.id, _upload.size, _upload.finished_at)
    .select_from(
        ItemMedia.__table__.outerjoin(
            Upload.__table__,
            and_(_upload.sha256 == _named.sha256, _upload.member == bindparam("member")),
        )
    )
    .where(_named.install == bindparam("install"), NOT_STORED)
    .distinct()
    .order_by(_named.sha256)
    .limit(bindparam("most"))
)

_UPLOAD = select(Upload.__table__).where(
    _upload.id == bindparam("upload"), _upload.member == bindparam("member")
)

_COUNTED = (
    select(
        _named.item,
        func.count().label("named"),
        func.sum(case((_named.stored, 1), else_=0)).label("there"),
    )
    .where(among(_named.item, "items"))
    .group_by(_named.item)
)


def names_missing(install: ColumnElement[str]) -> ColumnElement[bool]:
    """A condition: `wanted` would tell the install of a file."""
    return select(_named.sha256).where(_named.install == install, NOT_STORED).exists()


def wanted(session: Session, install: str, member: str, limit: int = 50) -> list[dict[str, Any]]:
    """The files that the exchange asks the install for: sha256, state, offset in bytes."""
    rows = _WANTED.all(session, install=install, member=member, most=limit)
    store = media_store()
    offsets = [(row.sha256, _offset(store, row) if row.id else 0) for row in rows]
    return [
        {"sha256": sha256, "state": rules.progress(offset), "offset": offset}
        for sha256, offset in offsets
    ]


def _offset(store: BlobStore, row: Row[Any]) -> int:
    """An exchange goes on without the photos; where an upload stands it is told when it goes on."""
    try:
        return offset_of(store, row)
    except StoreAway:
        return 0


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


def facts_of_item(session: Session, item: str, scope: Scope) -> dict[str, Blob]:
    """By hash, the files that the item names, that the person may see and that were read."""
    statement = select(Blob).join(ItemMedia, ItemMedia.sha256 == Blob.sha256)
    read = statement.where(ItemMedia.item == item, Blob.read_at.is_not(None))
    return {blob.sha256: blob for blob in session.scalars(read.where(visible(scope)))}


def photos(session: Session, items: Sequence[str]) -> dict[str, str]:
    """By item: `none`, `pending` or `complete` (docs/protocol.md, section 8), in one query."""
    counted = {
        row.item: (row.named, row.there) for row in session.execute(_COUNTED, {"items": items})
    }
    return {item: rules.photo_state(*counted.get(item, (0, 0))) for item in items}


def visible(scope: Scope) -> ColumnElement[bool]:
    """A condition on ItemMedia: it shows the file to the person.

    Items within reach of a staff post do; naming a hash shows nothing to who names it: one's own
    items count with the bytes handed in.
    """
    staff = ItemMedia.stored & scope.limited_to(STAFF).covers(ItemMedia.area)
    return or_(staff, visible_to_device(scope.member))


def visible_to_device(member: str) -> ColumnElement[bool]:
    """The same for a device: an item of its member names the file, and the member had its bytes."""
    proof = select(BlobOwner.member).where(
        BlobOwner.sha256 == ItemMedia.sha256, BlobOwner.member == member
    )
    return (ItemMedia.member == member) & proof.exists()


def shown(session: Session, sha256: str, reach: ColumnElement[bool]) -> str | None:
    """The blob's type if an item within reach names it."""
    naming = select(ItemMedia.item).where(ItemMedia.sha256 == sha256, reach)
    return session.scalars(select(Blob.type).where(Blob.sha256 == sha256, naming.exists())).first()


def copy_of(session: Session, sha256: str, kind: str) -> Any:
    """(hash, type, problem) of the copy for showing, or None; who may see it is not asked."""
    copies = select(Copy.copy, Blob.type, Copy.problem).outerjoin(Blob, Blob.sha256 == Copy.copy)
    return session.execute(copies.where(Copy.sha256 == sha256, Copy.kind == kind)).first()


def stamped_of(session: Session, sha256: str, reach: ColumnElement[bool], item: str | None) -> Any:
    """The same of the stamped copy for `item`, else for the newest item, within reach."""
    namings = and_(ItemMedia.item == Stamp.item, ItemMedia.sha256 == Stamp.sha256)
    copies = (
        select(Stamp.copy, Blob.type, Stamp.problem)
        .join(ItemMedia, namings)
        .outerjoin(Blob, Blob.sha256 == Stamp.copy)
        .where(Stamp.sha256 == sha256, reach)
    )
    if item is not None:
        copies = copies.where(Stamp.item == item)
    return session.execute(copies.order_by(Stamp.item.desc()).limit(1)).first()


def upload(session: Session, id_: str, member: str) -> Row[Any] | None:
    """The member's upload `id_`."""
    return session.execute(_UPLOAD, {"upload": id_, "member": member}).first()


def upload_of(session: Session, sha256: str, member: str) -> Upload:
    """The member's upload of the content, locked; there must be one."""
    statement = select(Upload).where(Upload.sha256 == sha256, Upload.member == member)
    return session.scalars(statement.with_for_update()).one()


def stored(session: Session, hashes: Collection[str]) -> dict[str, Blob]:
    """The blobs among `hashes`; none of them is swept until the commit."""
    rows = session.scalars(
        select(Blob)
        .where(Blob.sha256.in_(hashes))
        .order_by(Blob.sha256)
        .with_for_update(read=True, key_share=True)
    )
    return {blob.sha256: blob for blob in rows}


def may_claim(session: Session, sha256: str, install: str, member: str) -> bool:
    """Whether an item of the install names the content, or the member handed it in before."""
    naming = select(ItemMedia.item).where(ItemMedia.sha256 == sha256, ItemMedia.install == install)
    proof = select(BlobOwner.member).where(BlobOwner.sha256 == sha256, BlobOwner.member == member)
    return bool(session.scalar(select(or_(naming.exists(), proof.exists()))))


def count_blobs(session: Session) -> int:
    """How many blobs are written down."""
    return session.scalar(select(func.count()).select_from(Blob)) or 0


def blobs_after(session: Session, sha256: str, limit: int) -> list[tuple[str, int]]:
    """(hash, bytes) of the blobs after this hash, by hash."""
    statement = select(Blob.sha256, Blob.size).where(Blob.sha256 > sha256).order_by(Blob.sha256)
    return [(row.sha256, row.size) for row in session.execute(statement.limit(limit))]


def known_blobs(session: Session, hashes: Collection[str]) -> set[str]:
    """Those of `hashes` that are written down."""
    return set(session.scalars(select(Blob.sha256).where(Blob.sha256.in_(hashes))))


def orphans(session: Session, before: datetime) -> Sequence[Blob]:
    """The blobs stored before `before` that no item names, the oldest first."""
    statement = select(Blob).where(Blob.stored_at < before, ORPHANED)
    return session.scalars(statement.order_by(Blob.stored_at, Blob.sha256)).all()


def expired(session: Session, now: datetime) -> Sequence[str]:
    """The uploads that lapsed."""
    return session.scalars(select(Upload.id).where(Upload.expires_at <= now)).all()
