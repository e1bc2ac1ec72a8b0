"""What the room reads: what is to be copied, and what a stamp tells."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from server.grid.models import Area, AreaClosure, Member
from server.items.models import Item
from server.kernel.tokens import new_code
from server.media.copies import SCREEN
from server.media.models import Blob, Copy, ItemMedia, Stamp
from server.media.rules import IMAGES
from server.photos.copies.rules import StampFacts, StampOrder


def wants_copies(session: Session, sha256: str) -> bool:
    """Whether this is a picture that is there and whose copies are not."""
    made = select(Copy.copy).where(
        Copy.sha256 == Blob.sha256, Copy.kind == SCREEN, Copy.copy.is_not(None)
    )
    wanted = select(Blob.sha256).where(Blob.sha256 == sha256, Blob.type.in_(IMAGES), ~made.exists())
    return session.scalar(wanted) is not None


def pictures(session: Session, hashes: Collection[str]) -> set[str]:
    """Those of the hashes that are pictures and are there."""
    found = select(Blob.sha256).where(Blob.sha256.in_(hashes), Blob.type.in_(IMAGES))
    return set(session.scalars(found))


def items_naming(session: Session, sha256: str) -> Sequence[str]:
    """The items that name the photo."""
    naming = select(ItemMedia.item).where(ItemMedia.sha256 == sha256).order_by(ItemMedia.item)
    return session.scalars(naming).all()


def stamp_order(session: Session, item: str, sha256: str) -> StampOrder | None:
    """What is needed to stamp the photo for the item; None if it cannot be or was done already."""
    columns = (Item.estimated, Item.clock, Item.area, Item.member, Member.name, Copy.copy)
    stamp = and_(Stamp.item == ItemMedia.item, Stamp.sha256 == ItemMedia.sha256)
    row = session.execute(
        select(*columns, Stamp.code)
        .join(Member, Member.id == Item.member)
        .join(ItemMedia, ItemMedia.item == Item.id)
        .join(Copy, and_(Copy.sha256 == ItemMedia.sha256, Copy.kind == SCREEN))
        .outerjoin(Stamp, stamp)
        .where(Item.id == item, ItemMedia.sha256 == sha256)
        .where(Copy.copy.is_not(None), Stamp.copy.is_(None))
    ).first()
    if row is None:
        return None
    areas = path(session, row.area)
    facts = StampFacts(row.estimated, row.clock, areas, row.member, row.name)
    return StampOrder(row.copy, row.code or new_code(), facts)


def path(session: Session, area: str | None) -> list[str]:
    """The names of the area and of those above it, from the top down."""
    if area is None:
        return []
    above = select(Area.name).join(AreaClosure, AreaClosure.ancestor == Area.id)
    above = above.where(AreaClosure.descendant == area).order_by(AreaClosure.depth.desc())
    return list(session.scalars(above))


def stamp(session: Session, code: str) -> Any:
    """(code, sha256, moment, area) of the stamp with this code, or None."""
    columns = (Stamp.code, Stamp.sha256, Item.estimated, Item.area)
    found = select(*columns).join(Item, Item.id == Stamp.item).where(Stamp.code == code)
    return session.execute(found).first()


def unlooked(session: Session, before: datetime, limit: int) -> Sequence[str]:
    """Pictures that an item names, stored before `before`, that nobody looked at.

    Asked from the namings, by two indexes: of four blobs three are copies themselves.
    """
    looked = select(Copy.sha256).where(Copy.sha256 == ItemMedia.sha256)
    found = (
        select(ItemMedia.sha256)
        .join(Blob, Blob.sha256 == ItemMedia.sha256)
        .where(~looked.exists(), Blob.type.in_(IMAGES), Blob.stored_at < before)
        .distinct()
    )
    return session.scalars(found.order_by(ItemMedia.sha256).limit(limit)).all()


def unstamped(session: Session, before: datetime, limit: int) -> Sequence[Any]:
    """(item, sha256) of photos that were copied before `before` and not stamped for the item."""
    stamped = select(Stamp.item).where(
        Stamp.item == ItemMedia.item, Stamp.sha256 == ItemMedia.sha256
    )
    found = (
        select(ItemMedia.item, ItemMedia.sha256)
        .join(Copy, Copy.sha256 == ItemMedia.sha256)
        .where(
            Copy.kind == SCREEN,
            Copy.copy.is_not(None),
            Copy.made_at < before,
            ~stamped.exists(),
        )
    )
    return session.execute(found.order_by(ItemMedia.item).limit(limit)).all()
