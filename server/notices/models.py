"""The table of notices (通知)."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from server.kernel.database import Id, Instant, Json, db
from server.kernel.ids import uuid7

_UNREAD = text("read_at IS NULL")


class Notice(db.Model):  # type: ignore[name-defined]
    """Something that a member was told about an object; `args` are put into the text of `kind`."""

    __tablename__ = "notice"
    __table_args__ = (
        Index("ix_notice_member_id", "member", "id"),
        Index(
            "ix_notice_unread",
            "member",
            "id",
            sqlite_where=_UNREAD,
            postgresql_where=_UNREAD,
        ),
        Index("ix_notice_at", "at"),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=uuid7)
    member: Mapped[str] = mapped_column(ForeignKey("member.id"))
    kind: Mapped[str] = mapped_column(String(32))
    object_kind: Mapped[str] = mapped_column(String(16))
    object: Mapped[str] = mapped_column(Id)
    args: Mapped[dict[str, Any]] = mapped_column(Json)
    at: Mapped[datetime] = mapped_column(Instant)
    read_at: Mapped[datetime | None] = mapped_column(Instant)
