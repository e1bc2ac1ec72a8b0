"""A photo looked at (读取照片信息): its size and EXIF written to its blob, after it is stored.

Not while it is handed in: the phone waits there, and a broken picture takes longest.
"""

from dataclasses import asdict
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.media import exif, rules
from server.media.exif import PhotoFacts
from server.media.files import path_of
from server.media.models import Blob
from server.media.store import BlobStore

KEPT_FACTS = (
    "width",
    "height",
    "format",
    "lat",
    "lon",
    "orientation",
    "make",
    "model",
    "software",
)


def read(store: BlobStore, sha256: str) -> PhotoFacts:
    """What the photo says of itself; takes a while, so no transaction waits for it. NoSuchBlob."""
    return exif.read(path_of(store, sha256))


def write_down(session: Session, sha256: str, facts: PhotoFacts) -> None:
    """Put the facts into the columns of the blob, if it is a picture and was not swept meanwhile.

    Done again it changes nothing.
    """
    found = select(Blob.type, Blob.problems).where(Blob.sha256 == sha256).with_for_update()
    blob = session.execute(found).first()
    if blob is None or blob.type not in rules.IMAGES:
        return
    problems = list(dict.fromkeys([*blob.problems, *facts.problems]))
    values = columns(facts) | {"problems": problems}
    session.execute(update(Blob).where(Blob.sha256 == sha256).values(values))


def columns(facts: PhotoFacts) -> dict[str, Any]:
    """The columns of `Blob` that its EXIF fills; `taken_at` as the camera wrote it."""
    read = asdict(facts)
    taken_at = facts.taken_at.isoformat() if facts.taken_at else None
    return {name: read[name] for name in KEPT_FACTS} | {"taken_at": taken_at}
