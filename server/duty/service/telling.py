"""Notices about tasks."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.kernel.clock import iso
from server.kernel.prepared import Prepared
from server.kernel.statements import among
from server.notices import service as notices
from server.notices.service import NewNotice
from server.tasks.models import Task

_task = Task.__table__.c
_TITLES = Prepared(
    select(_task.id, _task.title, _task.due).where(among(_task.id, "ids")).order_by(_task.id)
)


def about(kind: str, member: str, task: Any) -> NewNotice:
    """A notice about a row with the task's `id`, `title` and `due`."""
    args = {"title": task.title, "due": task.due and iso(task.due)}
    return NewNotice(member, kind, "task", task.id, args)


def tell_owners(session: Session, kind: str, owners: Mapping[str, str]) -> None:
    """Tell each owner about its task, {task: member}."""
    notices.tell(session, [about(kind, owners[t.id], t) for t in titles(session, owners)])


def titles(session: Session, tasks: Iterable[str]) -> Iterable[Any]:
    """The rows of which notices are made."""
    return _TITLES.all(session, ids=set(tasks))
