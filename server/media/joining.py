"""Where items and the files that they name find each other, in whatever order they came.

An item is complete when its last named file is there. That is told exactly once: on PostgreSQL two
files of one item that finish at the same instant wait for each other on the item's namings.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, bindparam, select, update
from sqlalchemy.orm import Session

from server.kernel import events
from server.kernel.statements import among
from server.media import queries
from server.media.models import Blob, ItemMedia
from server.media.rules import NamesFiles

_named = ItemMedia.__table__.c


class _Arrival:
    """The statements for files that are there now: lock what waits for them, mark it stored."""

    def __init__(self, waits: ColumnElement[bool]) -> None:
        every = ItemMedia.__table__.alias("every")
        waiting = select(_named.item).where(waits, queries.NOT_STORED)
        self.lock = (
            select(every.c.item, every.c.sha256, every.c.stored)
            .where(every.c.item.in_(waiting))
            .order_by(every.c.item, every.c.sha256)
            .with_for_update()
        )
        self.mark = (
            update(ItemMedia.__table__)
            .where(waits, queries.NOT_STORED)
            .values(stored=True)
            .returning(_named.item, _named.sha256)
        )


_OF_ONE = _Arrival(_named.sha256 == bindparam("arrived"))
_OF_ANY = _Arrival(select(Blob.sha256).where(Blob.sha256 == _named.sha256).exists())
_STATES = select(_named.item, _named.stored).where(among(_named.item, "items"))


def announce(session: Session, items: Sequence[NamesFiles]) -> None:
    """Tell what attached items name, and which are complete, once it is certain that they stand."""
    namings = [(item.id, hash_) for item in items for hash_ in _hashes(item)]
    if namings and events.is_heard(events.NAMED):
        events.tell(session, events.NAMED, namings)
    if namings and events.is_heard(events.MEDIA_COMPLETE):
        states = session.execute(_STATES, {"items": sorted({item for item, _ in namings})})
        _tell_complete(session, states)


def _hashes(item: NamesFiles) -> list[str]:
    return sorted({entry["sha256"] for entry in item.media})


def mark_arrived(session: Session, sha256: str) -> None:
    """The file is there: whoever waited for it has it."""
    _mark(session, _OF_ONE, {"arrived": sha256})


def join_arrived(session: Session) -> int:
    """Mark what item and blob missed of each other when both arrived at one instant; how many."""
    return _mark(session, _OF_ANY, {})


def _mark(session: Session, arrival: _Arrival, given: Mapping[str, str]) -> int:
    if not events.is_heard(events.MEDIA_COMPLETE):
        return len(session.execute(arrival.mark, given).all())
    locked = session.execute(arrival.lock, given).all()
    arrived = {tuple(row) for row in session.execute(arrival.mark, given)}
    states = [(row.item, row.stored or (row.item, row.sha256) in arrived) for row in locked]
    _tell_complete(session, states)
    return len(arrived)


def _tell_complete(session: Session, states: Iterable[Any]) -> None:
    """`states` are (item, whether one of its files is there), one for each naming."""
    whole: dict[str, bool] = {}
    for item, stored in states:
        whole[item] = whole.get(item, True) and stored
    complete = sorted(item for item, is_whole in whole.items() if is_whole)
    if complete:
        events.tell(session, events.MEDIA_COMPLETE, complete)
