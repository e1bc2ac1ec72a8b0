"""Lines that were answered before: told by their ids and bytes, and not read again.

An item never vanishes, and its first answer never changes, so that it can be looked up before the
transaction. Whoever did not hear an answer hands in the same lines again, all of them: it is enough
to look for the first one to know that a batch is new.
"""

import hashlib
from collections.abc import Sequence

from sqlalchemy.orm import Session

from server.items import queries
from server.items.lines import Line, claimed_id

Numbered = Sequence[tuple[int, bytes]]


def recall(session: Session, numbered: Numbered, item_bytes: int) -> dict[int, Line]:
    """The lines that claimed their ids before, by their number in the request."""
    if not _claimed(session, numbered[:1], item_bytes):
        return {}
    return _claimed(session, numbered, item_bytes)


def _claimed(session: Session, numbered: Numbered, item_bytes: int) -> dict[int, Line]:
    ids = {no: claimed_id(raw, item_bytes) for no, raw in numbered}
    items = queries.known_items(session, [id_ for id_ in ids.values() if id_])
    found = {}
    for no, raw in numbered:
        known, sha256 = items.get(ids[no] or ""), hashlib.sha256(raw).hexdigest()
        if known is not None and known.sha256 == sha256:
            found[no] = Line(no, raw, sha256, ids[no], known.seq, known=known)
    return found
