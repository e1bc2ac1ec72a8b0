"""The table by which the worker says that it lives and how its jobs went."""

from datetime import datetime

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from server.kernel.database import Instant, db


class WorkerHeartbeat(db.Model):  # type: ignore[name-defined]
    """The last run of a job: what it counted, and the kind of its last failure."""

    __tablename__ = "worker_heartbeat"
    job: Mapped[str] = mapped_column(String(40), primary_key=True)
    ran_at: Mapped[datetime | None] = mapped_column(Instant)
    done: Mapped[int | None] = mapped_column(Integer)
    failed_at: Mapped[datetime | None] = mapped_column(Instant)
    error: Mapped[str] = mapped_column(String(100), default="")
