"""What workers name as evidence of a task done (佐证), and when it is judged.

A device hands in its steps before its reports and photos: evidence that is not there yet is waited
for, and the task is done until it came, or until it was waited for long enough.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select
from sqlalchemy.orm import Session

from server.http.fields import parse_instant
from server.items.models import Item
from server.kernel import clock
from server.kernel.prepared import Prepared
from server.kernel.statements import among
from server.tasks import demands, rules
from server.tasks.demands import Evidence, Mark, Spot
from server.tasks.journal import Journal, locked
from server.tasks.models import Task, TaskEvent, TaskEvidence
from server.tasks.standing import DONE, SERVER, Deed, Standing

_item, _waiting = Item.__table__.c, TaskEvidence.__table__.c
_NAMED = Prepared(
    select(_item.id, _item.member, _item.raw, _item.lat, _item.lon, _item.flags).where(
        among(_item.id, "ids"), _item.status == "accepted"
    )
)
_AWAITED = Prepared(select(_waiting.task).where(among(_waiting.item, "ids")))
AT_A_TIME = 200


@dataclass(frozen=True, slots=True)
class Completion:
    """Who completed a task, and the items that show it: the completing one and those it names."""

    member: str
    items: tuple[str, ...]


def completion(member: str, item: str, body: Mapping[str, Any]) -> Completion:
    """By the body of the completing item."""
    return Completion(member, tuple(dict.fromkeys((item, *(body.get("evidence") or ())))))


def gathered(session: Session, ids: Iterable[str]) -> dict[str, Evidence]:
    """By id, what those of the items show that are there."""
    return {row.id: _shown(row) for row in _NAMED.all(session, ids=set(ids))}


def _shown(row: Any) -> Evidence:
    said = json.loads(row.raw)
    body, loc = said["body"], said.get("loc") or {}
    kind = said["kind"]
    return Evidence(
        member=row.member,
        photos=frozenset((f["sha256"], str(f.get("role"))) for f in said.get("media") or ()),
        form=body["form"] if kind == "form" else None,
        checklist=body.get("checklist") if kind == "visit" else None,
        started=_instant(body, "started") if kind == "visit" else None,
        ended=_ended(said) if kind == "visit" else None,
        lat=row.lat,
        lon=row.lon,
        acc=loc.get("acc"),
        mock="mock_location" in row.flags,
    )


def _ended(said: Mapping[str, Any]) -> datetime | None:
    """When a visit ended; not after the moment at which it was told."""
    ended = _instant(said["body"], "ended")
    return ended and min(ended, parse_instant(said["at"]))


def _instant(body: Mapping[str, Any], name: str) -> datetime | None:
    return parse_instant(body[name]) if body.get(name) else None


def lacking(task: Standing, done: Completion, known: Mapping[str, Evidence]) -> list[Mark]:
    """What is missing by what is there; only the worker's own items count."""
    shown = [known[item] for item in done.items if item in known]
    own = [evidence for evidence in shown if evidence.member == done.member]
    return demands.missing(task.terms.demands, own, Spot(task.terms.lat, task.terms.lon))


def wait_for(session: Session, awaited: Mapping[str, Collection[str]]) -> None:
    """Have the tasks, {task: items}, judged when these items have come."""
    now = clock.now()
    rows = [
        {"item": item, "task": task, "since": now}
        for task, items in sorted(awaited.items())
        for item in sorted(items)
    ]
    if rows:
        tasks = set(awaited)
        session.execute(delete(TaskEvidence).where(TaskEvidence.task.in_(tasks)))
        session.execute(insert(TaskEvidence), rows)


def received(session: Session, items: Sequence[str]) -> None:
    """These items came: judge the tasks for which they were the last. A listener of `received`."""
    wanted = awaiting(session, items)
    if not wanted:
        return
    tasks = locked(session, wanted)
    of_tasks = TaskEvidence.task.in_(wanted)
    session.execute(delete(TaskEvidence).where(of_tasks, TaskEvidence.item.in_(items)))
    for waiting in session.scalars(select(TaskEvidence.task).where(of_tasks).distinct()):
        del tasks[waiting]
    _judge(session, tasks)


def awaiting(session: Session, items: Collection[str]) -> set[str]:
    """The tasks that wait for one of these items."""
    return {row.task for row in _AWAITED.all(session, ids=items)} if items else set()


def waited_for(session: Session, after: Any, before: datetime) -> Sequence[Any]:
    """Some tasks (id, of: area) after such a row, whose evidence is waited for since `before`."""
    old = select(TaskEvidence.task).where(TaskEvidence.since <= before)
    rows = select(Task.id, Task.area.label("of")).where(Task.id.in_(old))
    if after is not None:
        rows = rows.where(Task.id > after.id)
    return session.execute(rows.order_by(Task.id).limit(AT_A_TIME)).all()


def end_waiting(session: Session, ids: Sequence[str], before: datetime) -> int:
    """Judge those of the tasks whose evidence was waited for since `before`; how many."""
    tasks, is_old = locked(session, ids), TaskEvidence.since <= before
    # Another completion may wait for others since.
    ended = delete(TaskEvidence).where(is_old, TaskEvidence.task.in_(tasks))
    waited = set(session.scalars(ended.returning(TaskEvidence.task)))
    _judge(session, {id_: task for id_, task in tasks.items() if id_ in waited})
    return len(waited)


def _judge(session: Session, tasks: dict[str, Standing]) -> None:
    journal, now = Journal(tasks), clock.now()
    pending = [t for t in journal.tasks.values() if rules.EVIDENCE_PENDING in t.flags]
    completions = _completions(session, [task.id for task in pending])
    known = gathered(session, {item for done in completions.values() for item in done.items})
    for task in pending:
        done = completions.get(task.id, Completion(task.assignee, ()))
        marks = lacking(task, done, known)
        enter_verdict(journal, task, marks, now)
    journal.write(session)


def _completions(session: Session, tasks: Collection[str]) -> dict[str, Completion]:
    """By task, its last completion."""
    steps = (
        select(TaskEvent.task, TaskEvent.actor, Item.id, Item.raw)
        .join(Item, Item.id == TaskEvent.item)
        .where(TaskEvent.task.in_(tasks), _completed())
        .order_by(TaskEvent.no)
    )
    rows = session.execute(steps).all()
    return {row.task: completion(row.actor, row.id, json.loads(row.raw)["body"]) for row in rows}


def _completed() -> ColumnElement[bool]:
    return (TaskEvent.action == "complete") & (TaskEvent.to_state == DONE)


def enter_verdict(journal: Journal, task: Standing, marks: Sequence[Mark], at: datetime) -> None:
    """Return the task with what is missing, or take it as done if nothing is."""
    if marks:
        back = rules.moved(task, rules.RETURNED, at)
        lacks = rules.flagged(back, (rules.INCOMPLETE,), (rules.EVIDENCE_PENDING,))
        deed = Deed(SERVER, "return", at, detail={"marks": list(marks)})
        journal.enter(replace(lacks, marks=tuple(marks)), deed)
    else:
        shown = rules.flagged(task, (), (rules.EVIDENCE_PENDING,))
        journal.enter(replace(shown, version=task.version + 1), Deed(SERVER, "evidence", at))
