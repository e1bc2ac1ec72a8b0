"""What is read of reports."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from server.cases.models import Report
from server.cases.rules import DUPLICATE
from server.grid.listing import Asked, Listing
from server.grid.scope import Scope

SHOWN = Listing(Report, Report.area, Report.member)


def listed(session: Session, scope: Scope, args: dict[str, Any]) -> Sequence[Report]:
    """Up to `limit` + 1 reports within reach, by id, without duplicates; `args`: ReportArgs."""
    return SHOWN.page(session, scope, Asked.of(args, _narrowed(args)))


def _narrowed(args: dict[str, Any]) -> list[ColumnElement[bool]]:
    given: list[ColumnElement[bool]] = [Report.state != DUPLICATE]
    if args["category"] is not None:
        given.append(Report.category == args["category"])
    if args["from_"] is not None:
        given.append(Report.at >= args["from_"])
    if args["to"] is not None:
        given.append(Report.at < args["to"])
    return given


def shown(session: Session, scope: Scope, report: str) -> Report | None:
    """The report, a duplicate too, if it lies within reach."""
    statement = select(Report).where(Report.id == report, SHOWN.visible(scope))
    return session.scalars(statement).first()
