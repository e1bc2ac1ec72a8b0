"""Whether everything is in, exactly once: counted in the database and on the disk afterwards."""

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import func, select

from bench.burst.phone import Load
from server.items.models import Item, Quarantine
from server.kernel.database import reading
from server.media.models import Blob, ItemMedia


@dataclass(frozen=True)
class Count:
    """Things by their hash: how many were `sent` and are there `once`; and what must be 0."""

    sent: int
    once: int
    missing: int
    twice: int
    strangers: int

    @property
    def is_whole(self) -> bool:
        """Everything that was sent is there once, and nothing else."""
        return self.once == self.sent and not (self.missing or self.twice or self.strangers)


def count(sent: Iterable[str], found: Iterable[str]) -> Count:
    """`found` held against what was `sent`, both hashes."""
    wanted, there = set(sent), Counter(found)
    return Count(
        sent=len(wanted),
        once=sum(1 for one in wanted if there[one] == 1),
        missing=len(wanted - there.keys()),
        twice=sum(1 for times in there.values() if times > 1),
        strangers=len(there.keys() - wanted),
    )


@dataclass(frozen=True)
class Proof:
    """`photo_rows` and `photo_files` are of the same photos; `leftovers` must be 0 each."""

    items: Count
    photo_rows: Count
    photo_files: Count
    leftovers: dict[str, int]

    @property
    def is_whole(self) -> bool:
        """Each item and each photo exactly once, nothing set aside, nothing half done."""
        counts = (self.items, self.photo_rows, self.photo_files)
        return all(one.is_whole for one in counts) and not any(self.leftovers.values())


def prove(loads: Sequence[Load]) -> Proof:
    """Look everything up, and hash every file; needs the app's context."""
    lines = [hashlib.sha256(line).hexdigest() for load in loads for line in load.lines]
    photos = [sha256 for load in loads for sha256 in load.photos]
    media = Path(urlsplit(current_app.config["MEDIA_URL"]).path)
    with reading() as session:
        items = session.scalars(select(Item.sha256)).all()
        blobs = session.scalars(select(Blob.sha256)).all()
        leftovers = {
            "quarantined": _number(session, select(func.count()).select_from(Quarantine)),
            "waiting": _number(session, select(func.count()).where(~ItemMedia.stored)),
            "partial": len(_files(media / "partials")),
        }
    files = [_sha256(path) for path in _files(media / "blobs")]
    return Proof(count(lines, items), count(photos, blobs), count(photos, files), leftovers)


def _number(session: Any, statement: Any) -> int:
    return int(session.scalar(statement))


def _files(folder: Path) -> list[Path]:
    return [Path(place, name) for place, _, names in os.walk(folder) for name in names]


def _sha256(path: Path) -> str:
    """The hash of what the file holds; a file under another name than that is a stranger."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    return found if found == path.name else f"{path.name} holds {found}"
