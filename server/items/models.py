"""Tables of what devices handed in: items, what was found on their photos, the quarantine."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    false,
    text,
)
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from server.kernel.database import Id, Instant, Json, Words, db
from server.kernel.ids import uuid7


class Item(db.Model):  # type: ignore[name-defined]
    """An item that claimed its id: the bytes as sent, the verdict, and columns to look it up by.

    `pack` is the rule pack (规则包) in force in its area on its day, `xiaoshan@1`. `flags` is what
    the first answer said and never changes, `findings` what was seen later; `held` tells whether
    the item still waits for its parent.
    """

    __tablename__ = "item"
    __table_args__ = (
        Index("ix_item_install_seq", "install", "seq"),
        Index("ix_item_member_at", "member", "at"),
        Index("ix_item_area_id", "area", "id"),
        Index("ix_item_member_id", "member", "id"),
        Index("ix_item_task", "task"),
        Index(
            "ix_item_held", "kind", "id", sqlite_where=text("held"), postgresql_where=text("held")
        ),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    install: Mapped[str] = mapped_column(Id)
    member: Mapped[str] = mapped_column(ForeignKey("member.id"))
    seq: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(32))
    schema: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[str] = mapped_column(String(64))
    at: Mapped[str] = mapped_column(String(40))
    estimated: Mapped[datetime] = mapped_column(Instant)
    clock: Mapped[str] = mapped_column(String(8))
    received_at: Mapped[datetime] = mapped_column(Instant)
    lat: Mapped[float | None] = mapped_column(Float)
    lon: Mapped[float | None] = mapped_column(Float)
    area: Mapped[str | None] = mapped_column(Id)
    task: Mapped[str | None] = mapped_column(Id)
    pack: Mapped[str | None] = mapped_column(String(80))
    status: Mapped[str] = mapped_column(String(16))
    code: Mapped[str | None] = mapped_column(String(32))
    flags: Mapped[list[str]] = mapped_column(Words)
    held: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    duplicate_of: Mapped[str | None] = mapped_column(Id)
    prev: Mapped[str | None] = mapped_column(String(64))
    replaces: Mapped[str | None] = mapped_column(Id)
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    raw: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    findings: Mapped[list["Finding"]] = relationship(
        order_by="(Finding.sha256, Finding.flag)", lazy="selectin", viewonly=True
    )


class Finding(db.Model):  # type: ignore[name-defined]
    """What was found on a photo of an item after the answer was given; `number` as the flag says.

    It stands here and not in photos/, because an item shows it; photos/witness writes it.
    """

    __tablename__ = "finding"
    __table_args__ = (Index("ix_finding_flag_item", "flag", "item"),)
    item: Mapped[str] = mapped_column(ForeignKey("item.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    flag: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[float | None] = mapped_column(Float)


class Quarantine(db.Model):  # type: ignore[name-defined]
    """A line that could not be used, or that came second under a known id: kept byte for byte."""

    __tablename__ = "quarantine"
    __table_args__ = (
        Index("ix_quarantine_install_sha256", "install", "sha256", unique=True),
        Index("ix_quarantine_state", "state", "id"),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=uuid7)
    install: Mapped[str] = mapped_column(Id)
    member: Mapped[str] = mapped_column(ForeignKey("member.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    item: Mapped[str | None] = mapped_column(Id)
    seq: Mapped[int | None] = mapped_column(BigInteger)
    kind: Mapped[str | None] = mapped_column(String(32))
    status: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(32))
    detail: Mapped[str] = mapped_column(Text, default="")
    received_at: Mapped[datetime] = mapped_column(Instant)
    envelope: Mapped[dict[str, Any]] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(16), default="open")
    version: Mapped[int] = mapped_column(Integer, default=1)
    raw: Mapped[bytes] = deferred(mapped_column(LargeBinary))
