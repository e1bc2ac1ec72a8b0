"""Tasks that nobody accepts go up (升级): grid, community, street, as the pack in force says."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from server.duty import audience, queries, rising, rules
from server.duty.rising import Ladder, Rise
from server.duty.rules import Ground
from server.duty.service import telling
from server.grid.scope import today
from server.kernel.clock import iso
from server.notices import service as notices
from server.notices.service import NewNotice
from server.packs.definition import EscalationStep, Pack
from server.tasks import governing
from server.tasks import rules as tasks_rules
from server.tasks import service as tasks
from server.tasks.governing import Governed
from server.tasks.journal import locked
from server.tasks.service import Escalation
from server.tasks.standing import SERVER, Standing

AT_A_TIME = 200


def find(session: Session, after: Any, now: datetime) -> Sequence[Any]:
    """Some tasks (id, of: area, at) after such a row, whose time has come."""
    return session.execute(queries.rising(now, AT_A_TIME, after)).all()


def escalate(session: Session, ids: Sequence[str], now: datetime, timezone: str) -> int:
    """Take those of the tasks whose time has come up every step that is due; how many.

    A step is written with its state in one transaction, under the lock of its task: it is taken
    once, or not yet.
    """
    due = _due(session, ids, now)
    if not due:
        return 0
    governed = governing.of_tasks(session, due, now)
    ground = queries.ground(session, {t.terms.area for t in due}, now, today(timezone, now))
    reached = queries.levels_reached(session, due)
    rises = {t.id: _climb(t, governed[t.id], reached.get(t.id), ground, now) for t in due}
    gone = tasks.escalated(session, SERVER, [_step(t, r) for t in rises for r in rises[t]])
    _tell(session, due, rises, governed, ground)
    return len(set(gone))


def _due(session: Session, ids: Iterable[str], now: datetime) -> list[Standing]:
    """Locked, and looked at again: another worker may have been there."""
    return [
        task
        for task in locked(session, ids).values()
        if task.escalate_at and task.escalate_at <= now and tasks_rules.goes_up(task)
    ]


def _climb(
    task: Standing, governed: Governed, reached: str | None, ground: Ground, now: datetime
) -> list[Rise]:
    ladder = Ladder(_steps(governed.pack), governed.worktime.add)
    level = reached or governed.level or ""
    holders = rules.by_level(task.terms.area, ground)
    return rising.climb(ladder, level, task.assignee, task.escalate_at, holders, now)


def _steps(pack: Pack | None) -> Sequence[EscalationStep]:
    """ValueError where they cannot be read: without them the task would be at the top for good."""
    if pack is not None and "escalation" in pack.left_out:
        raise ValueError(f"{pack.ref}: its escalation cannot be read")
    return pack.escalation if pack else ()


def _step(task: str, rise: Rise) -> Escalation:
    flags = () if rise.owner else (tasks_rules.AT_THE_TOP,)
    detail = {"from": rise.level, "due_at": iso(rise.due_at)}
    return Escalation(task, rise.to, rise.next_at, rise.owner, flags, detail)


def _tell(
    session: Session,
    due: Iterable[Standing],
    rises: Mapping[str, list[Rise]],
    governed: Mapping[str, Governed],
    ground: Ground,
) -> None:
    rows = {row.id: row for row in telling.titles(session, rises)}
    told: list[NewNotice] = []
    for task in due:
        pack = governed[task.id].pack
        who = audience.words(audience.ESCALATED, pack.notices if pack else ())
        for rise in rises[task.id]:
            kind = "task_escalated" if rise.owner else "task_at_top"
            owner, area = rise.owner or task.assignee, task.terms.area
            heard = audience.members(who, owner, ground, area)
            told += [telling.about(kind, member, rows[task.id]) for member in heard]
    notices.tell(session, told)
