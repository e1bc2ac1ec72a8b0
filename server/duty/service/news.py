"""Who is told that a task was given (派单) or returned (退回), where the pack in force says so."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from server.duty import audience, queries
from server.duty.rules import Ground
from server.duty.service.telling import about, titles
from server.kernel import clock
from server.kernel.prepared import Prepared
from server.notices import service as notices
from server.notices.service import NewNotice
from server.tasks import governing
from server.tasks.governing import Governed
from server.tasks.models import Task
from server.tasks.standing import Standing

_task = Task.__table__.c
_PUSHED = Prepared(
    select(_task.id, _task.title, _task.due, _task.assignee, _task.area)
    .where(_task.push == bindparam("push"))
    .order_by(_task.id)
)


def given(session: Session, tasks: Sequence[Standing]) -> None:
    """These tasks were given. A listener of `tasks_given`."""
    _tell(session, audience.ASSIGN, tasks)


def returned(session: Session, tasks: Sequence[Standing]) -> None:
    """These tasks came back to their workers. A listener of `tasks_returned`."""
    _tell(session, audience.RETURNED, tasks)


def _tell(session: Session, on: str, tasks: Sequence[Standing]) -> None:
    """However many they are, with the same few statements; with none where nobody is named."""
    who = _words(on, governing.of_tasks(session, tasks, clock.now()))
    heard = {task.id: task for task in tasks if who[task.id]}
    if not heard:
        return
    ground = _ground(session, {task.terms.area for task in heard.values()})
    told = [
        about(f"task_{on}", member, row)
        for row in titles(session, heard)
        for member in _hearers(who[row.id], heard[row.id], ground)
    ]
    notices.tell(session, told)


def _words(on: str, governed: Mapping[str, Governed]) -> dict[str, tuple[str, ...]]:
    """By the same key, to whom the pack in force has it told."""
    return {
        key: audience.words(on, one.pack.notices if one.pack else ())
        for key, one in governed.items()
    }


def _ground(session: Session, areas: Iterable[str]) -> Ground:
    now = clock.now()
    return queries.ground(session, areas, now, governing.day_of(now))


def _hearers(who: Iterable[str], task: Standing, ground: Ground) -> list[str]:
    return audience.members(who, task.assignee, ground, task.terms.area)


def pushed(session: Session, push: str, title: str) -> None:
    """All tasks of the push are given: who is to hear of several hears of it once, with their
    number, and of a single task as of any other."""
    rows = _PUSHED.all(session, push=push)
    areas = {row.area for row in rows}
    who = _words(audience.ASSIGN, governing.in_areas(session, areas, clock.now()))
    if not any(who.values()):
        return
    ground = _ground(session, areas)
    heard: dict[str, list[Any]] = {}
    for row in rows:
        for member in audience.members(who[row.area], row.assignee, ground, row.area):
            heard.setdefault(member, []).append(row)
    notices.tell(session, [_of_push(push, title, member, heard[member]) for member in heard])


def _of_push(push: str, title: str, member: str, tasks: Sequence[Any]) -> NewNotice:
    if len(tasks) == 1:
        return about(f"task_{audience.ASSIGN}", member, tasks[0])
    args = {"title": title, "count": len(tasks)}
    return NewNotice(member, f"push_{audience.ASSIGN}", "push", push, args)
