"""What is read of recurring plans."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from server.dispatch.plans.models import Plan, PlanRun
from server.grid.queries import below
from server.grid.scope import Scope

LIVE = Plan.ended_at.is_(None)
NEWEST_RUNS = 20


def _visible(scope: Scope) -> ColumnElement[bool]:
    """Plans of areas within reach; those of the whole deployment are everybody's to see."""
    return or_(scope.covers(Plan.area), Plan.area.is_(None))


def listed(session: Session, scope: Scope, args: dict[str, Any]) -> Sequence[Plan]:
    """Up to `limit` + 1 plans that the member may see, by id."""
    seen = select(Plan).where(LIVE, _visible(scope))
    if args["area"] is not None:
        seen = seen.where(Plan.area.in_(below(args["area"])))
    if args["after"] is not None:
        seen = seen.where(Plan.id > args["after"])
    return session.scalars(seen.order_by(Plan.id).limit(args["limit"] + 1)).all()


def shown(session: Session, scope: Scope, plan: str) -> Plan | None:
    """The plan if the member may see it."""
    return session.scalars(select(Plan).where(Plan.id == plan, LIVE, _visible(scope))).first()


def reached(session: Session, scope: Scope, plan: str) -> Plan | None:
    """The plan, locked, if its area lies within reach."""
    within = select(Plan).where(Plan.id == plan, LIVE, scope.covers(Plan.area))
    return session.scalars(within.with_for_update()).first()


def newest_runs(session: Session, plan: str) -> Sequence[PlanRun]:
    """What the plan made last, the newest first."""
    made = select(PlanRun).where(PlanRun.plan == plan).order_by(PlanRun.at.desc())
    return session.scalars(made.limit(NEWEST_RUNS)).all()


def every(session: Session) -> Sequence[Plan]:
    """Every plan that was not taken away, by id."""
    return session.scalars(select(Plan).where(LIVE).order_by(Plan.id)).all()


def running(session: Session) -> Sequence[Plan]:
    """Every plan that runs, by id."""
    return session.scalars(select(Plan).where(LIVE, Plan.active).order_by(Plan.id)).all()


def to_run(session: Session, plan: str) -> Plan | None:
    """The plan as it stands now, locked; None if it runs no more, or another worker is at it."""
    free = select(Plan).where(Plan.id == plan, LIVE, Plan.active)
    locked = free.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    return session.scalars(locked).first()


def by_key(session: Session, area: str | None) -> dict[str, Plan]:
    """The plans of packs in exactly this area, the ended ones too, locked."""
    there = select(Plan).where(Plan.key.is_not(None), Plan.area.is_not_distinct_from(area))
    rows = session.scalars(there.order_by(Plan.id).with_for_update())
    return {str(plan.key): plan for plan in rows}


def adopted_areas(session: Session) -> set[str | None]:
    """The areas in which plans of packs are known that have not ended."""
    known = select(Plan.area).where(Plan.key.is_not(None), LIVE)
    return set(session.scalars(known.distinct()))
