"""SQL reads of the room."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from server.items.models import Finding, Item
from server.media.models import Blob, BlobOwner, ItemMedia
from server.media.rules import IMAGES
from server.photos.witness.rules import Claim, Found, Witness

_CASE = (
    select(
        Item.at,
        Item.lat,
        Item.lon,
        Item.raw,
        Blob.lat.label("photo_lat"),
        Blob.lon.label("photo_lon"),
        Blob.datum,
        Blob.taken_at,
        Blob.gps_time,
        Blob.changed_at,
        Blob.software,
    )
    .join(ItemMedia, ItemMedia.item == Item.id)
    .join(Blob, Blob.sha256 == ItemMedia.sha256)
    .join(BlobOwner, and_(BlobOwner.sha256 == Blob.sha256, BlobOwner.member == Item.member))
    .where(Blob.read_at.is_not(None), Blob.type.in_(IMAGES))
)


def case(session: Session, item: str, sha256: str) -> tuple[Claim, Witness] | None:
    """What item and photo say, if the item names it, its member handed it in, and it was read.

    Whoever names a hash without the bytes learns nothing of the photo, not even how far it was.
    """
    row = session.execute(_CASE.where(Item.id == item, Blob.sha256 == sha256)).first()
    return None if row is None else (_claim(row), _witness(row))


def _claim(row: Any) -> Claim:
    loc = json.loads(row.raw).get("loc") or {}
    return Claim(datetime.fromisoformat(row.at), row.lat, row.lon, loc.get("acc") or 0)


def _witness(row: Any) -> Witness:
    return Witness(
        lat=row.photo_lat,
        lon=row.photo_lon,
        datum=row.datum,
        taken_at=row.taken_at and datetime.fromisoformat(row.taken_at),
        gps_time=row.gps_time,
        changed_at=row.changed_at and datetime.fromisoformat(row.changed_at),
        software=row.software,
    )


def locked(session: Session, item: str) -> bool:
    """Whether there is such an item; nobody else changes it until the commit."""
    return session.scalar(select(Item.id).where(Item.id == item).with_for_update()) is not None


def standing(session: Session, item: str, sha256: str, flags: frozenset[str]) -> set[Found]:
    """The findings with one of `flags` on this photo of the item."""
    statement = select(Finding.flag, Finding.number).where(
        Finding.item == item, Finding.sha256 == sha256, Finding.flag.in_(flags)
    )
    return {Found(*row) for row in session.execute(statement)}
