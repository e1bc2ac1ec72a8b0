"""What happens to uploads, blobs and the items that name them.

A naming is `stored` once the blob is there, whoever handed it in; but who names a hash without ever
having handed in the bytes (`BlobOwner`) is not shown the file for it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from server.kernel import clock, events
from server.kernel.database import insert
from server.kernel.ids import uuid7
from server.kernel.problems import Problem, invalid
from server.kernel.statements import Insertion
from server.media import copies, queries, rules
from server.media.files import Progress, Sealed, lacks_partial, progress_of, refusals
from server.media.models import Blob, BlobOwner, ItemMedia, Upload
from server.media.rules import Wish
from server.media.store import BlobStore

ORPHANS_AT_A_TIME = 500
_NAMINGS = Insertion(ItemMedia, lambda insert: insert.on_conflict_do_nothing())


class NamesFiles(Protocol):
    """An item as the intake hands it over; `media` as in docs/protocol.md, section 4."""

    id: str
    install: str
    member: str
    area: str | None
    media: list[dict[str, Any]]


def create(
    session: Session, store: BlobStore, install: str, member: str, wish: Wish, days: int
) -> Progress:
    """The member's upload of this content, new or found again; kept for `days` from now.

    The partial file is made before the row is committed, so a live row without a partial has
    become a blob. Problems: invalid (not the length of this content).
    """
    now = clock.now()
    lapsed = _claim(session, install, member, wish, now)
    upload = queries.upload_of(session, wish.sha256, member)
    lapsed = lapsed or upload.expires_at <= now
    upload.install, upload.item, upload.type = install, wish.item, wish.type
    upload.expires_at = rules.expiry(now, days)
    blob = queries.stored(session, [wish.sha256]).get(wish.sha256)
    if blob is not None and _needs_no_bytes(session, store, upload):
        _finish_at_once(session, upload, blob, wish)
    else:
        _begin(store, upload, wish, lapsed)
    return progress_of(store, upload)


def _claim(session: Session, install: str, member: str, wish: Wish, now: datetime) -> bool:
    """Whether this made the row; two creations at once make one."""
    row = {
        "id": uuid7(),
        "sha256": wish.sha256,
        "size": wish.size,
        "type": wish.type,
        "item": wish.item,
        "install": install,
        "member": member,
        "created_at": now,
        "expires_at": now,
    }
    claim = insert(session, Upload).values(row).on_conflict_do_nothing()
    return session.execute(claim.returning(Upload.id)).first() is not None


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
    _mark_stored(session, blob.sha256)


def find(session: Session, store: BlobStore, id_: str, member: str) -> Progress:
    """The member's upload. Problems: not_found, upload_expired."""
    upload = queries.upload(session, id_, member)
    if upload is None:
        raise Problem("not_found")
    if upload.expires_at <= clock.now():
        raise Problem("upload_expired")
    return progress_of(store, upload)


def record(session: Session, progress: Progress, sealed: Sealed) -> None:
    """The blob stands on disk: write down what it is, who handed it in, and who waited for it.

    Problems: not_found (the upload was terminated meanwhile: nobody proved anything).
    """
    now = clock.now()
    sha256, member = progress.sha256, progress.member
    finished = update(Upload).where(Upload.id == progress.id).values(finished_at=now)
    if session.execute(finished.returning(Upload.id)).first() is None:
        raise Problem("not_found")
    blob = sealed.columns() | {"sha256": sha256, "stored_at": now}
    statement = insert(session, Blob).values(blob)
    # Not DO NOTHING: the row must be locked against the sweep of orphans.
    touched = statement.on_conflict_do_update(index_elements=["sha256"], set_={"stored_at": now})
    session.execute(touched)
    owner = {"sha256": sha256, "member": member}
    session.execute(insert(session, BlobOwner).values(owner).on_conflict_do_nothing())
    _mark_stored(session, sha256)
    events.tell(session, events.STORED, sha256, sealed.type)


def _mark_stored(session: Session, sha256: str) -> None:
    session.execute(update(ItemMedia).where(ItemMedia.sha256 == sha256).values(stored=True))


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


def join_arrived(session: Session) -> int:
    """Mark what item and blob missed of each other when both arrived at one instant; how many."""
    there = select(Blob.sha256).where(Blob.sha256 == ItemMedia.sha256)
    waiting = update(ItemMedia).where(queries.NOT_STORED, there.exists())
    joined = session.execute(waiting.values(stored=True).returning(ItemMedia.item))
    return len(joined.all())


def forget_expired(session: Session, now: datetime) -> list[str]:
    """Delete the uploads that lapsed; their ids."""
    expired = delete(Upload).where(Upload.expires_at <= now).returning(Upload.id)
    return sorted(session.scalars(expired))


def forget_orphans(session: Session, before: datetime) -> list[str]:
    """Delete blobs stored before `before` that no item names; their hashes.

    They are locked first and judged again after it: an item that names one right now either waits
    or is seen. Copies live and go with the photo that they are of.
    """
    unnamed = ~select(ItemMedia.item).where(ItemMedia.sha256 == Blob.sha256).exists()
    alone = unnamed & ~copies.is_one()
    old = select(Blob.sha256).where(Blob.stored_at < before, alone).order_by(Blob.sha256)
    locked = session.scalars(old.limit(ORPHANS_AT_A_TIME).with_for_update()).all()
    shown = copies.of_photos(session, locked)
    orphans = delete(Blob).where(Blob.sha256.in_(locked), alone).returning(Blob.sha256)
    gone = sorted(session.scalars(orphans))
    gone += copies.forget(session, shown)
    session.execute(delete(Upload).where(Upload.sha256.in_(gone), Upload.finished_at.is_not(None)))
    return gone
