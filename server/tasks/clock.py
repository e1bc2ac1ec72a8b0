"""The clock of a task (时限): when it is due, when its light turns, what stops and moves it. Pure.

Limits of working time come from the rule pack in force; where a person set `due`, the way to it is
plain time, and so is all that is told from it.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Any

from server.kernel.clock import iso
from server.packs.definition import Amount, Deadline, Deadlines, Pack, Unit
from server.packs.worktime import WorkTime
from server.tasks.standing import NewTask, Standing

YELLOW = Fraction(7, 10)
"""Where no pack says otherwise."""


FARTHEST = timedelta(days=3653)
"""How far ahead a person may set an end: working time is counted day by day."""


class Light(StrEnum):
    """The light of a task (灯): red (红灯) from `due`, yellow (黄灯) from `yellow_at`.

    `none`: without a limit, or there is nothing left to do; such a task is late or it is not.
    """

    NONE = "none"
    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    SUSPENDED = "suspended"


def light(task: Any, now: datetime) -> Light:
    """The light of a `Standing`, or of a row with its columns, at `now`."""
    if task.done_at is not None or task.closed_at is not None:
        return Light.NONE
    if task.suspended_at is not None:
        return Light.SUSPENDED
    if task.due is None:
        return Light.NONE
    if now >= task.due:
        return Light.RED
    is_yellow = task.yellow_at is not None and now >= task.yellow_at
    return Light.YELLOW if is_yellow else Light.GREEN


def is_late(task: Standing, done_at: datetime) -> bool:
    """Whether work done at `done_at` came after the limit; on the moment itself is in time."""
    return task.due is not None and done_at > task.due


def wrong_due(due: datetime, now: datetime) -> str:
    """Why a person cannot set this end, as a code of the catalogue; empty if one can."""
    if due <= now:
        return "due_past"
    return "due_far" if due - now > FARTHEST else ""


def counted(task: Standing, estimated: datetime, received_at: datetime, how: str) -> datetime:
    """The moment that counts for a device's step: its own, if its clock could be checked.

    `how` is `clock` of the item (docs/protocol.md, section 9). Never before the task began.
    """
    moment = received_at if how == "raw" else min(estimated, received_at)
    return max(moment, task.clock_from) if task.clock_from else moment


def deadline_of(pack: Pack | None, task: Any, level: str | None) -> Deadline | None:
    """The limit for a task (`NewTask` or `Terms`): the most particular that the pack has."""
    if pack is None:
        return None
    own = [t.deadline for t in pack.templates if t.code == task.template and t.deadline]
    return own[0] if own else _by_kind(pack.deadlines, task, level)


def _by_kind(deadlines: Deadlines, task: Any, level: str | None) -> Deadline | None:
    found = (
        deadlines.by_category.get(task.category or ""),
        deadlines.by_kind.get(task.kind),
        deadlines.by_level.get(level or ""),
    )
    return next((deadline for deadline in found if deadline), deadlines.default)


def started(
    new: NewTask, pack: Pack | None, worktime: WorkTime, level: str | None, now: datetime
) -> NewTask:
    """The task with its clock running from `now`; `level` is that of its area.

    A `due` that is set wins over the pack's limit.
    """
    deadline = deadline_of(pack, new, level)
    begun = replace(new, clock_from=now, pack=pack.ref if pack else None)
    begun = replace(begun, **_acceptance(pack, deadline, worktime, level, now))
    if new.due is None and deadline is None:
        return begun
    return replace(begun, **_limited(new.due, deadline, worktime, now))


def _limited(
    due: datetime | None, deadline: Deadline | None, worktime: WorkTime, start: datetime
) -> dict[str, Any]:
    share, unit, number = share_of(deadline), Unit.HOUR, None
    if due is None and deadline is not None:
        number, unit = deadline.limit.number, deadline.limit.unit
        due = worktime.add(start, deadline.limit)
    return {
        "due": due,
        "limit_number": number,
        "limit_unit": None if number is None else str(unit),
        "yellow_at": due and worktime.at_share(start, due, share, unit),
    }


def share_of(deadline: Deadline | None) -> Fraction:
    """From which share of the way the light is yellow."""
    return deadline.yellow_at if deadline else YELLOW


def _acceptance(
    pack: Pack | None,
    deadline: Deadline | None,
    worktime: WorkTime,
    level: str | None,
    start: datetime,
) -> dict[str, Any]:
    """By when it must be accepted (签收), and when it goes up if it is not (升级)."""
    within = deadline.accept_within if deadline else None
    steps = [step.after for step in pack.escalation if step.level == level] if pack else []
    return {
        "accept_by": worktime.add(start, within) if within else None,
        "escalate_at": worktime.add(start, steps[0]) if steps else None,
    }


def handed_on(
    task: Standing, pack: Pack | None, worktime: WorkTime, level: str | None, now: datetime
) -> Standing:
    """The task just given to somebody else: the limit goes on, acceptance is waited for anew."""
    deadline = deadline_of(pack, task.terms, level)
    start = task.suspended_at or now
    return replace(task, **_acceptance(pack, deadline, worktime, level, start))


def unit_of(task: Standing) -> Unit:
    """What the time of the task is counted in."""
    return Unit(task.limit_unit) if task.limit_unit else Unit.HOUR


def suspended(task: Standing, now: datetime) -> Standing:
    """The task with its clock standing (挂起)."""
    return replace(task, suspended_at=now)


def resumed(task: Standing, worktime: WorkTime, now: datetime) -> Standing:
    """The task with its clock going again: what was left of its time is left now.

    From here on `due` does not follow from the limit alone.
    """
    if task.suspended_at is None:
        return task
    since, unit = task.suspended_at, unit_of(task)

    def moved(moment: datetime | None) -> datetime | None:
        if moment is None or moment <= since:
            return moment
        return worktime.resumed(moment, since, now, unit)

    names = ("due", "yellow_at", "accept_by", "escalate_at")
    moments: dict[str, Any] = {name: moved(getattr(task, name)) for name in names}
    return replace(task, suspended_at=None, limit_number=None, **moments)


def extended(
    task: Standing, due: datetime, deadline: Deadline | None, worktime: WorkTime
) -> Standing:
    """The task with a later end (延期), yellow at its share of the whole way."""
    start = task.clock_from or due
    yellow_at = worktime.at_share(start, due, share_of(deadline), unit_of(task))
    later = replace(task, due=due, yellow_at=yellow_at, limit_number=None)
    return replace(later, extensions=task.extensions + 1)


def recomputed(task: Standing, deadline: Deadline | None, worktime: WorkTime) -> Standing:
    """The task, one version on, with the end that its limit has by the calendar as it is now.

    Itself where nothing moves: a person may have set the end, or moved it.
    """
    if task.limit_number is None or task.clock_from is None:
        return task
    limit = Amount(task.limit_number, unit_of(task))
    due = worktime.add(task.clock_from, limit)
    yellow_at = worktime.at_share(task.clock_from, due, share_of(deadline), limit.unit)
    if (due, yellow_at) == (task.due, task.yellow_at):
        return task
    return replace(task, due=due, yellow_at=yellow_at, version=task.version + 1)


def move_of(before: Standing, after: Standing) -> Mapping[str, Any]:
    """How the limit moved, for the event's detail: instants as the wire writes them, or None."""
    return {"from": before.due and iso(before.due), "to": after.due and iso(after.due)}
