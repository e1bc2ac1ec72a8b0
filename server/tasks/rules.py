"""Decisions on tasks (任务): which step is legal when, and how the task stands after it.

    assigned → delivered → accepted → in_progress → done → verified

Back from `done` by `returned` (退回), a state of its own in which the worker goes on as from
`accepted`; side exits `declined`, `cancelled`, `expired` (docs/protocol.md, section 7).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, NamedTuple

from server.tasks import clock
from server.tasks.standing import (
    ACCEPTED,
    ASSIGNED,
    CANCELLED,
    CLOSED,
    DECLINED,
    DELIVERED,
    DONE,
    EXPIRED,
    IN_PROGRESS,
    OPEN,
    RETURNED,
    STATES,
    UNFINISHED,
    VERIFIED,
    Standing,
)

DONE_AFTER_CANCEL = "done_after_cancel"
DOUBLE_WORK = "double_work"
LATE_WORK = frozenset({DONE_AFTER_CANCEL, DOUBLE_WORK})
"""Somebody's work came when the task was called off, or was another's; a person settles it."""
EXPLANATION_ASKED = "explanation_asked"
"""The light went red, and the owner is to say why (红灯说明)."""
EVIDENCE_PENDING = "evidence_pending"
"""Done, but what the worker named as evidence is still on the way."""
INCOMPLETE = "incomplete"
"""Returned by the server: what must be there when it is done was not."""
NO_OWNER_FOUND = "no_owner_found"
"""Its owner left, and nobody in the tree could take it."""
AT_THE_TOP = "at_the_top"
"""Not accepted, and there is nobody above to whom it could go up."""
OF_ITS_OWNER = (EXPLANATION_ASKED, INCOMPLETE, EVIDENCE_PENDING, NO_OWNER_FOUND, AT_THE_TOP)
"""What the next owner has nothing to do with."""

SOFT, HARD = "soft", "hard"
HARD_LEASE = timedelta(hours=24)
"""How long a hard reassignment waits for the old device to acknowledge the removal."""


class Step(NamedTuple):
    """Legal from these states; leads to `to` (None: the state stays)."""

    legal: frozenset[str]
    to: str | None

    def after(self, state: str) -> str:
        """The state after the step was taken in `state`."""
        return self.to or state


DEVICE_STEPS = {
    "accept": Step(frozenset({ASSIGNED, DELIVERED, RETURNED}), ACCEPTED),
    "decline": Step(frozenset({ASSIGNED, DELIVERED}), DECLINED),
    "start": Step(frozenset({ACCEPTED, RETURNED}), IN_PROGRESS),
    "progress": Step(frozenset({ACCEPTED, IN_PROGRESS, RETURNED}), IN_PROGRESS),
    "complete": Step(frozenset({ACCEPTED, IN_PROGRESS, RETURNED}), DONE),
    "request_transfer": Step(OPEN, None),
    "request_extension": Step(OPEN, None),
    "explain": Step(frozenset(STATES) - {CANCELLED, EXPIRED}, None),
}
PEOPLE_STEPS = {
    "cancel": Step(UNFINISHED, CANCELLED),
    "reassign": Step(UNFINISHED, ASSIGNED),
    "suspend": Step(UNFINISHED, None),
    "resume": Step(UNFINISHED, None),
    "extend": Step(OPEN, None),
    "transfer": Step(OPEN, ASSIGNED),
    "refuse": Step(OPEN, None),
    "settle": Step(frozenset(STATES), None),
    "accept_late_work": Step(frozenset(STATES) - {VERIFIED}, DONE),
    "verify": Step(frozenset({DONE}), VERIFIED),
    "return": Step(frozenset({DONE}), RETURNED),
}
CLEARS = {
    "accept": (AT_THE_TOP,),
    "explain": (EXPLANATION_ASKED,),
    "complete": (INCOMPLETE,),
}
"""The flags that a step of the device takes off."""
ALREADY_ACCEPTED = frozenset({ACCEPTED, IN_PROGRESS, DONE, VERIFIED})
"""Here an `accept` comes too late to matter: it is taken and does nothing."""


@dataclass(frozen=True, slots=True)
class Action:
    """A step taken on a device: by whom, under which assignment, and why."""

    member: str
    assignment: int
    name: str
    reason: str | None = None


class Verdict(Enum):
    """`APPLY` changes the task, `NOOP` is taken without effect, `STALE` is kept as evidence."""

    APPLY = "apply"
    NOOP = "noop"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict, the state after it, flags that the task gets for its supervisor, and loses."""

    verdict: Verdict
    state: str
    flags: tuple[str, ...] = ()
    cleared: tuple[str, ...] = ()


def decide(task: Standing, action: Action) -> Decision:
    """Judge a device's step by the current assignment and state alone.

    An older `base_version` is no reason to refuse: a chain made offline applies in order.
    """
    current = (action.member, action.assignment) == (task.assignee, task.assignment)
    step = DEVICE_STEPS[action.name]
    if current and task.state in step.legal:
        return Decision(Verdict.APPLY, step.after(task.state), (), _cleared(action))
    if current and action.name == "accept" and task.state in ALREADY_ACCEPTED:
        return Decision(Verdict.NOOP, task.state)
    return Decision(Verdict.STALE, task.state, _flags_of_stale(task, action, current))


def _cleared(action: Action) -> tuple[str, ...]:
    """An explanation without a word explains nothing."""
    if action.name == "explain" and not (action.reason or "").strip():
        return ()
    return CLEARS.get(action.name, ())


def _flags_of_stale(task: Standing, action: Action, current: bool) -> tuple[str, ...]:
    """Only work that was really done concerns the supervisor."""
    if action.name != "complete":
        return ()
    if task.state == CANCELLED:
        return (DONE_AFTER_CANCEL,)
    return () if current else (DOUBLE_WORK,)


def after(task: Standing, decision: Decision, at: datetime) -> Standing:
    """The task after a decision that changed its state or its flags; one version on."""
    return moved(flagged(task, decision.flags, decision.cleared), decision.state, at)


def flagged(task: Standing, flags: Iterable[str], cleared: Iterable[str] = ()) -> Standing:
    """The task with these flags on and those off; of the same version."""
    return replace(task, flags=tuple(sorted({*task.flags, *flags} - {*cleared})))


def may(task: Standing, act: str) -> bool:
    """Whether a person may do `act` (`PEOPLE_STEPS`) now."""
    needed = _NEEDS.get(act)
    return task.state in PEOPLE_STEPS[act].legal and (needed is None or needed(task))


def _asks(task: Standing) -> bool:
    return task.request is not None


def _is_unsettled(task: Standing) -> bool:
    return not LATE_WORK.isdisjoint(task.flags)


_NEEDS: dict[str, Callable[[Standing], bool]] = {
    "suspend": lambda task: task.suspended_at is None,
    "resume": lambda task: task.suspended_at is not None,
    **dict.fromkeys(("extend", "transfer", "refuse"), _asks),
    **dict.fromkeys(("settle", "accept_late_work"), _is_unsettled),
}
# What else than the state an act asks for.


def goes_up(task: Standing) -> bool:
    """Whether the task may be escalated: nobody has accepted it, and its clock runs."""
    waits = task.state in (ASSIGNED, DELIVERED, DECLINED)
    return waits and task.suspended_at is None and task.pending_assignee is None


def is_asked_why(task: Standing, now: datetime) -> bool:
    """Whether the owner is to be asked for a reason: red, and not asked for it already."""
    is_red = clock.light(task, now) is clock.Light.RED
    return is_red and EXPLANATION_ASKED not in task.flags


def judged(task: Standing, act: str, at: datetime) -> Standing:
    """The task after a person did `act`."""
    return moved(task, PEOPLE_STEPS[act].after(task.state), at)


def moved(task: Standing, state: str, at: datetime) -> Standing:
    """The task in `state` since `at`, one version on."""
    if task.state == DONE and state != DONE:
        task = flagged(task, (), (EVIDENCE_PENDING,))
    moments = {} if state == task.state else _moments(task, state, at)
    task = replace(task, state=state, version=task.version + 1, **moments)
    return task if state in UNFINISHED else ended(task)


def _moments(task: Standing, state: str, at: datetime) -> dict[str, Any]:
    """What the way into `state` leaves behind."""
    if state in CLOSED:
        return {"closed_at": at}
    if state == RETURNED:
        return {"done_at": None}
    if state == DONE:
        return {"done_at": at, "late": task.late or clock.is_late(task, at), "marks": ()}
    if state in (ACCEPTED, IN_PROGRESS):
        return {"accepted_at": task.accepted_at or at, "escalate_at": None}
    return {}


_WAITED_FOR = ("pending_assignee", "lease_until", "request", "escalate_at")


def ended(task: Standing) -> Standing:
    """What is finished is promised to nobody, and nothing about it is asked or waited for."""
    gone: dict[str, Any] = dict.fromkeys(_WAITED_FOR)
    return replace(task, suspended_at=None, **gone)


def given(task: Standing, assignee: str) -> Standing:
    """The task in the hands of `assignee`: a new assignment, from the start."""
    freed = flagged(task, (), OF_ITS_OWNER)
    anew: dict[str, Any] = dict.fromkeys((*_WAITED_FOR, "accepted_at", "done_at", "closed_at"))
    return replace(
        freed,
        **anew,
        assignee=assignee,
        assignment=task.assignment + 1,
        state=ASSIGNED,
        version=task.version + 1,
    )


def promised(task: Standing, assignee: str, now: datetime) -> Standing:
    """The task taken from its owner and kept for `assignee` until the old device lets go."""
    kept = replace(task, pending_assignee=assignee, lease_until=now + HARD_LEASE)
    return replace(kept, version=task.version + 1)


def delivered(task: Standing) -> Standing:
    """The task known to be on the worker's device; raises no version."""
    return replace(task, state=DELIVERED)


def shown_to(task: Standing, member: str) -> tuple[str, str | None]:
    """(op, reason) of how the task stands on the feed of `member`."""
    if task.assignee != member or task.pending_assignee is not None:
        return "remove", "reassigned"
    if task.state == CANCELLED:
        return "remove", "cancelled"
    return "put", None
