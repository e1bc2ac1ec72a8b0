"""Tables of the regime: installed rule packs, where they hold from when, the calendar."""

from datetime import date, datetime

from sqlalchemy import Boolean, Date, ForeignKey, ForeignKeyConstraint, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from server.kernel.database import Id, Instant, db
from server.kernel.ids import uuid7


class PackText(db.Model):  # type: ignore[name-defined]
    """A version of a rule pack (规则包) as it was written; never changed once it is here.

    `object` is its id on the feed.
    """

    __tablename__ = "pack"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    object: Mapped[str] = mapped_column(Id, unique=True, default=uuid7)
    name: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    installed_by: Mapped[str] = mapped_column(String(64))
    installed_at: Mapped[datetime] = mapped_column(Instant)


class PackTerm(db.Model):  # type: ignore[name-defined]
    """From `from_day` on a pack holds in an area and all below it, or everywhere (`area` NULL).

    A later term of the same area takes its place; of two that begin with one day, the newer.
    """

    __tablename__ = "pack_term"
    __table_args__ = (
        ForeignKeyConstraint(["pack", "version"], ["pack.id", "pack.version"]),
        Index("ix_pack_term_area_from_day", "area", "from_day"),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=uuid7)
    area: Mapped[str | None] = mapped_column(ForeignKey("area.id"))
    pack: Mapped[str] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(Integer)
    from_day: Mapped[date] = mapped_column(Date)
    created_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Instant)


class CalendarDay(db.Model):  # type: ignore[name-defined]
    """Whether a day is worked; `source` is `library`, `admin` or `provisional`.

    A day that is not here is as the library says, or provisional where it says nothing.
    """

    __tablename__ = "calendar_day"
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    working: Mapped[bool] = mapped_column(Boolean)
    source: Mapped[str] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(String(200), default="")


class RegimeStamp(db.Model):  # type: ignore[name-defined]
    """One row, written first by whoever changes packs, terms or days: their lock, and the key of
    what is kept in memory. `turned` is the day for which the feed was last brought up to date."""

    __tablename__ = "regime_stamp"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    stamp: Mapped[str] = mapped_column(Id)
    turned: Mapped[date | None] = mapped_column(Date)
