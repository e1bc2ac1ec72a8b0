"""Acts of the room: read a photo, compare it with an item, write down what was found.

A finding that is new, gone or has another number is a later verdict: the item's version goes up and
its member is told, once for all that changed together.
"""

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from server.items.models import Finding, Item
from server.items.service import later_verdict
from server.kernel import clock, feed, marks
from server.kernel.database import insert
from server.media import reading
from server.media.models import Blob
from server.media.reading import WORDS, PhotoFacts
from server.media.rules import IMAGES
from server.media.stores.base import BlobStore
from server.photos.witness import queries, rules
from server.photos.witness.limits import limits
from server.photos.witness.rules import Found


def read(session: Session, store: BlobStore, sha256: str) -> None:
    """Read the EXIF of a picture into its row; done again it changes nothing.

    Nothing is done without a row or for a file that is no picture. NoSuchBlob. Who has the write
    lock and a store that is far away calls `reading.read` before, and then `keep`.
    """
    blob = session.get(Blob, sha256)
    if blob is not None and blob.type in IMAGES:
        with store.open(sha256) as file:
            keep(session, sha256, reading.read(file))


def keep(session: Session, sha256: str, facts: PhotoFacts) -> None:
    """Write what the photo says into its row, if it has one; words of others on it stay."""
    blob = session.get(Blob, sha256)
    if blob is None:
        return
    for name, value in facts.columns().items():
        setattr(blob, name, value)
    others = [word for word in blob.problems if word not in WORDS]
    blob.problems = [*others, *facts.problems]
    blob.read_at = clock.now()


def compare(session: Session, item: str, sha256: str) -> list[Found]:
    """Hold the photo against the item and write down what is odd; done again it changes nothing.

    Empty too where nothing can be said: see `queries.case`.
    """
    case = queries.case(session, item, sha256)
    if case is None:
        return []
    found = rules.judge(*case, limits())
    _replace(session, item, sha256, rules.FLAGS, found)
    return found


def note(session: Session, item: str, sha256: str, flag: str, number: float | None) -> None:
    """Write down a finding of another room on this photo of the item; the newest number stands."""
    _replace(session, item, sha256, frozenset({flag}), [Found(flag, number)])


def _replace(
    session: Session, item: str, sha256: str, flags: frozenset[str], found: list[Found]
) -> None:
    """`found` is all there is of `flags` on this photo."""
    if not queries.locked(session, item):
        return
    before, after = queries.standing(session, item, sha256, flags), set(found)
    if before == after:
        return
    gone = [old.flag for old in before - after]
    of_photo = (Finding.item == item, Finding.sha256 == sha256)
    session.execute(delete(Finding).where(*of_photo, Finding.flag.in_(gone)))
    rows = [{"item": item, "sha256": sha256, **new._asdict()} for new in after - before]
    if rows:
        session.execute(insert(session, Finding).values(rows))
    _tell(session, item)


def _tell(session: Session, item: str) -> None:
    raised = update(Item).where(Item.id == item).values(version=Item.version + 1)
    row = session.execute(raised.returning(Item.member, Item.id, Item.version, Item.area)).one()
    feed.publish(session, [later_verdict(row.member, row.id, row.version)])
    marks.touch(session, "item", [row.area])
