"""Receiving reports (上报)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from server.cases.models import Report
from server.cases.rules import state_of
from server.items.handling import Incoming
from server.kernel.statements import Insertion

_REPORTS = Insertion(Report)


def receive(session: Session, items: Sequence[Incoming]) -> None:
    """Keep the reports with one statement; a second capture is kept as `duplicate`."""
    _REPORTS.write(session, [_row(item) for item in items])


def _row(item: Incoming) -> dict[str, Any]:
    body = item.body
    return {
        "id": item.id,
        "member": item.member,
        "area": item.area,
        "category": body["category"],
        "text": body.get("text"),
        "address": body.get("address"),
        "severity": body.get("severity"),
        "self_fixed": bool(body.get("self_fixed")),
        "lat": item.lat,
        "lon": item.lon,
        "at": item.estimated,
        "state": state_of(item.duplicate_of),
        "duplicate_of": item.duplicate_of,
    }
