"""Tasks on their way to and from devices: bodies for the feed, delivery, letting go, leases."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from server.kernel import clock
from server.tasks import governing, queries, rules
from server.tasks.journal import Journal, locked
from server.tasks.models import position
from server.tasks.schemas import TASK
from server.tasks.standing import ASSIGNED, SERVER, Deed, Standing

_MOMENTS = ("due", "yellow_at", "suspended_at", "accept_by")
AT_A_TIME = 200
_AS_IT_IS = sorted(TASK.fields.keys() - {*_MOMENTS, "loc", "updated_at"})


def render(session: Session, member: str, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The bodies for the member's feed, by id; only of tasks that are the member's."""
    return {row.id: body(row) for row in queries.owned(session, member, ids)}


def body(task: Any) -> dict[str, Any]:
    """What `TaskSchema` makes of a task, from its row: a first sync has thousands of them."""
    shown = {name: getattr(task, name) for name in _AS_IT_IS}
    for name in _MOMENTS:
        moment = getattr(task, name)
        shown[name] = None if moment is None else clock.iso(moment)
    shown["updated_at"] = clock.iso(task.updated_at)
    shown["loc"] = position(task.lat, task.lon)
    return shown


def delivered(session: Session, member: str, install: str, ids: Sequence[str]) -> None:
    """The device has these tasks: an event for each new one, no version, no inbox row."""
    journal = Journal(locked(session, ids))
    deed = Deed(member, "deliver", clock.now(), install=install)
    for task in list(journal.tasks.values()):
        if task.assignee == member and task.state == ASSIGNED:
            journal.enter_quietly(rules.delivered(task), deed)
    journal.write(session)


def let_go(session: Session, member: str, install: str, ids: Sequence[str]) -> None:
    """The device has taken the removals: what was promised and is on no other device is given."""
    journal = Journal(locked(session, ids))
    promised = [
        task
        for task in journal.tasks.values()
        if task.assignee == member and task.pending_assignee is not None
    ]
    if promised:
        unaware = queries.unaware(session, member, install, [task.id for task in promised])
        free = [task for task in promised if task.id not in unaware]
        _hand_over(session, journal, free, Deed(member, "hand_over", clock.now(), install=install))


def end_leases(session: Session, ids: Sequence[str], now: datetime) -> int:
    """Give those that were promised until `now` to their new owners; how many tasks."""
    journal = Journal(locked(session, ids))
    due = [task for task in journal.tasks.values() if _lease_is_over(task, now)]
    _hand_over(session, journal, due, Deed(SERVER, "hand_over", now))
    return len(due)


def _lease_is_over(task: Standing, now: datetime) -> bool:
    return task.lease_until is not None and task.lease_until <= now


def _hand_over(session: Session, journal: Journal, tasks: Sequence[Standing], deed: Deed) -> None:
    governed = governing.of_tasks(session, tasks, deed.at)
    for task in tasks:
        if task.pending_assignee is not None:
            after = rules.given(task, task.pending_assignee)
            journal.enter(governed[task.id].handed_on(after, deed.at), deed)
    journal.write(session)
