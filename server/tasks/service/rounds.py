"""What is done to many tasks at once: for absences, escalations, and lights that turned."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from server.kernel import audit, clock
from server.tasks import governing, rules
from server.tasks.journal import Journal, locked
from server.tasks.standing import Deed, Standing


def hand_over(
    session: Session, actor: str, new_owners: Mapping[str, str], act: str, reason: str | None = None
) -> list[str]:
    """Give tasks softly to new owners, {task: assignee}; the ids of those that changed hands.

    Left out is what is done or called off by now, and what its new owner has already. The caller
    has made sure that each may be given the task. `act` names the event and the audit entry.
    """
    journal, now = Journal(locked(session, new_owners)), clock.now()
    moving = [task for task in journal.tasks.values() if _moves(task, new_owners[task.id])]
    governed = governing.of_tasks(session, moving, now)
    for task in moving:
        after = rules.given(task, new_owners[task.id])
        journal.enter(governed[task.id].handed_on(after, now), Deed(actor, act, now, reason))
        audit.note(session, actor, f"task.{act}", task.id, assignee=after.assignee)
    journal.write(session)
    return [task.id for task in moving]


def _moves(task: Standing, assignee: str) -> bool:
    return rules.may(task, "reassign") and assignee != task.assignee


@dataclass(frozen=True, slots=True)
class Escalation:
    """A task goes up to the level `to` (升级), next at `escalate_at` (None: it is at the top).

    With an `assignee` it changes hands as well, without one it stays where it is. `detail` is what
    the event says besides.
    """

    task: str
    to: str
    escalate_at: datetime | None = None
    assignee: str | None = None
    flags: tuple[str, ...] = ()
    detail: Mapping[str, Any] = field(default_factory=dict)


def escalated(
    session: Session, actor: str, steps: Sequence[Escalation], reason: str | None = None
) -> list[str]:
    """Take tasks a step up; the ids of those that went: still not accepted, not suspended."""
    journal, now = Journal(locked(session, [step.task for step in steps])), clock.now()
    gone = []
    for step in steps:
        task = journal.tasks.get(step.task)
        if task is not None and rules.goes_up(task):
            deed = Deed(actor, "escalate", now, reason, detail={**step.detail, "to": step.to})
            journal.enter(_up(task, step), deed, step.flags)
            gone.append(task.id)
    journal.write(session)
    return gone


def _up(task: Standing, step: Escalation) -> Standing:
    if step.assignee is not None and step.assignee != task.assignee:
        after = rules.given(task, step.assignee)
    else:
        after = replace(task, version=task.version + 1)
    after = rules.flagged(after, step.flags)
    return replace(after, escalation=task.escalation + 1, escalate_at=step.escalate_at)


def ask_why(session: Session, actor: str, tasks: Iterable[str]) -> list[str]:
    """Ask the owners of red tasks to explain (红灯说明); the ids of those not asked before."""
    journal, now = Journal(locked(session, tasks)), clock.now()
    asked = [task for task in journal.tasks.values() if rules.is_asked_why(task, now)]
    for task in asked:
        flagged = rules.flagged(task, (rules.EXPLANATION_ASKED,))
        after = replace(flagged, version=task.version + 1)
        journal.enter(after, Deed(actor, "ask_explanation", now))
    journal.write(session)
    return [task.id for task in asked]
