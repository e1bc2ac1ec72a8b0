"""Has photos looked at and stamped: puts the jobs, and writes down what they made.

    photo.look    key: hash            reads a photo that arrived, makes its copies
    photo.join    key: item:hash       holds it against an item that names it, stamps it for it

Photo and item come in any order: the look puts a join for every item that names the photo by then,
a naming puts one for the photo that is there. Two that miss each other in the same instant are
found later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from server.config import Settings
from server.kernel import queue
from server.media import copies
from server.media.copies import NewCopy
from server.media.reading import PhotoFacts
from server.media.rules import IMAGES
from server.photos.copies import queries
from server.photos.copies.rules import join_key
from server.photos.likeness import service as likeness
from server.photos.witness import service as witness

LOOK, JOIN = "photo.look", "photo.join"
MOST_TRIES = 3
MISSED_AFTER = timedelta(minutes=10)
MISSED_AT_A_TIME = 5000


def stored(session: Session, sha256: str, type_: str) -> None:
    """A file was handed in: have it looked at, if it is a picture."""
    if type_ in IMAGES:
        queue.put(session, LOOK, sha256, most_tries=MOST_TRIES)


def named(session: Session, namings: Sequence[tuple[str, str]]) -> None:
    """Items name files as (item, hash): have those stamped that are there."""
    there = queries.pictures(session, {sha256 for _, sha256 in namings})
    _put_joins(session, [(item, sha256) for item, sha256 in namings if sha256 in there])


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of a look: what the photo says, its copies, its sketch, or why there are none."""

    facts: PhotoFacts | None = None
    copies: Sequence[NewCopy] = ()
    sketch: bytes | None = None
    problem: str | None = None


def looked(session: Session, sha256: str, look: Looked) -> None:
    """The photo was looked at: write down what came of it, and join it to the items naming it."""
    if look.facts is not None:
        witness.keep(session, sha256, look.facts)
    copies.write(session, sha256, look.copies)
    if look.sketch is not None:
        likeness.remember(session, sha256, look.sketch)
    if look.problem is not None:
        copies.write_problem(session, sha256, look.problem)
    _put_joins(session, [(item, sha256) for item in queries.items_naming(session, sha256)])


def joined(session: Session, item: str, sha256: str, settings: Settings) -> None:
    """Photo and item are both there: compare them, and look whether the photo was seen before."""
    witness.compare(session, item, sha256)
    likeness.join(session, item, sha256, settings)


class Missed(NamedTuple):
    """Photos to be looked at, and (item, hash) to be joined, for which nobody put a job."""

    looks: Sequence[str]
    joins: Sequence[tuple[str, str]]


def missed(session: Session, now: datetime) -> Missed:
    """Photos older than the queue, and what missed each other; it takes a while and only reads."""
    before = now - MISSED_AFTER
    unlooked = queries.unlooked(session, before, MISSED_AT_A_TIME)
    unstamped = queries.unstamped(session, before, MISSED_AT_A_TIME)
    return Missed(unlooked, [(item, sha256) for item, sha256 in unstamped])


def put_missed(session: Session, found: Missed) -> int:
    """Have it done; how many jobs that are."""
    queue.put_all(session, LOOK, dict.fromkeys(found.looks), most_tries=MOST_TRIES)
    _put_joins(session, found.joins)
    return len(found.looks) + len(found.joins)


def _put_joins(session: Session, namings: Sequence[tuple[str, str]]) -> None:
    keys = dict.fromkeys(join_key(item, sha256) for item, sha256 in namings)
    queue.put_all(session, JOIN, keys, most_tries=MOST_TRIES)
