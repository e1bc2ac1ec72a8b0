"""The plans of the rule packs in force, taken over area by area."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from server.dispatch.plans import queries, rules
from server.dispatch.plans.models import Plan
from server.kernel import marks
from server.kernel.database import insert
from server.kernel.ids import uuid7
from server.packs import definition
from server.packs.definition import Pack
from server.regime import queries as regime_queries
from server.regime.rules import Terms
from server.regime.service import in_force

SERVER = "server"
"""Who gives the tasks of a pack's plans."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A plan of a pack that is in force in `area`, None for the whole deployment."""

    area: str | None
    pack: Pack
    plan: definition.Plan

    @property
    def key(self) -> str:
        return rules.key_of(self.pack.id, self.plan.code, self.area)


def adopt(session: Session, day: date, now: datetime) -> None:
    """Take over the plans of the packs in force on `day`: new ones begin, gone ones end.

    What people set of a plan (`active`, `missed`, subjects) outlives a new version of its pack.
    Plans of a pack whose plans cannot be read any more stay as they are.
    """
    packs = _in_force(session, day)
    every = (Wanted(area, pack, plan) for area, pack in packs for plan in pack.plans)
    wanted = {one.key: one for one in every}
    unread = {(area, pack.id) for area, pack in packs if "plans" in pack.left_out}
    known = queries.by_key(session)
    for key, plan in known.items():
        if key in wanted:
            _renew(session, plan, wanted[key], now)
        elif plan.ended_at is None and (plan.area, plan.pack) not in unread:
            plan.ended_at = plan.updated_at = now
            marks.touch(session, "plan", [plan.area])
    for key in wanted.keys() - known.keys():
        _begin(session, wanted[key], now)


def _in_force(session: Session, day: date) -> list[tuple[str | None, Pack]]:
    terms = regime_queries.terms(session)
    current = Terms(terms, {}).current(day)
    packs = [(one.area, in_force(session, one.area, day)) for one in terms if one.id in current]
    return [(area, pack) for area, pack in packs if pack]


def _facts(one: Wanted) -> dict[str, Any]:
    """What the pack says of the plan."""
    return {
        "name": one.plan.name,
        "area": one.area,
        "pack": one.pack.id,
        "target": rules.target_of(one.plan),
        "template": one.plan.template,
        "rhythm": msgspec.to_builtins(one.plan.rhythm),
    }


def _renew(session: Session, plan: Plan, one: Wanted, now: datetime) -> None:
    facts = _facts(one)
    if rules.waits_for_subjects(facts["target"]) and "subjects" in plan.target:
        facts["target"] = plan.target
    changed = {name for name, value in facts.items() if getattr(plan, name) != value}
    if plan.ended_at is None and not changed:
        return
    if plan.ended_at is not None or "rhythm" in changed:
        plan.upto = now
    for name in changed:
        setattr(plan, name, facts[name])
    plan.ended_at, plan.updated_at, plan.version = None, now, plan.version + 1
    marks.touch(session, "plan", [plan.area])


def _begin(session: Session, one: Wanted, now: datetime) -> None:
    """Unless another worker has just done so."""
    row = _facts(one) | {"id": uuid7(), "key": one.key, "task": {}, "missed": rules.ONCE}
    row |= {"active": True, "upto": now, "version": 1, "created_by": SERVER}
    row |= {"created_at": now, "updated_at": now}
    begun = insert(session, Plan).values(row)
    session.execute(begun.on_conflict_do_nothing(index_elements=["key"]))
    marks.touch(session, "plan", [one.area])
