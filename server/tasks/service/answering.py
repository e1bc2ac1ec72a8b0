"""What a supervisor answers: requests of the worker, and work that came too late."""

from datetime import datetime

from sqlalchemy.orm import Session

from server.grid.roles import ADMIN
from server.http.fields import parse_instant
from server.kernel import clock
from server.kernel.problems import Problem, invalid
from server.tasks import clock as limits
from server.tasks import governing, queries, requests, rules, settling
from server.tasks.service.changing import (
    Change,
    check_new_assignee,
    close_task,
    enter,
    given_anew,
    open_task,
)
from server.tasks.standing import Standing


def grant(
    session: Session, change: Change, until: datetime | None = None, assignee: str | None = None
) -> None:
    """Grant what the worker asks for: the limit moves to `until`, or the task goes to `assignee`.

    Without them as the worker wished, an extension else as far as the rules allow. Raises what all
    changes raise; for an extension `due_past`, `due_far`, `extension_none`, `extension_beyond`,
    `extensions_used_up`; for a transfer what a reassignment raises.
    """
    journal = open_task(session, change, "extend")
    task = journal.tasks[change.task]
    wish = task.request or {}
    if wish["kind"] == requests.TRANSFER:
        to = assignee or wish.get("to")
        if to is None:
            raise invalid("assignee", "reference_unknown")
        to = check_new_assignee(session, change, task, to)
        after = given_anew(session, task, to)
        close_task(session, journal, change, "transfer", after, assignee=to)
    else:
        end = until or (parse_instant(wish["until"]) if wish.get("until") else None)
        after = _extended(session, change, task, end)
        detail = {"due": limits.move_of(task, after)}
        enter(session, journal, change, "extend", after, detail)


def _extended(session: Session, change: Change, task: Standing, end: datetime | None) -> Standing:
    """The task with its later end; an admin is not bound to what the rules allow."""
    now = clock.now()
    governed = governing.of(session, task, now)
    deadline = governed.deadline_of(task.terms)
    latest = requests.latest_end(task, deadline, governed.worktime)
    end = end or latest
    if task.due is None or end is None:
        raise invalid("until", "extension_none")
    is_bound = ADMIN not in change.scope.roles
    if is_bound and requests.is_used_up(task, deadline):
        raise Problem("extensions_used_up")
    wrong = requests.wrong_end(task, end, latest if is_bound else None, now)
    if wrong:
        raise invalid("until", wrong)
    later = limits.extended(rules.judged(task, "extend", now), end, deadline, governed.worktime)
    return requests.answered(later)


def refuse(session: Session, change: Change) -> None:
    """Leave the task as it is; the reason is told to the worker."""
    journal = open_task(session, change, "refuse")
    after = rules.judged(journal.tasks[change.task], "refuse", clock.now())
    close_task(session, journal, change, "refuse", requests.answered(after))


def settle(session: Session, change: Change, decision: str, item: str | None = None) -> None:
    """Settle work that came too late (`settling.DECISIONS`); `item`: which, else the last of it.

    `reference_unknown` if there is no such work.
    """
    act = settling.ACTS[decision]
    journal = open_task(session, change, act)
    task = journal.tasks[change.task]
    work = queries.late_work(session, change.task, item)
    if work is None:
        raise invalid("item", "reference_unknown")
    accepts = decision == settling.ACCEPT
    after = settling.accepted(task, work) if accepts else settling.settled(task)
    detail = {"decision": decision, "item": work.item, "member": work.member}
    enter(session, journal, change, act, after, detail, decision=decision)
