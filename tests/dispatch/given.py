"""What the tests of pushes and plans begin with: orders, pushes worked off, what came of them."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from flask import current_app
from sqlalchemy import func, select

from server.config import Settings
from server.dispatch.pushes import driving, service
from server.dispatch.pushes.models import Push, PushTarget
from server.dispatch.pushes.orders import Order
from server.dispatch.pushes.rules import Target
from server.dispatch.pushes.service import Ordered
from server.grid.scope import Scope, scope_of, today
from server.kernel import clock
from server.kernel.database import reading, writing
from server.tasks.models import Task, TaskEvent
from tests.factories import Street

MONDAY = datetime(2026, 11, 23, 1, tzinfo=UTC)
"""09:00 in Shanghai."""


def settings() -> Settings:
    given: Settings = current_app.extensions["gewu_settings"]
    return given


def scope(member: str) -> Scope:
    """What the member reaches today."""
    with reading() as session:
        return scope_of(session, member, today("Asia/Shanghai", clock.now()))


def ordered(member: str, target: Target, ask_above: int = 20_000, **given: Any) -> Ordered:
    """An order of the member; a task `检查消防通道` unless a template is named."""
    if "template" not in given:
        given["fields"] = {"title": "检查消防通道"} | given.get("fields", {})
    return Ordered(scope(member), Order(target, **given), ask_above)


def push(street: Street, target: Target, **given: Any) -> str:
    """A push of the supervisor's, planned; its id."""
    order = ordered(street.supervisor, target, **given)
    with writing() as session:
        return service.plan(session, order).id


def drive(push_id: str, most: int = 500) -> None:
    """Work the push off."""
    while advance(push_id, most):
        pass


def advance(push_id: str, most: int = 500) -> int:
    with writing() as session:
        return driving.advance(session, push_id, most)


def row(push_id: str) -> Push:
    with reading() as session:
        found = session.get_one(Push, push_id)
        session.expunge(found)
        return found


def tasks(push_id: str) -> list[Task]:
    """The tasks of the push that were given, by id."""
    with reading() as session:
        found = session.scalars(select(Task).where(Task.push == push_id).order_by(Task.id)).all()
        session.expunge_all()
        return list(found)


def assignees(push_id: str) -> Counter[str]:
    return Counter(task.assignee for task in tasks(push_id))


def check_each_once(push_id: str) -> None:
    """Every planned task is there with one event, and no other."""
    with reading() as session:
        planned = select(PushTarget.task).where(PushTarget.push == push_id)
        planned_ids = sorted(session.scalars(planned))
        events = dict(
            session.execute(
                select(TaskEvent.task, func.count())
                .join(Task, Task.id == TaskEvent.task)
                .where(Task.push == push_id)
                .group_by(TaskEvent.task)
            ).all()
        )
    assert [task.id for task in tasks(push_id)] == planned_ids
    assert events == dict.fromkeys(planned_ids, 1)
    done = row(push_id)
    assert (done.state, done.done, done.total) == ("done", len(planned_ids), len(planned_ids))
