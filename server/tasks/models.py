"""Tables of tasks (任务) and of everything that happened to them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, Integer, SmallInteger, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.kernel.database import Id, Instant, Json, db
from server.kernel.ids import uuid7


def position(lat: float | None, lon: float | None) -> dict[str, Any] | None:
    """A position in WGS-84 degrees as the wire writes it."""
    if lat is None or lon is None:
        return None
    return {"lat": lat, "lon": lon, "datum": "wgs84"}


class Task(db.Model):  # type: ignore[name-defined]
    """A piece of work given to a member; lat and lon are WGS-84 degrees, priority 3 comes first.

    `flags` tells the supervisor what to look at: `done_after_cancel`, `double_work`.
    """

    __tablename__ = "task"
    __table_args__ = (
        Index("ix_task_assignee_id", "assignee", "id"),
        Index("ix_task_assignee_state_id", "assignee", "state", "id"),
        Index("ix_task_area_id", "area", "id"),
        Index("ix_task_area_state_id", "area", "state", "id"),
        Index("ix_task_state_id", "state", "id"),
        Index(
            "ix_task_lease_until",
            "lease_until",
            sqlite_where=text("pending_assignee IS NOT NULL"),
            postgresql_where=text("pending_assignee IS NOT NULL"),
        ),
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

    `no` counts from 1 in the order of the server; `assignee` holds the task after the step.
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
