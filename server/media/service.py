"""What happens to uploads, blobs and the items that name them.

A naming is `stored` once the blob is there, whoever handed it in; but who names a hash without ever
having handed in the bytes (`BlobOwner`) is not shown the file for it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from server.kernel import clock, events
from server.kernel.ids import uuid7
from server.kernel.problems import Problem, invalid
from server.kernel.statements import Insertion
from server.media import copies, queries, rules
from server.media.files import Progress, Sealed, lacks_partial, progress_of, refusals
from server.media.joining import mark_arrived
from server.media.models import Blob, BlobOwner, ItemMedia, Upload
from server.media.rules import NamesFiles, Wish
from server.media.stores.base import BlobStore

ORPHANS_AT_A_TIME = 500

_upload = Upload.__table__.c
_RENEWED = ("size", "type", "item", "install", "expires_at", "finished_at")
_CLAIM = Insertion(Upload, lambda i: i.on_conflict_do_nothing().returning(_upload.id))
_WHOLE = Insertion(
    Upload,
    lambda insert: insert.on_conflict_do_update(
        index_elements=["sha256", "member"],
        set_={name: insert.excluded[name] for name in _RENEWED},
    ).returning(_upload.id),
)
# Not DO NOTHING: the row must be locked against the sweep of orphans.
_BLOB = Insertion(
    Blob,
    lambda insert: insert.on_conflict_do_update(
        index_elements=["sha256"], set_={"stored_at": insert.excluded.stored_at}
    ),
)
_OWNER = Insertion(BlobOwner, lambda insert: insert.on_conflict_do_nothing())
_NAMINGS = Insertion(ItemMedia, lambda insert: insert.on_conflict_do_nothing())
_FINISHED = (
    update(Upload.__table__)
    .where(_upload.id == bindparam("upload"))
    .values(finished_at=bindparam("now"))
    .returning(_upload.id)
)
_UNREAD = dict.fromkeys(Blob.__table__.c.keys())
"""What a photo says of itself is read later (server/photos/witness)."""


def create(
    session: Session, store: BlobStore, install: str, member: str, wish: Wish, days: int
) -> Progress:
    """The member's upload of this content, new or found again; kept for `days` from now.

    The partial file is made before the row is committed, so a live row without a partial has
    become a blob. Problems: invalid (not the length of this content).
    """
    row = _row(install, member, wish, days)
    is_new = bool(_CLAIM.written(session, [row]))
    blob = queries.stored(session, [wish.sha256]).get(wish.sha256)
    if is_new and blob is None:
        with refusals():
            store.create(row["id"])
        return _progress(row, 0)
    return _find_again(session, store, row, wish, blob, is_new)


def _row(install: str, member: str, wish: Wish, days: int) -> dict[str, Any]:
    now = clock.now()
    return {
        "id": uuid7(),
        "sha256": wish.sha256,
        "size": wish.size,
        "type": wish.type,
        "item": wish.item,
        "install": install,
        "member": member,
        "created_at": now,
        "expires_at": rules.expiry(now, days),
        "finished_at": None,
    }


def _progress(row: dict[str, Any], offset: int) -> Progress:
    return Progress(
        id=row["id"],
        sha256=row["sha256"],
        member=row["member"],
        type=row["type"],
        size=row["size"],
        offset=offset,
        expires_at=row["expires_at"],
        finished=row["finished_at"] is not None,
        item=row["item"],
    )


def _find_again(
    session: Session,
    store: BlobStore,
    row: dict[str, Any],
    wish: Wish,
    blob: Blob | None,
    is_new: bool,
) -> Progress:
    upload = queries.upload_of(session, wish.sha256, row["member"])
    lapsed = is_new or upload.expires_at <= row["created_at"]
    for name in ("install", "item", "type", "expires_at"):
        setattr(upload, name, row[name])
    if blob is not None and _needs_no_bytes(session, store, upload):
        _finish_at_once(session, upload, blob, wish)
    else:
        _begin(store, upload, wish, lapsed)
    return progress_of(store, upload)


def _begin(store: BlobStore, upload: Upload, wish: Wish, lapsed: bool) -> None:
    """Go on where the upload stopped; another length for the content begins anew.

    Anew means under a new id: taking the old partial away would look as if it had become a blob.
    """
    if upload.size != wish.size:
        upload.id, upload.size, lapsed = uuid7(), wish.size, True
    if lacks_partial(store, upload, lapsed):
        upload.finished_at = None
        with refusals():
            store.create(upload.id)


def _needs_no_bytes(session: Session, store: BlobStore, upload: Upload) -> bool:
    """Content that is there answers at once to whom it belongs (docs/protocol.md, section 8)."""
    may_claim = queries.may_claim(session, upload.sha256, upload.install, upload.member)
    return may_claim and store.exists(upload.sha256)


def _finish_at_once(session: Session, upload: Upload, blob: Blob, wish: Wish) -> None:
    """The content is there: no byte of it is needed."""
    if wish.size != blob.size:
        raise invalid("Upload-Length", "invalid", "not the length of this content")
    upload.size, upload.finished_at = blob.size, clock.now()
    mark_arrived(session, blob.sha256)


def find(session: Session, store: BlobStore, id_: str, member: str) -> Progress:
    """The member's upload. Problems: not_found, upload_expired."""
    upload = queries.upload(session, id_, member)
    if upload is None:
        raise Problem("not_found")
    if upload.expires_at <= clock.now():
        raise Problem("upload_expired")
    return progress_of(store, upload)


def take_whole(
    session: Session, install: str, member: str, wish: Wish, sealed: Sealed, days: int
) -> Progress:
    """The content stands in the store, all of it handed in at once: the upload and all it means."""
    row = _row(install, member, wish, days)
    row["finished_at"] = row["created_at"]
    ((id_,),) = _WHOLE.written(session, [row])
    row["id"] = str(id_)
    _record_blob(session, wish.sha256, member, sealed)
    return _progress(row, wish.size)


def record(session: Session, progress: Progress, sealed: Sealed) -> None:
    """The blob stands in the store: write down what it is, who handed it in, and who waited for it.

    Problems: not_found (the upload was terminated meanwhile: nobody proved anything).
    """
    finished = {"upload": progress.id, "now": clock.now()}
    if session.execute(_FINISHED, finished).first() is None:
        raise Problem("not_found")
    _record_blob(session, progress.sha256, progress.member, sealed)


def _record_blob(session: Session, sha256: str, member: str, sealed: Sealed) -> None:
    said = {"size": sealed.size, "type": sealed.type, "problems": sealed.problems}
    _BLOB.write(session, [_UNREAD | said | {"sha256": sha256, "stored_at": clock.now()}])
    _OWNER.write(session, [{"sha256": sha256, "member": member}])
    mark_arrived(session, sha256)
    events.tell(session, events.STORED, sha256, sealed.type)


def forget(session: Session, id_: str, member: str) -> None:
    """Delete the member's upload; a blob that it has become stays. Problems: not_found."""
    gone = delete(Upload).where(Upload.id == id_, Upload.member == member)
    if session.execute(gone.returning(Upload.id)).first() is None:
        raise Problem("not_found")


def attach(session: Session, items: Sequence[NamesFiles]) -> None:
    """Note the files that new items name; those that are there already are `stored` at once."""
    named = [(item, entry) for item in items for entry in item.media]
    if not named:
        return
    there = queries.stored(session, {entry["sha256"] for _, entry in named})
    rows = [
        {
            "item": item.id,
            "sha256": entry["sha256"],
            "install": item.install,
            "member": item.member,
            "area": item.area,
            "size": entry.get("size"),
            "type": entry.get("type"),
            "role": entry.get("role"),
            "stored": entry["sha256"] in there,
        }
        for item, entry in named
    ]
    _NAMINGS.write(session, rows)


def detach(session: Session, items: Sequence[str]) -> None:
    """Forget what these items name: they claim no id after all."""
    session.execute(delete(ItemMedia).where(ItemMedia.item.in_(items)))


def forget_expired(session: Session, now: datetime) -> list[str]:
    """Delete the uploads that lapsed; their ids."""
    expired = delete(Upload).where(Upload.expires_at <= now).returning(Upload.id)
    return sorted(session.scalars(expired))


def forget_orphans(session: Session, before: datetime) -> list[str]:
    """Delete blobs stored before `before` that no item names; their hashes.

    They are locked first and judged again after it: an item that names one right now either waits
    or is seen. Copies live and go with the photo that they are of.
    """
    old = select(Blob.sha256).where(Blob.stored_at < before, queries.ORPHANED)
    locked = session.scalars(
        old.order_by(Blob.sha256).limit(ORPHANS_AT_A_TIME).with_for_update()
    ).all()
    shown = copies.of_photos(session, locked)
    orphans = delete(Blob).where(Blob.sha256.in_(locked), queries.ORPHANED).returning(Blob.sha256)
    gone = sorted(session.scalars(orphans))
    gone += copies.forget(session, shown)
    session.execute(delete(Upload).where(Upload.sha256.in_(gone), Upload.finished_at.is_not(None)))
    return gone
