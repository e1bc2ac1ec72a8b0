"""What the tests of tasks begin with: tasks given, actions taken, feeds and tasks looked at."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.grid.models import AreaStamp
from server.grid.scope import scope_of, today
from server.items.handling import Incoming, Outcome
from server.kernel import clock, feed
from server.kernel.audit import AuditEntry
from server.kernel.database import reading, writing
from server.kernel.ids import uuid7
from server.kernel.problems import Problem
from server.regime import service as regime
from server.regime.service import Installation
from server.tasks import queries, rules, service
from server.tasks.handlers import handle_actions
from server.tasks.models import Task
from server.tasks.schemas import TASK_DETAIL
from server.tasks.service import Change, NewTask
from tests import factories
from tests.factories import Street
from tests.tasks.packs import TEXT


def task(street: Street, worker: int = 0, **fields: Any) -> str:
    """A task given by the supervisor to `street.workers[worker]`; its id."""
    new = NewTask(street.workers[worker], "检查消防通道", street.grids[worker], **fields)
    with writing() as session:
        return service.assign_many(session, street.supervisor, [new])[0]


def ruled(street: Street) -> None:
    """The pack of tests/tasks/packs.py holds in the street since long ago."""
    wanted = Installation(TEXT, date(2026, 1, 1), street.street, past=True)
    with writing() as session:
        session.add(AreaStamp(id=1, stamp=uuid7()))
        regime.install(session, street.admin, date(2026, 1, 1), wanted)


def change(
    street: Street, task_id: str, reason: str | None = None, by: str | None = None
) -> Change:
    """The supervisor's wish (or that of `by`) to change the task, having just read it."""
    with reading() as session:
        scope = scope_of(session, by or street.supervisor, today("Asia/Shanghai", clock.now()))
    return Change(scope, task_id, shown(street, task_id)["version"], reason)


def reassigned(street: Street, task_id: str, worker: int, mode: str = rules.SOFT) -> None:
    """The supervisor gives the task to `street.workers[worker]`."""
    wish = change(street, task_id)
    with writing() as session:
        service.reassign(session, wish, street.workers[worker], mode)


def changed(act: Callable[..., None], street: Street, task_id: str, *more: Any) -> None:
    """The supervisor does `act` to the task."""
    wish = change(street, task_id, "按规定")
    with writing() as session:
        act(session, wish, *more)


def action(member: str, task_id: str, name: str, assignment: int = 1, **given: Any) -> Incoming:
    """An action as the handler gets it."""
    body = {"task": task_id, "assignment": assignment, "base_version": 1, "action": name}
    named = ("reason", "until", "to", "evidence")
    body |= {name: given.pop(name) for name in named if name in given}
    return factories.incoming("task_action", member, body, **given)


def handled(*items: Incoming) -> list[Outcome]:
    """What became of the items in one transaction."""
    with writing() as session:
        return handle_actions(session, items)


def steps(member: str, task_id: str, names: Sequence[str], assignment: int = 1) -> list[str]:
    """The statuses of a chain of actions in one batch."""
    return [o.status for o in handled(*(action(member, task_id, n, assignment) for n in names))]


def shown(street: Street, task_id: str) -> dict[str, Any]:
    """The task as the admin sees it."""
    with reading() as session:
        scope = scope_of(session, street.admin, today("Asia/Shanghai", clock.now()))
        return TASK_DETAIL.dump(queries.shown(session, scope, task_id))


def on_feed(member: str) -> list[dict[str, Any]]:
    """Everything on the member's feed."""
    with reading() as session:
        return feed.page(session, member, 0, 100)


def acknowledged(member: str, install: str, upto: int, after: int = 0) -> None:
    """The device has taken its feed up to a number."""
    with writing() as session:
        changes = feed.between(session, member, after, upto)
        feed.acknowledged(session, member, install, changes)


def unknown_task() -> str:
    return uuid7()


def row(task_id: str) -> Task:
    with reading() as session:
        found = session.get(Task, task_id)
        assert found is not None
        session.expunge(found)
        return found


def audited(actor: str) -> list[tuple[str, str]]:
    """(act, object) of all that the member did."""
    with reading() as session:
        rows = select(AuditEntry.act, AuditEntry.object).where(AuditEntry.actor == actor)
        return [(row.act, row.object) for row in session.execute(rows.order_by(AuditEntry.no))]


def refused(act: Callable[[Session, Change], None], wish: Change) -> str:
    """The code with which the change is refused."""
    with pytest.raises(Problem) as raised, writing() as session:
        act(session, wish)
    return raised.value.code
