"""Planning a push: whom it reaches is written down once, with the id of each task.

From then on nothing is decided any more; driving.py works it off.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from server.dispatch.pushes import queries, rules
from server.dispatch.pushes.models import Push, PushTarget
from server.dispatch.pushes.orders import Making, Order
from server.dispatch.pushes.reaching import reached
from server.dispatch.pushes.rules import Given, Subject, Target
from server.grid.scope import Scope
from server.kernel import audit, clock, marks, queue
from server.kernel.ids import uuid7
from server.kernel.problems import Problem, invalid
from server.kernel.statements import Insertion
from server.tasks.clock import wrong_due

PUSH = "push"
"""The kind of job that works off a push."""
_TARGETS = Insertion(PushTarget)


@dataclass(frozen=True, slots=True)
class Ordered:
    """Who orders, what, and above how many tasks the number is asked for."""

    scope: Scope
    order: Order
    ask_above: int


def look(session: Session, ordered: Ordered) -> Making:
    """Whom the order would reach now; nothing is written.

    `due_past`, `due_far`; `nobody_reached` or `template_unknown` if nobody would get a task;
    `forbidden` and `reference_unknown` for targets out of reach and unknown ones.
    """
    now = clock.now()
    due = ordered.order.fields.get("due")
    wrong = "" if due is None else wrong_due(due, now)
    if wrong:
        raise invalid("due", wrong)
    return reached(session, ordered.scope, ordered.order, now)


def plan(session: Session, ordered: Ordered, at: datetime | None = None) -> Push:
    """Write the push down, to be worked off by the worker not before `at`.

    Besides what `look` raises `confirm_needed` with the number, before anything is written.
    """
    making = look(session, ordered)
    total = len(making.recipients.given)
    rules.check_number(total, ordered.ask_above, ordered.order.confirmed)
    push = _push(ordered, making)
    session.add(push)
    session.flush()
    _TARGETS.write(session, _rows(push.id, making))
    queue.put(session, PUSH, push.id, at=at)
    marks.touch(session, "push", rules.lies_in(push, making.recipients.given))
    audit.note(session, push.created_by, "push.plan", push.id, tasks=total, plan=push.plan)
    return push


def _push(ordered: Ordered, making: Making) -> Push:
    given, left_out = making.recipients.given, making.recipients.left_out
    areas = {one.area for one in given} | {one.area for one in left_out if one.area}
    return Push(
        id=uuid7(),
        area=ordered.order.target.area or (areas.pop() if len(areas) == 1 else None),
        target=told(ordered.order.target),
        template=ordered.order.template,
        title=making.kinds[0]["title"],
        kinds=msgspec.to_builtins(making.kinds),
        left_out=[rules.told(one) for one in left_out],
        total=len(given),
        done=0,
        plan=ordered.order.plan,
        created_by=ordered.scope.member,
        created_at=clock.now(),
    )


def told(target: Target) -> dict[str, Any]:
    """The target as a push shows it: of a list of subjects their number."""
    named = said(target)
    return named | {"subjects": len(target.subjects)} if target.subjects else named


def said(target: Target) -> dict[str, Any]:
    """The target as a plan keeps it."""
    named: dict[str, Any] = msgspec.to_builtins(target)
    return {name: value for name, value in named.items() if value}


def target_of(said_: dict[str, Any]) -> Target:
    """The target that `said` was made of."""
    subjects = tuple(Subject(**one) for one in said_.get("subjects", ()))
    return Target(**said_ | {"subjects": subjects})


def _rows(push: str, making: Making) -> list[dict[str, Any]]:
    return [
        _row(push, no, one, making.kind_of[one.area])
        for no, one in enumerate(making.recipients.given, 1)
    ]


def _row(push: str, no: int, one: Given, kind: int) -> dict[str, Any]:
    return {
        "push": push,
        "no": no,
        "task": uuid7(),
        "assignee": one.assignee,
        "area": one.area,
        "subject": one.subject,
        "kind": kind,
        "done": False,
    }


def shown(session: Session, scope: Scope, push: str) -> Push:
    """The push; `not_found` unless one made it or reaches where it lies."""
    found = queries.shown(session, scope, push)
    if found is None:
        raise Problem("not_found")
    return found
