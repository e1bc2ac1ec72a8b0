"""What the tests of shifts begin with: marks of a worker, items, the shift as it stands."""

from datetime import UTC, datetime, timedelta
from typing import Any

from server.items.handling import Incoming
from server.items.models import Item
from server.kernel import feed
from server.kernel.database import reading, writing
from server.patrol.models import Shift
from server.patrol.schemas import SHIFT
from tests import factories

MORNING = datetime(2026, 11, 22, 0, tzinfo=UTC)
EVENING = MORNING + timedelta(hours=9)


def start(member: str, shift: str, at: datetime = MORNING, **given: Any) -> Incoming:
    """A sign-in."""
    body = {"shift": shift, "plan": [{"what": "走访", "count": 3}]}
    return factories.incoming("shift_start", member, body, estimated=at, **given)


def end(member: str, shift: str, at: datetime = EVENING, **given: Any) -> Incoming:
    """A sign-out."""
    body = {"shift": shift, "results": [{"what": "走访", "done": 2}]}
    return factories.incoming("shift_end", member, body, estimated=at, **given)


def kept(item: Incoming) -> None:
    """The item as intake keeps it while it is held."""
    with writing() as session:
        session.add(
            Item(
                id=item.id,
                install=item.install,
                member=item.member,
                seq=item.seq,
                kind=item.kind,
                schema=1,
                sha256=item.sha256,
                content=item.sha256,
                at=item.at.isoformat(),
                estimated=item.estimated,
                clock="raw",
                received_at=item.received_at,
                status="accepted",
                flags=["held"],
                held=True,
                raw=item.raw,
            )
        )


def item(id_: str) -> Item:
    """The item as it stands."""
    with reading() as session:
        found = session.get_one(Item, id_)
        session.expunge(found)
        return found


def shift(id_: str) -> dict[str, Any]:
    """The shift as it stands."""
    with reading() as session:
        return SHIFT.dump(session.get_one(Shift, id_))


def later_verdicts(member: str) -> list[tuple[str, int]]:
    """(item, version) of the later verdicts on the member's feed."""
    with reading() as session:
        rows = feed.page(session, member, 0, 100)
    return [(row["id"], row["version"]) for row in rows if row["kind"] == "item"]
