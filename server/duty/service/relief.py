"""Tasks change hands (移交) when their owner is away or has left; none is left without one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from server.duty import queries, rules
from server.duty.rules import Taker
from server.duty.service import telling
from server.grid.scope import today
from server.kernel import queue
from server.notices import service as notices
from server.tasks import rules as tasks_rules
from server.tasks import service as tasks
from server.tasks.journal import Journal, locked
from server.tasks.rules import NO_OWNER_FOUND
from server.tasks.standing import SERVER, Deed

POST_ENDED = "post_ended"
"""The job that hands over what was at hand in a post that ended; its key is the post."""
AT_A_TIME = 200


def give(
    session: Session, takers: Mapping[str, Taker], act: str, kind: str = "task_handed_over"
) -> list[str]:
    """Hand the tasks over, {task: taker}, and tell; the ids of those that changed hands."""
    owners = {task: taker.member for task, taker in takers.items()}
    moved = tasks.hand_over(session, SERVER, owners, act)
    telling.tell_owners(session, kind, {task: owners[task] for task in moved})
    return moved


def posts_ended(session: Session, posts: Sequence[tuple[str, str, str | None]]) -> None:
    """Posts (id, member, area) are live no more: have what was at hand there handed over."""
    payloads = {
        post: {"member": member, "area": area} for post, member, area in posts if area is not None
    }
    queue.put_all(session, POST_ENDED, payloads)


def hand_on(session: Session, member: str, area: str, now: datetime, timezone: str) -> int:
    """Hand over what the member has in `area` and below and reaches no more; how many tasks."""
    day = today(timezone, now)
    rows = queries.out_of_reach(session, member, area, day)
    return _relieve(session, rows, now, timezone)


def find(session: Session, after: Any, now: datetime, timezone: str) -> Sequence[Any]:
    """Some tasks (id, of: area) after such a row, whose owner left."""
    return queries.ownerless(session, after and after.id, today(timezone, now), AT_A_TIME)


def relieve(session: Session, ids: Sequence[str], now: datetime, timezone: str) -> int:
    """Hand over those of the tasks whose owner left; how many."""
    rows = queries.left(session, ids, today(timezone, now))
    return _relieve(session, rows, now, timezone)


def _relieve(session: Session, rows: Sequence[Any], now: datetime, timezone: str) -> int:
    takers = _takers(session, rows, now, timezone)
    moved = give(session, takers, "succeed")
    last_resort = [task for task in moved if takers[task].last_resort]
    stuck = [row.id for row in rows if row.id not in takers and NO_OWNER_FOUND not in row.flags]
    _flag(session, [*last_resort, *stuck], now)
    _tell_admins(session, last_resort, today(timezone, now))
    return len(moved)


def _takers(
    session: Session, rows: Sequence[Any], now: datetime, timezone: str
) -> dict[str, Taker]:
    if not rows:
        return {}
    day, pairs = today(timezone, now), {(row.assignee, row.area) for row in rows}
    offices = queries.offices(session, pairs, day)
    ground = queries.ground(session, {area for _, area in pairs}, now, day)
    found = {
        row.id: Taker(row.pending_assignee)
        if row.pending_assignee
        else rules.successor(row.assignee, offices.get((row.assignee, row.area)), row.area, ground)
        for row in rows
    }
    return {task: taker for task, taker in found.items() if taker}


def _flag(session: Session, ids: Collection[str], now: datetime) -> None:
    """Mark the tasks for which nobody was found."""
    journal = Journal(locked(session, ids))
    for task in list(journal.tasks.values()):
        flagged = tasks_rules.flagged(task, (NO_OWNER_FOUND,))
        deed = Deed(SERVER, NO_OWNER_FOUND, now)
        journal.enter(replace(flagged, version=task.version + 1), deed, (NO_OWNER_FOUND,))
    journal.write(session)


def _tell_admins(session: Session, ids: Collection[str], day: Any) -> None:
    if not ids:
        return
    admins = queries.admins(session, day)
    rows = telling.titles(session, ids)
    notices.tell(
        session, [telling.about("task_no_owner", admin, row) for row in rows for admin in admins]
    )
