"""Tables of pushes (批量派发) and of whom each of them reaches."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from server.kernel.database import Id, Instant, Json, db
from server.kernel.ids import uuid7

_TO_DO = text("NOT done")


class Push(db.Model):  # type: ignore[name-defined]
    """Tasks that are given together; `area` is where they lie, None if they lie in several.

    `kinds` holds the fields of the tasks, once for each pack and level that they are made under;
    `left_out` says who gets none and why; `plan` made it, if nobody did by hand.
    """

    __tablename__ = "push"
    __table_args__ = (
        Index("ix_push_area_id", "area", "id"),
        Index("ix_push_created_by_id", "created_by", "id"),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=uuid7)
    area: Mapped[str | None] = mapped_column(ForeignKey("area.id"))
    target: Mapped[dict[str, Any]] = mapped_column(Json)
    template: Mapped[str | None] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(200))
    kinds: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    left_out: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    total: Mapped[int] = mapped_column(Integer)
    done: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    plan: Mapped[str | None] = mapped_column(Id)
    created_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)

    @property
    def state(self) -> str:
        """`planned`, `running` or `done`."""
        if self.done_at is not None:
            return "done"
        return "running" if self.done else "planned"


class PushTarget(db.Model):  # type: ignore[name-defined]
    """One task of a push; its id is fixed when it is planned. `kind` counts into `Push.kinds`."""

    __tablename__ = "push_target"
    __table_args__ = (
        Index("ix_push_target_to_do", "push", "no", sqlite_where=_TO_DO, postgresql_where=_TO_DO),
    )
    push: Mapped[str] = mapped_column(ForeignKey("push.id"), primary_key=True)
    no: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    task: Mapped[str] = mapped_column(Id)
    assignee: Mapped[str] = mapped_column(ForeignKey("member.id"))
    area: Mapped[str] = mapped_column(ForeignKey("area.id"))
    subject: Mapped[str | None] = mapped_column(Id)
    kind: Mapped[int] = mapped_column(Integer)
    done: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
