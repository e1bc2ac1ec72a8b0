"""Decisions on tasks (任务): which step is legal when, and how the task stands after it.

    assigned → delivered → accepted → in_progress → done → verified

Back from `done` by `returned` (退回), a state of its own in which the worker goes on as from
`accepted`; side exits `declined`, `cancelled`, `expired` (docs/protocol.md, section 7).
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, NamedTuple

ASSIGNED, DELIVERED, ACCEPTED, IN_PROGRESS = "assigned", "delivered", "accepted", "in_progress"
DONE, VERIFIED, RETURNED = "done", "verified", "returned"
DECLINED, CANCELLED, EXPIRED = "declined", "cancelled", "expired"
STATES = (
    *(ASSIGNED, DELIVERED, ACCEPTED, IN_PROGRESS, DONE, VERIFIED),
    *(RETURNED, DECLINED, CANCELLED, EXPIRED),
)
OPEN = frozenset({ASSIGNED, DELIVERED, ACCEPTED, IN_PROGRESS, RETURNED})
"""The worker still has something to do."""
UNFINISHED = OPEN | {DECLINED, EXPIRED}
"""Nobody has done it yet, so that it can be given to somebody else or called off."""

DONE_AFTER_CANCEL = "done_after_cancel"
DOUBLE_WORK = "double_work"

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
}
PEOPLE_STEPS = {
    "cancel": Step(UNFINISHED, CANCELLED),
    "reassign": Step(UNFINISHED, ASSIGNED),
    "verify": Step(frozenset({DONE}), VERIFIED),
    "return": Step(frozenset({DONE}), RETURNED),
}
ALREADY_ACCEPTED = frozenset({ACCEPTED, IN_PROGRESS, DONE, VERIFIED})
"""Here an `accept` comes too late to matter: it is taken and does nothing."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What of a task changes in its life. `events` counts its events and numbers the next one.

    `pending_assignee` gets the task once the old device has let go of it, or at `lease_until`.
    """

    id: str
    assignee: str
    state: str = ASSIGNED
    version: int = 1
    assignment: int = 1
    events: int = 0
    flags: tuple[str, ...] = ()
    pending_assignee: str | None = None
    lease_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """A step taken on a device: by whom, under which assignment."""

    member: str
    assignment: int
    name: str


class Verdict(Enum):
    """`APPLY` changes the task, `NOOP` is taken without effect, `STALE` is kept as evidence."""

    APPLY = "apply"
    NOOP = "noop"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict, the state after it, and flags that the task gets for its supervisor."""

    verdict: Verdict
    state: str
    flags: tuple[str, ...] = ()


def decide(task: Standing, action: Action) -> Decision:
    """Judge a device's step by the current assignment and state alone.

    An older `base_version` is no reason to refuse: a chain made offline applies in order.
    """
    current = (action.member, action.assignment) == (task.assignee, task.assignment)
    step = DEVICE_STEPS[action.name]
    if current and task.state in step.legal:
        return Decision(Verdict.APPLY, step.after(task.state))
    if current and action.name == "accept" and task.state in ALREADY_ACCEPTED:
        return Decision(Verdict.NOOP, task.state)
    return Decision(Verdict.STALE, task.state, _flags_of_stale(task, action, current))


def _flags_of_stale(task: Standing, action: Action, current: bool) -> tuple[str, ...]:
    """Only work that was really done concerns the supervisor."""
    if action.name != "complete":
        return ()
    if task.state == CANCELLED:
        return (DONE_AFTER_CANCEL,)
    return () if current else (DOUBLE_WORK,)


def after(task: Standing, decision: Decision) -> Standing:
    """The task after a decision that changed its state or its flags; one version on."""
    flags = tuple(sorted({*task.flags, *decision.flags}))
    return moved(replace(task, flags=flags), decision.state)


def may(task: Standing, act: str) -> bool:
    """Whether a person may do `act` (`PEOPLE_STEPS`) now."""
    return task.state in PEOPLE_STEPS[act].legal


def judged(task: Standing, act: str) -> Standing:
    """The task after a person did `act`."""
    return moved(task, PEOPLE_STEPS[act].after(task.state))


def moved(task: Standing, state: str) -> Standing:
    """The task in `state`, one version on; what is finished is no longer promised to anybody."""
    task = replace(task, state=state, version=task.version + 1)
    return task if state in UNFINISHED else replace(task, pending_assignee=None, lease_until=None)


def given(task: Standing, assignee: str) -> Standing:
    """The task in the hands of `assignee`: a new assignment, from the start."""
    freed = replace(task, pending_assignee=None, lease_until=None)
    return moved(replace(freed, assignee=assignee, assignment=task.assignment + 1), ASSIGNED)


def promised(task: Standing, assignee: str, now: datetime) -> Standing:
    """The task taken from its owner and kept for `assignee` until the old device lets go."""
    kept = replace(task, pending_assignee=assignee, lease_until=now + HARD_LEASE)
    return moved(kept, task.state)


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


@dataclass(frozen=True, slots=True)
class Deed:
    """Who did what, when; `install` and `item` are set where it came from a device.

    `detail` says more: what was asked, marked, or how the limit moved.
    """

    actor: str
    action: str
    at: datetime
    reason: str | None = None
    install: str | None = None
    item: str | None = None
    detail: dict[str, Any] = field(default_factory=dict)
