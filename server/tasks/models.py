"""Tables of tasks (任务) and of everything that happened to them."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Float,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.kernel.database import Id, Instant, Json, db
from server.kernel.ids import uuid7

STILL_OPEN = "done_at IS NULL AND closed_at IS NULL"
RUNS = f"{STILL_OPEN} AND suspended_at IS NULL"

# What tells lights and figures of open tasks, so that their index does without a look at the task.
# The last two are None in all of it: SQLite wants every column that is asked about to be in it.
_TELLING = (
    *("due", "yellow_at", "suspended_at", "accepted_at", "clock_from", "assignee"),
    *("done_at", "closed_at"),
)


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


def _untold(told: str, turned: str) -> dict[str, Any]:
    """Of open tasks whose clock runs, those whose light nobody was told of."""
    return {
        "sqlite_where": text(f"{RUNS} AND {told} IS NOT {turned}"),
        "postgresql_where": text(f"{RUNS} AND {told} IS DISTINCT FROM {turned}"),
    }


def position(lat: float | None, lon: float | None) -> dict[str, Any] | None:
    """A position in WGS-84 degrees as the wire writes it."""
    if lat is None or lon is None:
        return None
    return {"lat": lat, "lon": lon, "datum": "wgs84"}


class Task(db.Model):  # type: ignore[name-defined]
    """A piece of work given to a member; lat and lon are WGS-84 degrees, priority 3 comes first.

    `flags` tells what to look at: `done_after_cancel`, `double_work`, `explanation_asked`,
    `evidence_pending`, `incomplete` (rules.py).

    The clock: it runs from `clock_from` and ends at `due`; the light is yellow from `yellow_at`.
    `limit_number` and `limit_unit` are the limit that `due` was made of; the number is None where
    a person set or moved it, and where it was suspended. While `suspended_at` is set the clock
    stands. `late`: was done after `due`. `told_yellow` and `told_red`: of which `yellow_at` and
    which `due` was told that they had come.

    `accept_by` (签收) and `escalate_at`: when it goes up a level (`escalation` steps so far).
    `request`: what the worker asks for, `marks`: what is to be mended, `demands`: what must be
    there when it is done; `pack` and `template`: the rules that it was made under, `push`: with
    which others it was given.
    """

    __tablename__ = "task"
    __table_args__ = (
        Index("ix_task_assignee_id", "assignee", "id"),
        Index("ix_task_assignee_state_id", "assignee", "state", "id"),
        Index("ix_task_area_id", "area", "id"),
        Index("ix_task_area_state_id", "area", "state", "id"),
        Index("ix_task_state_id", "state", "id"),
        Index("ix_task_lease_until", "lease_until", **_where("pending_assignee IS NOT NULL")),
        Index("ix_task_area_open", "area", "id", *_TELLING, **_where(STILL_OPEN)),
        Index("ix_task_due", "due", **_where(STILL_OPEN)),
        Index("ix_task_yellow_at", "yellow_at", **_where(STILL_OPEN)),
        Index("ix_task_yellow_untold", "yellow_at", **_untold("told_yellow", "yellow_at")),
        Index("ix_task_red_untold", "due", **_untold("told_red", "due")),
        Index("ix_task_escalate_at", "escalate_at", **_where("escalate_at IS NOT NULL")),
        Index("ix_task_push", "push", **_where("push IS NOT NULL")),
        Index("ix_task_area_done_at", "area", "done_at", **_where("done_at IS NOT NULL")),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=uuid7)
    assignee: Mapped[str] = mapped_column(ForeignKey("member.id"))
    pending_assignee: Mapped[str | None] = mapped_column(ForeignKey("member.id"))
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    kind: Mapped[str] = mapped_column(String(32))
    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    due: Mapped[datetime | None] = mapped_column(Instant)
    priority: Mapped[int] = mapped_column(SmallInteger)
    area: Mapped[str] = mapped_column(ForeignKey("area.id"))
    lat: Mapped[float | None] = mapped_column(Float)
    lon: Mapped[float | None] = mapped_column(Float)
    subject: Mapped[str | None] = mapped_column(Id)
    form: Mapped[str | None] = mapped_column(String(100))
    state: Mapped[str] = mapped_column(String(16))
    version: Mapped[int] = mapped_column(Integer)
    assignment: Mapped[int] = mapped_column(Integer)
    events: Mapped[int] = mapped_column(Integer)
    flags: Mapped[list[str]] = mapped_column(Json)
    pack: Mapped[str | None] = mapped_column(String(80))
    template: Mapped[str | None] = mapped_column(String(64))
    category: Mapped[str | None] = mapped_column(String(64))
    push: Mapped[str | None] = mapped_column(Id)
    demands: Mapped[dict[str, Any]] = mapped_column(Json, default=dict, server_default="{}")
    limit_number: Mapped[int | None] = mapped_column(Integer)
    limit_unit: Mapped[str | None] = mapped_column(String(16))
    clock_from: Mapped[datetime | None] = mapped_column(Instant)
    yellow_at: Mapped[datetime | None] = mapped_column(Instant)
    suspended_at: Mapped[datetime | None] = mapped_column(Instant)
    told_yellow: Mapped[datetime | None] = mapped_column(Instant)
    told_red: Mapped[datetime | None] = mapped_column(Instant)
    accept_by: Mapped[datetime | None] = mapped_column(Instant)
    escalate_at: Mapped[datetime | None] = mapped_column(Instant)
    escalation: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    extensions: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    request: Mapped[dict[str, Any] | None] = mapped_column(Json)
    marks: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list, server_default="[]")
    accepted_at: Mapped[datetime | None] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    late: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    created_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    history: Mapped[list["TaskEvent"]] = relationship(order_by="TaskEvent.no", viewonly=True)

    @property
    def loc(self) -> dict[str, Any] | None:
        """The position as the wire writes it."""
        return position(self.lat, self.lon)


class TaskEvent(db.Model):  # type: ignore[name-defined]
    """One step of a task. `at` is when it was done (of a device's step: the server's estimate).

    `no` counts from 1 in the order of the server; `assignee` holds the task after the step;
    `detail` says more: what was asked, marked, or how the limit moved.
    """

    __tablename__ = "task_event"
    task: Mapped[str] = mapped_column(ForeignKey("task.id"), primary_key=True)
    no: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Instant)
    actor: Mapped[str] = mapped_column(String(64))
    install: Mapped[str | None] = mapped_column(Id)
    item: Mapped[str | None] = mapped_column(Id)
    action: Mapped[str] = mapped_column(String(32))
    from_state: Mapped[str | None] = mapped_column(String(16))
    to_state: Mapped[str] = mapped_column(String(16))
    assignment: Mapped[int] = mapped_column(Integer)
    assignee: Mapped[str] = mapped_column(ForeignKey("member.id"))
    reason: Mapped[str | None] = mapped_column(Text)
    flags: Mapped[list[str]] = mapped_column(Json)
    detail: Mapped[dict[str, Any]] = mapped_column(Json, default=dict, server_default="{}")


class TaskEvidence(db.Model):  # type: ignore[name-defined]
    """An item that a worker named as evidence of a task done, and that has not come yet."""

    __tablename__ = "task_evidence"
    __table_args__ = (Index("ix_task_evidence_task", "task"),)
    item: Mapped[str] = mapped_column(Id, primary_key=True)
    task: Mapped[str] = mapped_column(ForeignKey("task.id"), primary_key=True)
    since: Mapped[datetime] = mapped_column(Instant)
