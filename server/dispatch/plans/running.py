"""Running plans: what is due becomes a push, and the run is written down with it.

The plan is locked, the run has a unique key (plan, at), and run, push and `upto` are one
transaction: two workers run nothing twice, and whoever is killed leaves neither hole nor double.
"""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
import structlog
from sqlalchemy.orm import Session

from server.config import Settings
from server.dispatch.plans import queries, rules
from server.dispatch.plans.models import Plan, PlanRun
from server.dispatch.plans.rules import Run
from server.dispatch.pushes import service as pushes
from server.dispatch.pushes.models import Push
from server.dispatch.pushes.orders import Order
from server.dispatch.pushes.service import Ordered
from server.grid.roles import ADMIN, SUPERVISOR
from server.grid.scope import Holding, Scope, today
from server.kernel import lots, marks
from server.kernel.database import reading
from server.kernel.problems import Problem
from server.packs.definition import Rhythm
from server.packs.rhythm import occurrences
from server.regime.service import workdays

log = structlog.get_logger()


def run_due(settings: Settings, now: datetime) -> int:
    """Run every plan that is due, each in a transaction of its own; how many tasks were planned.

    A plan that breaks is logged and stops no other.
    """
    with reading() as session:
        running = queries.running(session)
        due = [plan.id for plan in running if _may_be_due(session, settings, plan, now)]
    return lots.each_alone("plans", due, lambda s, plan: run(s, settings, plan, now))


def _may_be_due(session: Session, settings: Settings, plan: Plan, now: datetime) -> bool:
    try:
        return bool(due_at(session, settings, plan, now))
    except Exception:
        return True  # It breaks again when it is run, alone.


def run(session: Session, settings: Settings, id_: str, now: datetime) -> int:
    """Run the plan for what is due at `now`; how many tasks were planned."""
    plan = queries.to_run(session, id_)
    due = due_at(session, settings, plan, now) if plan else []
    if plan is None or not due:
        return 0
    made = [_run(session, settings, plan, one, now) for one in rules.runs(due, plan.missed, now)]
    plan.upto = due[-1]
    marks.touch(session, "plan", [plan.area])
    return sum(made)


def due_at(session: Session, settings: Settings, plan: Plan, now: datetime) -> list[datetime]:
    """The occurrences of the plan that are due at `now` and were not yet dealt with."""
    return occurring(session, settings, plan, plan.upto, now)


def occurring(
    session: Session, settings: Settings, plan: Plan, after: datetime, upto: datetime
) -> list[datetime]:
    """The occurrences of the plan in (`after`, `upto`]."""
    rhythm = msgspec.convert(plan.rhythm, Rhythm)
    return occurrences(rhythm, after, upto, workdays(session), ZoneInfo(settings.timezone))


def _run(session: Session, settings: Settings, plan: Plan, run_: Run, now: datetime) -> int:
    push, problem = _pushed(session, settings, plan, now)
    total = push.total if push else 0
    session.add(
        PlanRun(
            plan=plan.id,
            at=run_.at,
            made_at=now,
            stands_for=run_.stands_for,
            push=push and push.id,
            tasks=total,
            problem=problem,
        )
    )
    session.flush()
    return total


def _pushed(
    session: Session, settings: Settings, plan: Plan, now: datetime
) -> tuple[Push | None, str | None]:
    """The push, or the code of the reason why there can be none now."""
    try:
        _check_listed(plan)
        return pushes.plan(session, ordered(settings, plan, now)), None
    except Problem as problem:
        log.warning("plan_gives_nothing", plan=plan.id, code=problem.code)
        return None, problem.code


def by_hand(
    session: Session, settings: Settings, plan: Plan, now: datetime, confirmed: int | None
) -> PlanRun:
    """One run more, at `now`; the occurrences of the rhythm come all the same.

    A Problem, and no run, if it would give nothing; `confirm_needed` above the number that was
    confirmed for the plan.
    """
    _check_listed(plan)
    order = ordered(settings, plan, now)
    confirmed = confirmed or plan.confirmed
    push = pushes.plan(session, replace(order, order=replace(order.order, confirmed=confirmed)))
    made = PlanRun(plan=plan.id, at=now, made_at=now, stands_for=0, push=push.id, tasks=push.total)
    session.add(made)
    session.flush()
    return made


def _check_listed(plan: Plan) -> None:
    """`nobody_reached` while nobody has listed the subjects."""
    if rules.waits_for_subjects(plan.target):
        raise Problem("nobody_reached")


def number(session: Session, settings: Settings, plan: Plan, now: datetime) -> int:
    """How many tasks a run of the plan would make; a Problem if none."""
    _check_listed(plan)
    return len(pushes.look(session, ordered(settings, plan, now)).recipients.given)


def ordered(settings: Settings, plan: Plan, now: datetime) -> Ordered:
    """What the plan orders, with a reach of its own area and no more."""
    holding = Holding(ADMIN, None) if plan.area is None else Holding(SUPERVISOR, plan.area)
    scope = Scope(plan.created_by, today(settings.timezone, now), (holding,))
    target = rules.within(pushes.target_of(plan.target), plan.area)
    order = Order(target, plan.template, plan.task, plan.confirmed, plan.pack, plan.id)
    return Ordered(scope, order, max(settings.push_ask, plan.confirmed or 0))
