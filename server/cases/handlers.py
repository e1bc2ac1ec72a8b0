"""What workers found: items of the kind `report`."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from server.cases import service
from server.items.handling import ACCEPTED, Incoming, Outcome


def handle_reports(session: Session, items: Sequence[Incoming]) -> list[Outcome]:
    """Every report is received."""
    service.receive(session, items)
    return [ACCEPTED] * len(items)
