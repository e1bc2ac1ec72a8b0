"""What is read of tasks."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from server.grid.listing import Asked, Listing
from server.grid.models import Device, Post
from server.grid.roles import STAFF
from server.grid.scope import Scope, in_force
from server.kernel import clock
from server.kernel.feed import Inbox
from server.kernel.prepared import Prepared
from server.kernel.statements import among
from server.tasks import lights
from server.tasks.clock import Light
from server.tasks.models import Task, TaskEvent
from server.tasks.rules import LATE_WORK
from server.tasks.settling import LateWork

# Staff see the tasks of their areas, everybody their own.
SHOWN = Listing(Task, Task.area, Task.assignee, own=True)


def listed(session: Session, scope: Scope, args: dict[str, Any]) -> Sequence[Task]:
    """Up to `limit` + 1 tasks that the member may see, by id; `args` are those of TaskArgs."""
    return SHOWN.page(session, scope.limited_to(STAFF), asked(args, clock.now()))


def asked(args: dict[str, Any], now: datetime) -> Asked:
    """What the arguments ask for at `now`."""
    narrowed = [] if args["state"] is None else [Task.state == args["state"]]
    found = Asked.of(args, narrowed, "assignee")
    if args["light"] is None:
        return found
    light = Light(args["light"])
    narrowed.append(lights.condition(light, now))
    # Most of an old list has none: it is walked like the list. What is open is little of it, and
    # only area by area an index knows it alone.
    return replace(found, by_area=light is not Light.NONE)


def shown(session: Session, scope: Scope, task: str) -> Task | None:
    """The task if the member may see it."""
    visible = SHOWN.visible(scope.limited_to(STAFF))
    return session.scalars(select(Task).where(Task.id == task, visible)).first()


def reached(session: Session, scope: Scope, task: str) -> bool:
    """Whether the task lies in the areas of `scope`."""
    statement = select(Task.id).where(Task.id == task, scope.covers(Task.area))
    return session.execute(statement).first() is not None


def holds_post(session: Session, member: str, day: date) -> bool:
    """Whether the member holds any post on `day`."""
    statement = select(Post.id).where(Post.member == member, in_force(day))
    return session.execute(statement).first() is not None


def holders(
    session: Session, tasks: Collection[str], members: Collection[str]
) -> set[tuple[str, str]]:
    """Every pair (task, member) of these in which the member holds the task or once held it."""
    statement = (
        select(TaskEvent.task, TaskEvent.assignee)
        .where(TaskEvent.task.in_(tasks), TaskEvent.assignee.in_(members))
        .distinct()
    )
    return {(row.task, row.assignee) for row in session.execute(statement)}


def late_work(session: Session, task: str, item: str | None) -> LateWork | None:
    """The completion kept as evidence that `item` told of, else the last one."""
    wanted = true() if item is None else TaskEvent.item == item
    statement = (
        select(TaskEvent.actor, TaskEvent.at, TaskEvent.item, TaskEvent.flags)
        .where(TaskEvent.task == task, TaskEvent.action == "complete", wanted)
        .order_by(TaskEvent.no.desc())
    )
    rows = [row for row in session.execute(statement) if not LATE_WORK.isdisjoint(row.flags)]
    return LateWork(rows[0].actor, rows[0].at, rows[0].item) if rows else None


def unaware(session: Session, member: str, install: str, tasks: Iterable[str]) -> set[str]:
    """Those of the tasks whose last change another live device of the member has not yet seen."""
    statement = (
        select(Inbox.object)
        .join(Device, Device.member == Inbox.member)
        .where(
            Inbox.member == member,
            Inbox.object.in_(set(tasks)),
            Device.state != "revoked",
            Device.install != install,
            Device.cursor < Inbox.seq,
        )
    )
    return set(session.scalars(statement))


def leases_ended(session: Session, after: Any, now: datetime, limit: int) -> Sequence[Any]:
    """Tasks (id, of: area) after such a row, whose hard reassignment has waited long enough."""
    rows = select(Task.id, Task.area.label("of"))
    rows = rows.where(Task.pending_assignee.is_not(None), Task.lease_until <= now)
    if after is not None:
        rows = rows.where(Task.id > after.id)
    return session.execute(rows.order_by(Task.id).limit(limit)).all()


_NAMED = Prepared(select(Task.__table__).where(among(Task.__table__.c.id, "ids")))


def owned(session: Session, member: str, ids: Collection[str]) -> Sequence[Any]:
    """The rows of those of the tasks that are the member's."""
    # Asked for the assignee as well, PostgreSQL may walk all of its tasks along the whole list.
    return [row for row in _NAMED.all(session, ids=ids) if row.assignee == member]
