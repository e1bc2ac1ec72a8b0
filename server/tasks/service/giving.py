"""Giving tasks (派单): checked, put under the rules of their areas, written, told."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from server.grid.models import Area
from server.grid.queries import home_area
from server.grid.scope import Scope
from server.kernel import audit, clock, events, feed, marks
from server.kernel.database import columns
from server.kernel.geo import to_wgs84
from server.kernel.ids import uuid7
from server.kernel.problems import invalid
from server.tasks import governing, queries, stand_ins
from server.tasks.clock import wrong_due
from server.tasks.journal import event_row, row_of
from server.tasks.models import Task, TaskEvent
from server.tasks.standing import Deed, NewTask, Standing, Terms
from server.tasks.templates import filled

_CLOCK = (
    *("due", "limit_number", "limit_unit", "clock_from", "yellow_at"),
    *("accept_by", "escalate_at"),
)


def assign(session: Session, scope: Scope, fields: Mapping[str, Any]) -> str:
    """Give a task in the name of `scope.member`; its id. Without `area`: the assignee's home area.

    `fields` are those of `NewTask`; what they leave out is as the template says, if one is named.
    `reference_unknown` for an assignee without a post today or an unknown area; `forbidden` outside
    the scope; `due_past`, `due_far`; `template_unknown` if the pack in force there has no such.
    """
    check_assignee(session, scope, fields["assignee"])
    due = fields.get("due")
    wrong = "" if due is None else wrong_due(due, clock.now())
    if wrong:
        raise invalid("due", wrong)
    area = fields.get("area") or home_area(session, fields["assignee"], scope.day)
    scope.check_area(session, area)
    if area is None or session.get(Area, area) is None:
        raise invalid("area", "reference_unknown")
    pack = governing.in_areas(session, [area], clock.now())[area].pack
    whole = filled(pack, fields.get("template"), fields)
    if whole is None:
        raise invalid("template", "template_unknown")
    return assign_many(session, scope.member, [NewTask(**whole | {"area": area})])[0]


def check_assignee(session: Session, scope: Scope, assignee: str) -> None:
    """`reference_unknown` without a post today, `forbidden` outside the scope."""
    if not queries.holds_post(session, assignee, scope.day):
        raise invalid("assignee", "reference_unknown")
    scope.check_member(session, assignee)


def assign_many(session: Session, actor: str, tasks: Sequence[NewTask]) -> list[str]:
    """Give many tasks with a few statements; their ids, in order. Their clocks run from now.

    The caller has made sure that each has an `area`, and an assignee who may be given it. What is
    for somebody absent goes to the stand-in.
    """
    now = clock.now()
    asked = [new.assignee for new in tasks]
    tasks = stand_ins.applied(session, tasks, now)
    governed = governing.in_areas(session, [str(new.area) for new in tasks], now)
    tasks = [governed[str(new.area)].started(new, now) for new in tasks]
    standings = [_standing(new) for new in tasks]
    rows = [
        _row(new, standing) | {"created_by": actor, "created_at": now, "updated_at": now}
        for new, standing in zip(tasks, standings, strict=True)
    ]
    session.execute(insert(Task), rows)
    begun = [
        event_row(None, task, _deed(actor, now, task, owner))
        for task, owner in zip(standings, asked, strict=True)
    ]
    session.execute(insert(TaskEvent), begun)
    _note(session, actor, rows)
    feed.publish(session, [feed.Change(t.assignee, "task", t.id, t.version) for t in standings])
    marks.touch(session, "task", [new.area for new in tasks])
    alone = [task for task, new in zip(standings, tasks, strict=True) if new.push is None]
    if alone:
        events.tell(session, events.TASKS_GIVEN, alone)
    return [task.id for task in standings]


def _note(session: Session, actor: str, rows: Sequence[dict[str, Any]]) -> None:
    """One entry a task; what is given in a push is written down as so many tasks of it.

    Which tasks these were is told by their column `push`, and each has its event; an entry for each
    of them would take a good part of the time of a push of ten thousand.
    """
    pushed = Counter(row["push"] for row in rows if row["push"])
    for push, tasks in pushed.items():
        audit.note(session, actor, "push.assign", push, tasks=tasks)
    for row in rows:
        if not row["push"]:
            audit.note(session, actor, "task.assign", row["id"], assignee=row["assignee"])


def _deed(actor: str, now: datetime, task: Standing, asked: str) -> Deed:
    detail = {} if task.assignee == asked else {"instead_of": asked}
    return Deed(actor, "assign", now, detail=detail)


def _standing(new: NewTask) -> Standing:
    clock_ = {name: getattr(new, name) for name in _CLOCK}
    terms = Terms(area=str(new.area))
    return Standing(new.id or uuid7(), new.assignee, events=1, terms=terms, **clock_)


def _row(new: NewTask, standing: Standing) -> dict[str, Any]:
    row = columns(new) | row_of(standing)
    loc = row.pop("loc")
    lat, lon = to_wgs84(loc["lat"], loc["lon"], loc["datum"]) if loc else (None, None)
    return row | {"lat": lat, "lon": lon, "demands": dict(new.demands)}
