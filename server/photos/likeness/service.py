"""What the room does: remembers photos, suggests those alike, says which were handed in before.

It only suggests: nothing is merged or refused because of a likeness.
"""

from datetime import timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from server.config import Settings
from server.kernel.database import insert
from server.photos.likeness import codes, comparing, queries, rules
from server.photos.likeness.models import PhotoCode, PhotoSketch
from server.photos.likeness.windows import WINDOWS, Window
from server.photos.witness.queries import standing
from server.photos.witness.service import note

MOST_COMPARED = 24
MOST_BITS = 14
MOST_NAMINGS = 50


class Alike(NamedTuple):
    """A photo and how far it is apart, 0 to 100."""

    sha256: str
    distance: int


def remember(session: Session, sha256: str, sketch: bytes) -> None:
    """Keep what a stored photo looks like (`hashing.of`); of a flat one nothing is kept."""
    found = codes.of(sketch)
    if found is None:
        return
    first, second, third = found.own
    code = {"sha256": sha256, "first": first, "second": second, "third": third}
    for model, row in ((PhotoSketch, {"sha256": sha256, "sketch": sketch}), (PhotoCode, code)):
        session.execute(insert(session, model).values(row).on_conflict_do_nothing())


def suggest(session: Session, sha256: str, farthest: int) -> list[Alike]:
    """The photos that look like this one, up to `farthest` apart, nearest first.

    None for a flat photo, and for one that is not remembered: those are known by their bytes alone.
    """
    sketch = queries.sketches(session, [sha256]).get(sha256)
    found = codes.of(sketch) if sketch else None
    if sketch is None or found is None:
        return []
    starts = _candidates(session, sha256, found.asked)
    kept = queries.sketches(session, starts)
    places = [starts[other] for other in kept]
    far = zip(kept, comparing.distances([*kept.values()], sketch, places), strict=True)
    near = [Alike(other, distance) for other, distance in far if distance <= farthest]
    return sorted(near, key=lambda one: (one.distance, one.sha256))


def _candidates(session: Session, sha256: str, asked: list[codes.Code]) -> dict[str, Window]:
    """The photos with the nearest codes, and where each one's core lies in the photo asked for."""
    kept = queries.with_like_codes(session, asked)
    kept.pop(sha256, None)
    near = zip(codes.nearest(asked, list(kept.values())), kept, strict=True)
    close = sorted((bits, other, place) for (bits, place), other in near if bits <= MOST_BITS)
    return {other: WINDOWS[place] for _, other, place in close[:MOST_COMPARED]}


def join(session: Session, item: str, sha256: str, settings: Settings) -> list[rules.Seen]:
    """An item and its photo are both there: note what was seen before, of it or of a later item.

    Done again it changes nothing. The photo was remembered before, and that was committed: of two
    that come in at once, one finds the other.
    """
    new = queries.naming(session, item, sha256)
    if new is None:
        return []
    alike = suggest(session, sha256, settings.alike_distance)
    distances = {sha256: 0} | {one.sha256: one.distance for one in alike}
    others = queries.namings(session, distances, item, MOST_NAMINGS)
    apart = timedelta(minutes=settings.seen_minutes)
    found = rules.found(new, others, distances, apart)
    for seen in found:
        _note(session, seen)
    return found


def _note(session: Session, seen: rules.Seen) -> None:
    """Write it down, unless something nearer was seen before."""
    known = standing(session, seen.item, seen.sha256, frozenset({rules.PHOTO_SEEN}))
    nearest = min([seen.distance, *(one.number for one in known if one.number is not None)])
    note(session, seen.item, seen.sha256, rules.PHOTO_SEEN, nearest)
