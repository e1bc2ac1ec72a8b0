"""The one way in which a task changes: its new standing, its event, and who is told.

A transaction collects its changes in a `Journal` and writes them with one UPDATE and one INSERT.
"""

from collections.abc import Collection, Iterable
from dataclasses import fields, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.kernel import clock, events, feed, marks
from server.kernel.database import columns
from server.kernel.prepared import Prepared
from server.kernel.statements import Alteration, Insertion, among
from server.tasks.models import Task, TaskEvent
from server.tasks.rules import shown_to
from server.tasks.standing import RETURNED, Deed, Standing, Terms

_task = Task.__table__.c
_TERMS = [field.name for field in fields(Terms)]
_NAMES = [field.name for field in fields(Standing) if field.name != "terms"]
_LOCK = Prepared(
    select(*(_task[name] for name in (*_NAMES, *_TERMS)))
    .where(among(_task.id, "ids"))
    .order_by(_task.id)
    .with_for_update()
)
_LOCK_ALONE = Prepared(
    select(_task.id).where(among(_task.id, "ids")).order_by(_task.id).with_for_update()
)
_WRITE = Alteration(Task, "id", [*_NAMES[1:], "updated_at"])
_EVENTS = Insertion(TaskEvent)
_GIVING = frozenset({"reassign", "transfer", "hand_over"})
# What a person gave to another; who takes over or is gone up to is told so by the duty room.


def locked(session: Session, ids: Iterable[str]) -> dict[str, Standing]:
    """The tasks of these ids that exist, locked in sorted order in one statement."""
    return {row.id: _standing(row) for row in _LOCK.all(session, ids=set(ids))}


def lock(session: Session, ids: Iterable[str]) -> None:
    """The same, unread: for whoever reads them later, some now and some then."""
    wanted = set(ids)
    if wanted:
        _LOCK_ALONE.all(session, ids=wanted)


def _standing(row: Any) -> Standing:
    known = row._asdict()
    terms = Terms(**{name: known.pop(name) for name in _TERMS})
    known |= {"flags": tuple(row.flags), "marks": tuple(row.marks)}
    return Standing(**known, terms=terms)


class Journal:
    """What a transaction does to the tasks it has locked; `tasks` holds how they stand by now."""

    def __init__(self, tasks: dict[str, Standing]) -> None:
        self.tasks = tasks
        self._events: list[dict[str, Any]] = []
        self._told: dict[tuple[str, str], None] = {}

    def enter(self, after: Standing, deed: Deed, flags: Collection[str] = ()) -> None:
        """Note that `deed` led to `after`; owner before and owner after are told."""
        before = self.tasks[after.id]
        self.tell(after.id, before.assignee)
        self.tell(after.id, after.assignee)
        self.enter_quietly(after, deed, flags)

    def enter_quietly(self, after: Standing, deed: Deed, flags: Collection[str] = ()) -> None:
        """Note it without telling anybody."""
        before = self.tasks[after.id]
        counted = replace(after, events=before.events + 1)
        self._events.append(event_row(before, counted, deed, flags))
        self.tasks[after.id] = counted

    def tell(self, task: str, member: str) -> None:
        """Put the task, as it will stand, on the feed of `member` once more."""
        self._told[task, member] = None

    def write(self, session: Session) -> None:
        """Write what was noted: one UPDATE, one INSERT, the feed."""
        if self._events:
            changed = {event["task"] for event in self._events}
            _WRITE.write(session, [self._row(task) for task in sorted(changed)])
            marks.touch(session, "task", [self.tasks[task].terms.area for task in changed])
            _EVENTS.write(session, self._events)
            self._announce(session)
        feed.publish(session, [self._change(task, member) for task, member in self._told])

    def _announce(self, session: Session) -> None:
        """Say which tasks were given and not only promised, and which stand returned."""
        given = [task for task in self._after(_GIVING) if task.pending_assignee is None]
        returned = [task for task in self._after({"return"}) if task.state == RETURNED]
        if given:
            events.tell(session, events.TASKS_GIVEN, given)
        if returned:
            events.tell(session, events.TASKS_RETURNED, returned)

    def _after(self, acts: Collection[str]) -> list[Standing]:
        ids = dict.fromkeys(event["task"] for event in self._events if event["action"] in acts)
        return [self.tasks[task] for task in ids]

    def _row(self, task: str) -> dict[str, Any]:
        return row_of(self.tasks[task]) | {"updated_at": clock.now()}

    def _change(self, task: str, member: str) -> feed.Change:
        standing = self.tasks[task]
        op, reason = shown_to(standing, member)
        return feed.Change(member, "task", task, standing.version, op, reason)


def row_of(task: Standing) -> dict[str, Any]:
    """The columns of a task that change in its life."""
    row = {name: getattr(task, name) for name in _NAMES}
    return row | {"flags": list(task.flags), "marks": list(task.marks)}


def event_row(
    before: Standing | None, after: Standing, deed: Deed, flags: Collection[str] = ()
) -> dict[str, Any]:
    """The row of the event that led from `before` (None: the task is new) to `after`."""
    return columns(deed) | {
        "task": after.id,
        "no": after.events,
        "from_state": before.state if before else None,
        "to_state": after.state,
        "assignment": after.assignment,
        "assignee": after.assignee,
        "flags": list(flags),
    }
