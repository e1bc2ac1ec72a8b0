"""What people do with recurring plans: make, change, stop and take them away."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from server.config import Settings
from server.dispatch.plans import queries, rules, running
from server.dispatch.plans.models import Plan, PlanRun
from server.dispatch.plans.running import ordered
from server.dispatch.pushes import service as pushes
from server.dispatch.pushes.rules import check_number
from server.grid.scope import Scope
from server.kernel import audit, clock, marks
from server.kernel.ids import uuid7
from server.kernel.problems import Problem


def create(session: Session, settings: Settings, scope: Scope, data: dict[str, Any]) -> Plan:
    """A new plan; what is due before now is not made up.

    `rhythm_invalid`; `forbidden` out of reach; what `pushes.service.look` raises; `confirm_needed`
    if a run of it would give that many tasks.
    """
    scope.check_area(session, data["area"])
    now, confirmed = clock.now(), data.pop("confirm")
    plan = Plan(
        id=uuid7(),
        **_kept(data, scope),
        active=True,
        upto=now,
        version=1,
        created_by=scope.member,
        created_at=now,
        updated_at=now,
    )
    _check_number(session, settings, plan, confirmed)
    session.add(plan)
    session.flush()
    marks.touch(session, "plan", [plan.area])
    audit.note(session, scope.member, "plan.create", plan.id, name=plan.name)
    return plan


def _kept(data: dict[str, Any], scope: Scope) -> dict[str, Any]:
    """The fields as the table keeps them; a rhythm begins to count on the day it is made."""
    kept = dict(data)
    if "rhythm" in kept:
        rules.check_rhythm(kept["rhythm"])
        rhythm: dict[str, Any] = msgspec.to_builtins(kept["rhythm"])
        kept["rhythm"] = rhythm | {"from_day": rhythm["from_day"] or scope.day.isoformat()}
    if "target" in kept:
        kept["target"] = pushes.said(kept["target"])
    return kept


def _check_number(session: Session, settings: Settings, plan: Plan, confirmed: int | None) -> None:
    """Look whom a run would reach now, and have a large number confirmed."""
    making = pushes.look(session, ordered(settings, plan, clock.now()))
    total = len(making.recipients.given)
    asked_above = max(settings.push_ask, plan.confirmed or 0)
    check_number(total, asked_above, confirmed)
    plan.confirmed = confirmed or plan.confirmed


@dataclass(frozen=True, slots=True)
class Change:
    """Who asks for a change of which plan, having seen which version of it."""

    scope: Scope
    plan: str
    version: int


def change(session: Session, settings: Settings, wish: Change, changes: dict[str, Any]) -> Plan:
    """Change some of a plan; what came due while it was stopped is not made up.

    `not_found`, `version_old`; `state_illegal` for what stands in the pack; see `create`.
    """
    plan = _own(session, wish)
    rules.check_change(plan.key, plan.target, changes)
    begins = "rhythm" in changes or (changes.get("active", False) and not plan.active)
    confirmed = changes.pop("confirm", None)
    with session.no_autoflush:
        for name, value in _kept(changes, wish.scope).items():
            setattr(plan, name, value)
        rules.check_says_what(plan.template, plan.task)
        if plan.active and not rules.waits_for_subjects(plan.target):
            _check_number(session, settings, plan, confirmed)
    if begins:
        plan.upto = clock.now()
    _save(session, wish.scope, plan, "plan.change")
    return plan


def end(session: Session, wish: Change) -> None:
    """Take the plan away; its runs are kept. `state_illegal` for one of a pack: stop that."""
    plan = _own(session, wish)
    if plan.key is not None:
        raise Problem("state_illegal")
    plan.ended_at = clock.now()
    _save(session, wish.scope, plan, "plan.end")


def _own(session: Session, wish: Change) -> Plan:
    """The plan, locked; `not_found` out of reach, `version_old`."""
    plan = queries.reached(session, wish.scope, wish.plan)
    if plan is None:
        raise Problem("not_found")
    if plan.version != wish.version:
        raise Problem("version_old")
    return plan


def _save(session: Session, scope: Scope, plan: Plan, act: str) -> None:
    plan.version += 1
    plan.updated_at = clock.now()
    session.flush()
    marks.touch(session, "plan", [plan.area])
    audit.note(session, scope.member, act, plan.id, version=plan.version)


def shown(session: Session, scope: Scope, id_: str) -> Plan:
    """The plan; `not_found` out of reach."""
    plan = queries.shown(session, scope, id_)
    if plan is None:
        raise Problem("not_found")
    return plan


def run(
    session: Session, settings: Settings, scope: Scope, id_: str, confirmed: int | None
) -> PlanRun:
    """Run the plan once more, now, even if it is stopped.

    `not_found` out of reach; see `running.by_hand`.
    """
    plan = queries.reached(session, scope, id_)
    if plan is None:
        raise Problem("not_found")
    made = running.by_hand(session, settings, plan, clock.now(), confirmed)
    audit.note(session, scope.member, "plan.run", plan.id, tasks=made.tasks)
    return made


def ahead(session: Session, settings: Settings, plan: Plan, days: int) -> dict[str, Any]:
    """When the plan runs in the next days, how many tasks a run would give now, or why none."""
    now = clock.now()
    upto = now + timedelta(days=days)
    results = running.occurring(session, settings, plan, now, upto) if plan.active else []
    try:
        tasks, problem = running.number(session, settings, plan, now), None
    except Problem as reason:
        tasks, problem = 0, reason.code
    return {"results": results, "tasks": tasks, "problem": problem}
