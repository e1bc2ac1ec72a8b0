"""What is read of shifts."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.grid.queries import below
from server.grid.scope import Scope
from server.patrol.models import Shift


def listed(session: Session, scope: Scope, args: dict[str, Any]) -> Sequence[Shift]:
    """Up to `limit` + 1 shifts within reach, by id; `args` are those of ShiftArgs.

    A shift belongs to the moment of its start, or of its end while the start is missing.
    """
    at = func.coalesce(Shift.started_at, Shift.ended_at)
    statement = select(Shift).where(scope.covers(Shift.area))
    if args["member"] is not None:
        statement = statement.where(Shift.member == args["member"])
    if args["area"] is not None:
        statement = statement.where(Shift.area.in_(below(args["area"])))
    if args["from_"] is not None:
        statement = statement.where(at >= args["from_"])
    if args["to"] is not None:
        statement = statement.where(at < args["to"])
    if args["after"] is not None:
        statement = statement.where(Shift.id > args["after"])
    return session.scalars(statement.order_by(Shift.id).limit(args["limit"] + 1)).all()
