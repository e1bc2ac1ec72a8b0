"""A task as the rules see it: what it is given with, how it stands, what was done to it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

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
SERVER = "server"
"""The actor of what nobody did but the passing of time."""
CLOSED = frozenset({VERIFIED, CANCELLED, EXPIRED})
"""Nobody waits for it any more."""


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task to be given; `loc` is {"lat", "lon", "datum"}, priority 3 comes first.

    `demands` as in `packs.definition.Demands`, without what is not asked for. What follows it is
    the clock, which `clock.started` fills in: see `models.Task`. `id`: where it was fixed before.
    """

    assignee: str
    title: str
    area: str | None = None
    kind: str = "general"
    text: str = ""
    due: datetime | None = None
    priority: int = 0
    loc: dict[str, Any] | None = None
    subject: str | None = None
    form: str | None = None
    category: str | None = None
    template: str | None = None
    push: str | None = None
    demands: Mapping[str, Any] = field(default_factory=dict)
    pack: str | None = None
    limit_number: int | None = None
    limit_unit: str | None = None
    clock_from: datetime | None = None
    yellow_at: datetime | None = None
    accept_by: datetime | None = None
    escalate_at: datetime | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What a task was given under; it never changes. lat and lon are WGS-84 degrees."""

    area: str = ""
    kind: str = "general"
    category: str | None = None
    template: str | None = None
    pack: str | None = None
    demands: Mapping[str, Any] = field(default_factory=dict)
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What of a task changes in its life. `events` counts its events and numbers the next one.

    `pending_assignee` gets the task once the old device has let go of it, or at `lease_until`. The
    clock and what follows it: see `models.Task`.
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
    due: datetime | None = None
    limit_number: int | None = None
    limit_unit: str | None = None
    clock_from: datetime | None = None
    yellow_at: datetime | None = None
    suspended_at: datetime | None = None
    accept_by: datetime | None = None
    escalate_at: datetime | None = None
    escalation: int = 0
    extensions: int = 0
    request: Mapping[str, Any] | None = None
    marks: tuple[Mapping[str, Any], ...] = ()
    accepted_at: datetime | None = None
    done_at: datetime | None = None
    closed_at: datetime | None = None
    late: bool = False
    terms: Terms = Terms()


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
