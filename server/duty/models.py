"""Tables of absences (请假单) and of the tasks that changed hands for one."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from server.kernel.database import Id, Instant, db
from server.kernel.ids import uuid7

_STANDS = text("ended_at IS NULL")


class Absence(db.Model):  # type: ignore[name-defined]
    """A member is away from `begins` to before `ends`, or to `ended_at` if that is sooner.

    It counts once it is `approved_by` somebody. `backup` is the stand-in that the slip chooses for
    where no post is backed (AB岗); `open_tasks` says what becomes of the tasks at hand. `begun_at`:
    when its tasks were handed over. `reason` is sealed by the crypto seam.
    """

    __tablename__ = "absence"
    __table_args__ = (
        Index("ix_absence_member_id", "member", "id"),
        Index("ix_absence_begins", "begins", sqlite_where=_STANDS, postgresql_where=_STANDS),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=uuid7)
    member: Mapped[str] = mapped_column(ForeignKey("member.id"))
    begins: Mapped[datetime] = mapped_column(Instant)
    ends: Mapped[datetime] = mapped_column(Instant)
    reason: Mapped[str | None] = mapped_column(Text)
    backup: Mapped[str | None] = mapped_column(ForeignKey("member.id"))
    open_tasks: Mapped[str] = mapped_column(String(16))
    created_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Instant)
    approved_by: Mapped[str | None] = mapped_column(String(64))
    begun_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer, default=1)


class AbsenceTask(db.Model):  # type: ignore[name-defined]
    """A task that was handed over for an absence, under which assignment."""

    __tablename__ = "absence_task"
    absence: Mapped[str] = mapped_column(ForeignKey("absence.id"), primary_key=True)
    task: Mapped[str] = mapped_column(ForeignKey("task.id"), primary_key=True)
    assignment: Mapped[int] = mapped_column(Integer)
