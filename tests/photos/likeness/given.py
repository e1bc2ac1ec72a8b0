"""Photos that stand in the database, with or without items."""

from datetime import timedelta
from io import BytesIO
from typing import Any

from PIL import Image
from sqlalchemy import update

from server.items.models import Item
from server.kernel import clock
from server.kernel.database import insert, writing
from server.media.models import Blob, ItemMedia
from server.photos.likeness import hashing, service
from tests.media.tools import Tus, name


def blobs(*hashes: str) -> None:
    """Rows of stored photos, without files."""
    known = {"size": 1, "type": "image/jpeg", "stored_at": clock.now(), "problems": []}
    with writing() as session:
        rows = [known | {"sha256": sha256} for sha256 in hashes]
        session.execute(insert(session, Blob).values(rows).on_conflict_do_nothing())


def remembered(sha256: str, image: Image.Image) -> str:
    """The photo, stored and looked at; its hash."""
    blobs(sha256)
    with writing() as session:
        service.remember(session, sha256, hashing.of(image))
    return sha256


def handed_in(tus: Tus, image: Image.Image) -> str:
    """The photo, uploaded by this phone and looked at; its hash."""
    file = BytesIO()
    image.save(file, "JPEG", quality=80)
    sha256 = tus.hand_in(file.getvalue())
    return remembered(sha256, image)


def item(tus: Tus, member: str, *hashes: str, hours_ago: float = 0, **given: Any) -> str:
    """An item of the member that names the photos, captured so long ago; its id."""
    role = given.pop("role", "near")
    id_ = name(tus.phone, member, *hashes, area=given.pop("area", None))
    at = clock.now() - timedelta(hours=hours_ago)
    with writing() as session:
        session.execute(update(Item).where(Item.id == id_).values(estimated=at, **given))
        session.execute(update(ItemMedia).where(ItemMedia.item == id_).values(role=role))
    return id_
