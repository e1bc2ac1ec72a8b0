"""What is read of shifts."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import Session

from server.grid.listing import Asked, Listing
from server.grid.scope import Scope
from server.patrol.models import Shift

SHOWN = Listing(Shift, Shift.area, Shift.member)


def listed(session: Session, scope: Scope, args: dict[str, Any]) -> Sequence[Shift]:
    """Up to `limit` + 1 shifts within reach, by id; `args` are those of ShiftArgs."""
    return SHOWN.page(session, scope, Asked.of(args, _narrowed(args)))


def _narrowed(args: dict[str, Any]) -> list[ColumnElement[bool]]:
    """A shift belongs to the moment of its start, or of its end while the start is missing."""
    at = func.coalesce(Shift.started_at, Shift.ended_at)
    given: list[ColumnElement[bool]] = []
    if args["from_"] is not None:
        given.append(at >= args["from_"])
    if args["to"] is not None:
        given.append(at < args["to"])
    return given
