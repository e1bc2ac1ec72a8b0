"""Tables of cases (案件): the reports (上报) that they begin with."""

from datetime import datetime

from sqlalchemy import Boolean, Float, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from server.kernel.database import Id, Instant, db


class Report(db.Model):  # type: ignore[name-defined]
    """Something found in the field, under the id of its item; `at` is the server's estimate.

    lat and lon are WGS-84 degrees. `duplicate_of` names the item that was captured first.
    """

    __tablename__ = "report"
    __table_args__ = (
        Index("ix_report_area_id", "area", "id"),
        Index("ix_report_member_id", "member", "id"),
        Index("ix_report_at", "at"),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    member: Mapped[str] = mapped_column(ForeignKey("member.id"))
    area: Mapped[str | None] = mapped_column(Id)
    category: Mapped[str] = mapped_column(String(64))
    text: Mapped[str | None] = mapped_column(Text)
    address: Mapped[str | None] = mapped_column(Text)
    severity: Mapped[str | None] = mapped_column(String(16))
    self_fixed: Mapped[bool] = mapped_column(Boolean)
    lat: Mapped[float | None] = mapped_column(Float)
    lon: Mapped[float | None] = mapped_column(Float)
    at: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(String(16))
    duplicate_of: Mapped[str | None] = mapped_column(Id)
