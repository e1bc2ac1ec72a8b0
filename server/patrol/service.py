"""Writing shifts, each set of them with one statement."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.items.handling import Incoming
from server.items.models import Item
from server.items.service import later_verdict
from server.kernel import feed, marks
from server.kernel.database import columns
from server.kernel.prepared import Prepared
from server.kernel.statements import Alteration, Insertion, among
from server.patrol import rules
from server.patrol.models import Shift
from server.patrol.rules import Standing

_shift, _item = Shift.__table__.c, Item.__table__.c
_CLAIM = Insertion(Shift, lambda insert: insert.on_conflict_do_nothing(index_elements=["id"]))
_LOCK = Prepared(
    select(*(_shift[name.name] for name in fields(Standing)))
    .where(among(_shift.id, "ids"))
    .order_by(_shift.id)
    .with_for_update()
)
_WRITE = Alteration(Shift, "id", [column.name for column in _shift if column is not _shift.id])
_RELEASE = Prepared(
    update(Item.__table__)
    .where(among(_item.id, "ids"), _item.held)
    .values(held=False, version=_item.version + 1)
    .returning(_item.member, _item.id, _item.version)
)


def claim(session: Session, items: Sequence[Incoming]) -> dict[str, Standing]:
    """The shifts that the items name, locked; an unknown one now belongs to its first item.

    Two exchanges that bring start and end at once wait for each other here.
    """
    new = {item.body["shift"]: item for item in reversed(items)}
    rows = [_row(Standing(id_, new[id_].member, new[id_].install)) for id_ in sorted(new)]
    _CLAIM.write(session, rows)
    return {row.id: Standing(*row) for row in _LOCK.all(session, ids=new)}


def write(session: Session, shifts: Sequence[Standing]) -> None:
    """Write how the shifts stand now."""
    _WRITE.write(session, [_row(shift) for shift in shifts])
    marks.touch(session, "shift", [shift.area for shift in shifts])


def _row(shift: Standing) -> dict[str, Any]:
    return columns(shift) | {"state": rules.state_of(shift), "flags": rules.flags_of(shift)}


def release_ends(session: Session, shifts: Sequence[Standing]) -> None:
    """The ends that these shifts had wait no longer; whoever sent them gets the new verdict."""
    ends = [shift.end_item for shift in shifts if shift.end_item is not None]
    if not ends:
        return
    released = _RELEASE.all(session, ids=ends)
    feed.publish(session, [later_verdict(*item) for item in released])
