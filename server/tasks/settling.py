"""Work that came when the task was called off, or was another's: what becomes of it. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime

from server.tasks import clock, rules
from server.tasks.standing import DONE, Standing

KEEP, DISMISS, ACCEPT = "keep", "dismiss", "accept_late_work"
DECISIONS = (KEEP, DISMISS, ACCEPT)
"""Both stand · the late work does not count · the late work is the result."""
ACTS = {KEEP: "settle", DISMISS: "settle", ACCEPT: "accept_late_work"}


@dataclass(frozen=True, slots=True)
class LateWork:
    """A completion that was kept as evidence: whose, when, and which item told of it."""

    member: str
    at: datetime
    item: str


def settled(task: Standing) -> Standing:
    """The task as it stood, with nothing left to be settled."""
    return replace(rules.flagged(task, (), rules.LATE_WORK), version=task.version + 1)


def accepted(task: Standing, work: LateWork) -> Standing:
    """The task done by the late work; it is that worker's again, under a new assignment."""
    anew = rules.flagged(settled(task), (), (rules.INCOMPLETE, rules.EVIDENCE_PENDING))
    if work.member != task.assignee:
        anew = replace(anew, assignee=work.member, assignment=task.assignment + 1)
    return rules.ended(
        replace(
            anew,
            state=DONE,
            done_at=work.at,
            late=clock.is_late(task, work.at),
            accepted_at=task.accepted_at or work.at,
            closed_at=None,
            marks=(),
        )
    )
