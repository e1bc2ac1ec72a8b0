"""What people do with tasks: give (派单), give again (转派), call off (撤销), verify, send back.

What devices do stands in handlers.py, what the feed reports in delivery.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from server.grid.models import Area
from server.grid.queries import home_area, member_devices
from server.grid.scope import Scope
from server.kernel import audit, clock, feed, marks
from server.kernel.database import columns
from server.kernel.geo import to_wgs84
from server.kernel.ids import uuid7
from server.kernel.problems import Problem, invalid
from server.tasks import queries, rules
from server.tasks.journal import Journal, event_row, locked
from server.tasks.models import Task, TaskEvent
from server.tasks.rules import Deed, Standing


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task to be given; `loc` is {"lat", "lon", "datum"}, priority 3 comes first."""

    assignee: str
    title: str
    area: str | None = None
    kind: str = "general"
    text: str = ""
    due: datetime | None = None
    priority: int = 0
    loc: dict[str, Any] | None = None
    subject: str | None = None
    form: str | None = None


def assign(session: Session, scope: Scope, new: NewTask) -> str:
    """Give a task in the name of `scope.member`; its id. Without `area`: the assignee's home area.

    `reference_unknown` for an assignee without a post today or an unknown area; `forbidden` outside
    the scope; `due_past`.
    """
    _check_assignee(session, scope, new.assignee)
    if new.due is not None and new.due <= clock.now():
        raise invalid("due", "due_past")
    area = new.area or home_area(session, new.assignee, scope.day)
    scope.check_area(session, area)
    if area is None or session.get(Area, area) is None:
        raise invalid("area", "reference_unknown")
    return assign_many(session, scope.member, [replace(new, area=area)])[0]


def _check_assignee(session: Session, scope: Scope, assignee: str) -> None:
    if not queries.holds_post(session, assignee, scope.day):
        raise invalid("assignee", "reference_unknown")
    scope.check_member(session, assignee)


def assign_many(session: Session, actor: str, tasks: Sequence[NewTask]) -> list[str]:
    """Give many tasks with a few statements; their ids, in order.

    The caller has made sure that each has an `area`, and an assignee who may be given it.
    """
    now = clock.now()
    standings = [Standing(uuid7(), new.assignee, events=1) for new in tasks]
    rows = [
        _row(new, standing) | {"created_by": actor, "created_at": now, "updated_at": now}
        for new, standing in zip(tasks, standings, strict=True)
    ]
    deed = Deed(actor, "assign", now)
    session.execute(insert(Task), rows)
    session.execute(insert(TaskEvent), [event_row(None, task, deed) for task in standings])
    for task in standings:
        audit.note(session, actor, "task.assign", task.id, assignee=task.assignee)
    feed.publish(session, [feed.Change(t.assignee, "task", t.id, t.version) for t in standings])
    marks.touch(session, "task", [new.area for new in tasks])
    return [task.id for task in standings]


def _row(new: NewTask, standing: Standing) -> dict[str, Any]:
    row = columns(new) | columns(standing) | {"flags": list(standing.flags)}
    loc = row.pop("loc")
    lat, lon = to_wgs84(loc["lat"], loc["lon"], loc["datum"]) if loc else (None, None)
    return row | {"lat": lat, "lon": lon}


@dataclass(frozen=True, slots=True)
class Change:
    """Who asks for a change of which task, having seen which version of it, and why."""

    scope: Scope
    task: str
    version: int
    reason: str | None = None


def reassign(session: Session, change: Change, assignee: str, mode: str) -> None:
    """Give the task to `assignee`; `hard` waits for the old device, if there is one, or a lease.

    Besides what all changes raise: `forbidden`, `reference_unknown` and `assignee_same`.
    """
    journal = _open(session, change, "reassign")
    task = journal.tasks[change.task]
    _check_assignee(session, change.scope, assignee)
    if assignee == (task.pending_assignee or task.assignee):
        raise invalid("assignee", "assignee_same")
    if mode == rules.HARD and member_devices(session, task.assignee):
        after = rules.promised(task, assignee, clock.now())
    else:
        after = rules.given(task, assignee)
    _close(session, journal, change, "reassign", after, assignee=assignee, mode=mode)


def cancel(session: Session, change: Change) -> None:
    """Call the task off; it leaves the worker's device."""
    _move(session, change, "cancel")


def verify(session: Session, change: Change) -> None:
    """Judge what was done to be right."""
    _move(session, change, "verify")


def send_back(session: Session, change: Change) -> None:
    """Return what was done to the worker, who goes on with it."""
    _move(session, change, "return")


def _move(session: Session, change: Change, act: str) -> None:
    journal = _open(session, change, act)
    _close(session, journal, change, act, rules.judged(journal.tasks[change.task], act))


def _open(session: Session, change: Change, act: str) -> Journal:
    """The journal of the locked task; `not_found` out of reach, `version_old`, `state_illegal`."""
    if not queries.reached(session, change.scope, change.task):
        raise Problem("not_found")
    journal = Journal(locked(session, [change.task]))
    task = journal.tasks[change.task]
    if task.version != change.version:
        raise Problem("version_old")
    if not rules.may(task, act):
        raise Problem("state_illegal")
    return journal


def _close(
    session: Session, journal: Journal, change: Change, act: str, after: Standing, **detail: Any
) -> None:
    actor = change.scope.member
    journal.enter(after, Deed(actor, act, clock.now(), change.reason))
    journal.write(session)
    audit.note(session, actor, f"task.{act}", change.task, version=after.version, **detail)
