"""What is read of reports."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.cases.models import Report
from server.cases.rules import DUPLICATE
from server.grid.queries import below
from server.grid.scope import Scope


def listed(session: Session, scope: Scope, args: dict[str, Any]) -> Sequence[Report]:
    """Up to `limit` + 1 reports within reach, by id, without duplicates; `args`: ReportArgs."""
    statement = select(Report).where(scope.covers(Report.area), Report.state != DUPLICATE)
    for name in ("category", "member"):
        if args[name] is not None:
            statement = statement.where(getattr(Report, name) == args[name])
    if args["area"] is not None:
        statement = statement.where(Report.area.in_(below(args["area"])))
    if args["from_"] is not None:
        statement = statement.where(Report.at >= args["from_"])
    if args["to"] is not None:
        statement = statement.where(Report.at < args["to"])
    if args["after"] is not None:
        statement = statement.where(Report.id > args["after"])
    return session.scalars(statement.order_by(Report.id).limit(args["limit"] + 1)).all()


def shown(session: Session, scope: Scope, report: str) -> Report | None:
    """The report, a duplicate too, if it lies within reach."""
    statement = select(Report).where(Report.id == report, scope.covers(Report.area))
    return session.scalars(statement).first()
