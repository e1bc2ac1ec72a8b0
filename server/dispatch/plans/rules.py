"""Decisions on recurring plans (周期计划): when one runs, and what a missed run becomes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from server.dispatch.pushes.rules import Target
from server.grid.roles import WORKER
from server.kernel.problems import Problem, invalid
from server.packs.definition import Plan, Rhythm

ONCE, EACH = "once", "each"
MISSED = (ONCE, EACH)
"""What was missed, because no worker ran, becomes one run, or each of them becomes one."""

MADE_UP_FOR = timedelta(days=31)
"""What was missed longer ago is not made up one by one any more."""

UNITS = ("day", "work_day", "week", "month")
WEEK, MONTH = "week", "month"


@dataclass(frozen=True, slots=True)
class Run:
    """An occurrence to be dealt with; `stands_for`: how many it makes up for, itself included."""

    at: datetime
    stands_for: int = 1


def runs(due: Sequence[datetime], missed: str, now: datetime) -> list[Run]:
    """What to run now of the occurrences that are due, in order.

    `once`: the newest, for all of them. `each`: every one of the last MADE_UP_FOR; the oldest of
    them stands for those before as well.
    """
    if not due:
        return []
    if missed == ONCE:
        return [Run(due[-1], len(due))]
    fresh = [at for at in due if at > now - MADE_UP_FOR] or [due[-1]]
    older = len(due) - len(fresh)
    return [Run(fresh[0], older + 1), *map(Run, fresh[1:])]


def check_rhythm(rhythm: Rhythm) -> None:
    """`rhythm_invalid` says what does not fit: a weekday is for weeks, a day for months …"""
    if rhythm.unit not in UNITS:
        raise invalid("rhythm", "rhythm_invalid", "unit")
    if (rhythm.nth is None) != (rhythm.unit != MONTH or rhythm.weekday is None):
        raise invalid("rhythm", "rhythm_invalid", "nth: month, weekday")
    if rhythm.weekday is not None and rhythm.unit not in (WEEK, MONTH):
        raise invalid("rhythm", "rhythm_invalid", "weekday: week, month")
    if rhythm.day is not None and (rhythm.unit != MONTH or rhythm.nth is not None):
        raise invalid("rhythm", "rhythm_invalid", "day: month")


def key_of(pack: str, code: str, area: str | None) -> str:
    """Under which a plan of a pack is known in an area, whatever the version of the pack."""
    return f"{pack}:{code}:{area or '*'}"


def target_of(plan: Plan) -> dict[str, Any]:
    """Whom a plan of a pack is for: the holders of its post, or the subjects that people will list
    (none yet), else all workers."""
    if plan.subject_class is not None:
        return {"subjects": []}
    return {"post": plan.post} if plan.post is not None else {"role": WORKER}


def within(target: Target, area: str | None) -> Target:
    """The target in the area of the plan, unless it names an area below it, or members."""
    if target.member is not None or target.area is not None or area is None:
        return target
    return replace(target, area=area)


def waits_for_subjects(target: Mapping[str, Any]) -> bool:
    """Whether nobody has listed yet which subjects the plan is for."""
    return target.get("subjects") == []


OF_PACK = {"active", "missed", "target", "confirm"}
"""What people may change of a plan of a pack."""


def check_change(key: str | None, before: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    """`state_illegal` for what stands in the pack; of its target only the subjects are people's."""
    if key is None:
        return
    listing = "target" not in changes or ("subjects" in before and changes["target"].subjects)
    if changes.keys() - OF_PACK or not listing:
        raise Problem("state_illegal")


def check_says_what(template: str | None, task: Mapping[str, Any]) -> None:
    """`invalid` unless there is a template, or a task with its title."""
    if not (template or task.get("title")):
        raise invalid("task", "invalid", "template or task.title")
