"""Writing shifts, each set of them with one statement."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.items.handling import Incoming
from server.items.models import Item
from server.items.service import later_verdict
from server.kernel import feed
from server.kernel.database import columns, insert
from server.patrol import rules
from server.patrol.models import Shift
from server.patrol.rules import Standing

COLUMNS = (
    Shift.id,
    Shift.member,
    Shift.install,
    Shift.area,
    Shift.start_item,
    Shift.end_item,
    Shift.started_at,
    Shift.ended_at,
    Shift.plan,
    Shift.results,
)


def claim(session: Session, items: Sequence[Incoming]) -> dict[str, Standing]:
    """The shifts that the items name, locked; an unknown one now belongs to its first item.

    Two exchanges that bring start and end at once wait for each other here.
    """
    new = {item.body["shift"]: item for item in reversed(items)}
    rows = [_row(Standing(id_, new[id_].member, new[id_].install)) for id_ in sorted(new)]
    session.execute(insert(session, Shift).on_conflict_do_nothing(index_elements=["id"]), rows)
    statement = select(*COLUMNS).where(Shift.id.in_(new)).order_by(Shift.id).with_for_update()
    return {row.id: Standing(**row._mapping) for row in session.execute(statement)}


def write(session: Session, shifts: Sequence[Standing]) -> None:
    """Write how the shifts stand now."""
    if shifts:
        session.execute(update(Shift), [_row(shift) for shift in shifts])


def _row(shift: Standing) -> dict[str, Any]:
    return columns(shift) | {"state": rules.state_of(shift), "flags": rules.flags_of(shift)}


def release_ends(session: Session, shifts: Sequence[Standing]) -> None:
    """The ends of these shifts wait no longer; whoever sent them gets the new verdict."""
    ends = [shift.end_item for shift in shifts if shift.end_item is not None]
    if not ends:
        return
    released = (
        update(Item)
        .where(Item.id.in_(ends), Item.held)
        .values(held=False, version=Item.version + 1)
        .returning(Item.member, Item.id, Item.version)
    )
    feed.publish(session, [later_verdict(*item) for item in session.execute(released)])
