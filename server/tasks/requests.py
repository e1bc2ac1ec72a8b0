"""What the worker asks for, and what is answered: more time (延期), another owner (转办). Pure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from server.kernel.clock import iso
from server.packs.definition import Deadline
from server.packs.worktime import WorkTime
from server.tasks.clock import wrong_due
from server.tasks.standing import Standing

EXTENSION, TRANSFER = "extension", "transfer"
ASKS = {"request_extension": EXTENSION, "request_transfer": TRANSFER}


def asked(action: str, body: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """What a device's step asks for, as `Task.request` keeps it: instants as the wire writes them.

    `until` (the end wished for) or `to` (who should have it) may be missing.
    """
    kind = ASKS[action]
    wish: dict[str, Any] = {"kind": kind, "reason": body.get("reason"), "at": iso(at)}
    if kind == TRANSFER:
        return wish | {"to": body.get("to")}
    until = body.get("until")
    return wish | {"until": until and iso(until)}


def answered(task: Standing) -> Standing:
    """The task with nothing asked for any more."""
    return replace(task, request=None)


def latest_end(task: Standing, deadline: Deadline | None, worktime: WorkTime) -> datetime | None:
    """Up to when the rules let the limit be extended once; None: they say nothing of it."""
    rule = deadline.extension if deadline else None
    return worktime.add(task.due, rule.by) if rule and task.due else None


def is_used_up(task: Standing, deadline: Deadline | None) -> bool:
    """Whether the limit was extended as often as the rules allow."""
    rule = deadline.extension if deadline else None
    return rule is not None and task.extensions >= rule.times


def wrong_end(task: Standing, until: datetime, latest: datetime | None, now: datetime) -> str:
    """Why the limit cannot end at `until`, as a code of the catalogue; empty if it can."""
    wrong = wrong_due(until, now)
    if wrong:
        return wrong
    if task.due is not None and until <= task.due:
        return "extension_none"
    return "extension_beyond" if latest is not None and until > latest else ""
