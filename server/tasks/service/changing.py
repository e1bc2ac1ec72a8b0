"""What one person does to one task: give again (转派), call off (撤销), verify, return, suspend."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from server.grid.queries import member_devices
from server.grid.scope import Scope
from server.kernel import audit, clock
from server.kernel.problems import Problem, invalid
from server.tasks import clock as limits
from server.tasks import governing, queries, rules, stand_ins
from server.tasks.journal import Journal, locked
from server.tasks.service.giving import check_assignee
from server.tasks.standing import Deed, Standing


@dataclass(frozen=True, slots=True)
class Change:
    """Who asks for a change of which task, having seen which version of it, and why."""

    scope: Scope
    task: str
    version: int
    reason: str | None = None


def reassign(session: Session, change: Change, assignee: str, mode: str) -> None:
    """Give the task to `assignee`; `hard` waits for the old device, if there is one, or a lease.

    Besides what all changes raise: `forbidden`, `reference_unknown` and `assignee_same`.
    """
    journal = open_task(session, change, "reassign")
    task = journal.tasks[change.task]
    assignee = check_new_assignee(session, change, task, assignee)
    if mode == rules.HARD and member_devices(session, task.assignee):
        after = rules.promised(task, assignee, clock.now())
    else:
        after = given_anew(session, task, assignee)
    close_task(session, journal, change, "reassign", after, assignee=assignee, mode=mode)


def check_new_assignee(session: Session, change: Change, task: Standing, assignee: str) -> str:
    """Who gets the task: `assignee`, or who stands in for it.

    `forbidden`, `reference_unknown`; `assignee_same` for who has the task or is to get it.
    """
    check_assignee(session, change.scope, assignee)
    taker = stand_ins.of(session, assignee, task.terms.area, clock.now())
    if taker == (task.pending_assignee or task.assignee):
        raise invalid("assignee", "assignee_same")
    return taker


def given_anew(session: Session, task: Standing, assignee: str) -> Standing:
    """The task in the hands of `assignee`, whose acceptance is waited for from now."""
    now = clock.now()
    return governing.of(session, task, now).handed_on(rules.given(task, assignee), now)


def cancel(session: Session, change: Change) -> None:
    """Call the task off; it leaves the worker's device."""
    _move(session, change, "cancel")


def verify(session: Session, change: Change) -> None:
    """Judge what was done to be right."""
    _move(session, change, "verify")


def send_back(session: Session, change: Change, marks: Sequence[Mapping[str, Any]] = ()) -> None:
    """Return what was done to the worker, who goes on with it; `marks` are points to be mended.

    Each is {"point", "text"}. The clock goes on as if nothing had been done.
    """
    journal = open_task(session, change, "return")
    back = rules.judged(journal.tasks[change.task], "return", clock.now())
    detail = {"marks": list(marks)} if marks else {}
    enter(session, journal, change, "return", replace(back, marks=tuple(marks)), detail)


def suspend(session: Session, change: Change) -> None:
    """Stop the task's clock (挂起); the worker may go on, and `complete` ends the suspension."""
    journal = open_task(session, change, "suspend")
    now = clock.now()
    after = rules.judged(journal.tasks[change.task], "suspend", now)
    close_task(session, journal, change, "suspend", limits.suspended(after, now))


def resume(session: Session, change: Change) -> None:
    """Let the clock run again with what was left of its time."""
    journal = open_task(session, change, "resume")
    task, now = journal.tasks[change.task], clock.now()
    worktime = governing.of(session, task, now).worktime
    after = limits.resumed(rules.judged(task, "resume", now), worktime, now)
    enter(session, journal, change, "resume", after, {"due": limits.move_of(task, after)})


def _move(session: Session, change: Change, act: str) -> None:
    journal = open_task(session, change, act)
    after = rules.judged(journal.tasks[change.task], act, clock.now())
    close_task(session, journal, change, act, after)


def open_task(session: Session, change: Change, act: str) -> Journal:
    """The journal of the locked task; `not_found` out of reach, `version_old`, `state_illegal`."""
    if not queries.reached(session, change.scope, change.task):
        raise Problem("not_found")
    journal = Journal(locked(session, [change.task]))
    task = journal.tasks[change.task]
    if task.version != change.version:
        raise Problem("version_old")
    if not rules.may(task, act):
        raise Problem("state_illegal")
    return journal


def close_task(
    session: Session, journal: Journal, change: Change, act: str, after: Standing, **noted: Any
) -> None:
    """Write the change down; `noted` goes into the audit trail."""
    enter(session, journal, change, act, after, {}, **noted)


def enter(
    session: Session,
    journal: Journal,
    change: Change,
    act: str,
    after: Standing,
    detail: dict[str, Any],
    **noted: Any,
) -> None:
    """The same, with the `detail` of the event."""
    actor = change.scope.member
    journal.enter(after, Deed(actor, act, clock.now(), change.reason, detail=detail))
    journal.write(session)
    audit.note(session, actor, f"task.{act}", change.task, version=after.version, **noted)
