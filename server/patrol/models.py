"""Tables of patrol (巡查): shifts."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from server.kernel.database import Id, Instant, Json, db


class Shift(db.Model):  # type: ignore[name-defined]
    """A shift (班次) under the id that the device gave it; instants are the server's estimates.

    `start_item` and `end_item` are the sign-in and the sign-out that stand; one may be missing.
    """

    __tablename__ = "shift"
    __table_args__ = (
        Index("ix_shift_area_id", "area", "id"),
        Index("ix_shift_member_id", "member", "id"),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    member: Mapped[str] = mapped_column(ForeignKey("member.id"))
    install: Mapped[str] = mapped_column(Id)
    area: Mapped[str | None] = mapped_column(Id)
    pack: Mapped[str | None] = mapped_column(String(80))
    start_item: Mapped[str | None] = mapped_column(Id)
    end_item: Mapped[str | None] = mapped_column(Id)
    started_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    plan: Mapped[list[dict[str, Any]] | None] = mapped_column(Json)
    results: Mapped[list[dict[str, Any]] | None] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(16))
    flags: Mapped[list[str]] = mapped_column(Json)
