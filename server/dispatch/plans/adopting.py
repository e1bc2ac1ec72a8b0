"""The plans of the rule packs in force, taken over area by area."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from server.dispatch.plans import queries, rules
from server.dispatch.plans.models import Plan
from server.kernel import lots, marks
from server.kernel.database import insert, reading
from server.kernel.ids import uuid7
from server.packs import definition
from server.packs.definition import Pack
from server.regime import queries as regime_queries
from server.regime.rules import Terms
from server.regime.service import in_force

EVERYWHERE = "*"
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


def adopt(day: date, now: datetime) -> None:
    """Take over the plans of the packs in force on `day`: new ones begin, gone ones end.

    Area by area: one whose plans cannot be taken over keeps no other from it.
    """
    with reading() as session:
        ruled = _ruled(session, day)
        places = {area or EVERYWHERE for area in ruled | queries.adopted_areas(session)}

    def adopt_there(session: Session, place: str) -> int:
        area = None if place == EVERYWHERE else place
        pack = in_force(session, area, day) if area in ruled else None
        _adopt(session, area, pack, now)
        return 1

    lots.each_alone("adopt_plans", sorted(places), adopt_there)


def _ruled(session: Session, day: date) -> set[str | None]:
    """The areas with a pack of their own; None is the whole deployment."""
    terms = regime_queries.terms(session)
    current = Terms(terms, {}).current(day)
    return {term.area for term in terms if term.id in current}


def _adopt(session: Session, area: str | None, pack: Pack | None, now: datetime) -> None:
    """What people set of a plan (`active`, `missed`, subjects) outlives a new version of its pack.

    Plans of a pack whose plans cannot be read any more stay as they are.
    """
    every = [Wanted(area, pack, plan) for plan in pack.plans] if pack else []
    wanted = {one.key: one for one in every}
    unread = pack.id if pack and "plans" in pack.left_out else None
    known = queries.by_key(session, area)
    for key, plan in known.items():
        if key in wanted:
            _renew(session, plan, wanted[key], now)
        elif plan.ended_at is None and plan.pack != unread:
            plan.ended_at = plan.updated_at = now
            marks.touch(session, "plan", [plan.area])
    for key in wanted.keys() - known.keys():
        _begin(session, wanted[key], now)


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
