"""SQL reads of the room."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from server.grid.scope import Scope
from server.items.models import Item
from server.kernel.prepared import Prepared
from server.kernel.statements import among
from server.media import queries as media
from server.media.models import ItemMedia
from server.photos.likeness import codes
from server.photos.likeness.codes import Code
from server.photos.likeness.models import PhotoCode, PhotoSketch
from server.photos.likeness.rules import Naming

MOST_OF_A_BAND = 2_000
"""A value that so many photos share says nothing, and would cost each look-up all of them."""

_code = PhotoCode.__table__.c
_OF_BAND = [
    Prepared(
        select(_code.sha256, _code.first, _code.second, _code.third)
        .where(among(band, "values"))
        .limit(bindparam("most"))
    )
    for band in (_code.first, _code.second, _code.third)
]
_NAMING = select(
    ItemMedia.item,
    ItemMedia.sha256,
    ItemMedia.member,
    Item.estimated,
    ItemMedia.role,
    Item.duplicate_of,
    Item.replaces,
).join(Item, Item.id == ItemMedia.item)


def with_like_codes(session: Session, asked: list[Code]) -> dict[str, Code]:
    """The kept codes that share a band, up to one bit, with one of these; by photo.

    All that differ from one of them by up to `codes.SURE` bits, unless a band is crowded.
    """
    kept: dict[str, Code] = {}
    for statement, values in zip(_OF_BAND, codes.probes(asked), strict=True):
        rows = statement.all(session, values=values, most=MOST_OF_A_BAND)
        kept |= {sha256: (first, second, third) for sha256, first, second, third in rows}
    return kept


def sketches(session: Session, hashes: Collection[str]) -> dict[str, bytes]:
    """The sketches of those of the photos that have one."""
    columns = select(PhotoSketch.sha256, PhotoSketch.sketch)
    rows = session.execute(columns.where(PhotoSketch.sha256.in_(hashes)))
    return {sha256: sketch for sha256, sketch in rows}


def naming(session: Session, item: str, sha256: str) -> Naming | None:
    """The item as it names the photo."""
    row = session.execute(_NAMING.where(ItemMedia.item == item, ItemMedia.sha256 == sha256)).first()
    return Naming(*row) if row else None


def namings(session: Session, hashes: Collection[str], besides: str, limit: int) -> list[Naming]:
    """The first items, by capture, that name one of the photos, without the item `besides`."""
    others = _NAMING.where(ItemMedia.sha256.in_(hashes), ItemMedia.item != besides)
    rows = session.execute(others.order_by(Item.estimated, Item.id).limit(limit))
    return [Naming(*row) for row in rows]


def items_within(
    session: Session, scope: Scope, hashes: Collection[str], limit: int
) -> dict[str, list[str]]:
    """The items that show these photos to the scope, by photo, in order of their ids."""
    columns: Any = select(ItemMedia.sha256, ItemMedia.item)
    shown = columns.where(ItemMedia.sha256.in_(hashes), media.visible(scope))
    by_photo: dict[str, list[str]] = {}
    for sha256, item in session.execute(shown.order_by(ItemMedia.item).limit(limit)):
        by_photo.setdefault(sha256, []).append(item)
    return by_photo
