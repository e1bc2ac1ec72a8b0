"""Tables of recurring plans (周期计划) and of what they made."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, true
from sqlalchemy.orm import Mapped, mapped_column

from server.kernel.database import Id, Instant, Json, db
from server.kernel.ids import uuid7


class Plan(db.Model):  # type: ignore[name-defined]
    """Tasks that are given again and again: to whom (`target`), what, when (`rhythm`).

    `area` is where its tasks lie, None for the whole deployment. A plan of a pack has its `key`
    (pack, code, area) and the id of the pack. Occurrences up to `upto` are dealt with. `missed`:
    `once` or `each`; `confirmed`: the number of tasks that was said to be right. `ended_at`: taken
    away, or the pack is no longer in force there.
    """

    __tablename__ = "plan"
    __table_args__ = (Index("ix_plan_area_id", "area", "id"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=uuid7)
    key: Mapped[str | None] = mapped_column(String(200), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    area: Mapped[str | None] = mapped_column(ForeignKey("area.id"))
    pack: Mapped[str | None] = mapped_column(String(80))
    target: Mapped[dict[str, Any]] = mapped_column(Json)
    template: Mapped[str | None] = mapped_column(String(64))
    task: Mapped[dict[str, Any]] = mapped_column(Json)
    rhythm: Mapped[dict[str, Any]] = mapped_column(Json)
    missed: Mapped[str] = mapped_column(String(8))
    active: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())
    confirmed: Mapped[int | None] = mapped_column(Integer)
    upto: Mapped[datetime] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer)
    created_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class PlanRun(db.Model):  # type: ignore[name-defined]
    """One occurrence that was dealt with: the push that it made, or why it made none.

    `stands_for` counts the occurrences that it makes up for, itself included; 0: run by hand.
    """

    __tablename__ = "plan_run"
    plan: Mapped[str] = mapped_column(ForeignKey("plan.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    made_at: Mapped[datetime] = mapped_column(Instant)
    stands_for: Mapped[int] = mapped_column(Integer)
    push: Mapped[str | None] = mapped_column(ForeignKey("push.id"))
    tasks: Mapped[int] = mapped_column(Integer)
    problem: Mapped[str | None] = mapped_column(String(40))
