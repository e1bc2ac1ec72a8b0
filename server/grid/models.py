"""Tables of who and where: trees of areas (网格), members, posts (岗位), devices, tokens."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from server.kernel.database import Id, Instant, Json, db
from server.kernel.ids import uuid7


class Tree(db.Model):  # type: ignore[name-defined]
    """A named hierarchy; `levels` is a list of {"code", "name"} from the top down."""

    __tablename__ = "tree"
    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    levels: Mapped[list[dict[str, Any]]] = mapped_column(Json)


class Area(db.Model):  # type: ignore[name-defined]
    """A node of a tree: street (街道), community (社区), grid (网格) …

    `geometry` is a GeoJSON polygon in WGS-84, `south` … `east` the box around it in degrees. `live`
    is what the feed says: true from the day the area begins to the day after its last.
    """

    __tablename__ = "area"
    __table_args__ = (
        Index("ix_area_tree_level", "tree", "level"),
        Index("ix_area_code", "tree", "code", unique=True),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=uuid7)
    tree: Mapped[str] = mapped_column(ForeignKey("tree.code"))
    parent: Mapped[str | None] = mapped_column(ForeignKey("area.id"), index=True)
    level: Mapped[str] = mapped_column(String(32))
    code: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(100))
    geometry: Mapped[dict[str, Any] | None] = mapped_column(Json)
    south: Mapped[float | None] = mapped_column(Float)
    west: Mapped[float | None] = mapped_column(Float)
    north: Mapped[float | None] = mapped_column(Float)
    east: Mapped[float | None] = mapped_column(Float)
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    live: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    version: Mapped[int] = mapped_column(Integer, default=1)


class AreaStamp(db.Model):  # type: ignore[name-defined]
    """One row, written first by whoever changes areas: their lock, and the key of cached shapes."""

    __tablename__ = "area_stamp"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    stamp: Mapped[str] = mapped_column(Id)


class AreaClosure(db.Model):  # type: ignore[name-defined]
    """Every pair (ancestor, descendant), an area with itself at depth 0."""

    __tablename__ = "area_closure"
    __table_args__ = (Index("ix_area_closure_descendant", "descendant"),)
    ancestor: Mapped[str] = mapped_column(ForeignKey("area.id"), primary_key=True)
    descendant: Mapped[str] = mapped_column(ForeignKey("area.id"), primary_key=True)
    depth: Mapped[int] = mapped_column(Integer)


class Member(db.Model):  # type: ignore[name-defined]
    """A person who works with the system; `phone` is sealed by the crypto seam.

    `username` is in its canonical spelling (server/grid/rules.py).
    """

    __tablename__ = "member"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=uuid7)
    username: Mapped[str | None] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    phone: Mapped[str | None] = mapped_column(Text)
    password: Mapped[str | None] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(8), default="zh")
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    created_by: Mapped[str | None] = mapped_column(Id)
    created_at: Mapped[datetime] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer, default=1)


class Post(db.Model):  # type: ignore[name-defined]
    """A post (岗位): member × area × role × days; `backup_of` names the post it backs (AB岗).

    `code`: which post of the rule pack it is; without one, any of its role and level. `to_day` is
    the last day. `live` is what the feed says: true from the day the post begins to the day after
    its last.
    """

    __tablename__ = "post"
    __table_args__ = (Index("ix_post_area_role", "area", "role"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=uuid7)
    member: Mapped[str] = mapped_column(ForeignKey("member.id"), index=True)
    area: Mapped[str | None] = mapped_column(ForeignKey("area.id"))
    role: Mapped[str] = mapped_column(String(16))
    code: Mapped[str | None] = mapped_column(String(32))
    backup_of: Mapped[str | None] = mapped_column(ForeignKey("post.id"))
    from_day: Mapped[date] = mapped_column(Date)
    to_day: Mapped[date | None] = mapped_column(Date)
    live: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    version: Mapped[int] = mapped_column(Integer, default=1)


class Device(db.Model):  # type: ignore[name-defined]
    """An install of the app on a phone; the exchange keeps its counters here.

    `began` is the newest tombstone that was already swept when its feed last began at 0.
    """

    __tablename__ = "device"
    install: Mapped[str] = mapped_column(Id, primary_key=True)
    member: Mapped[str] = mapped_column(ForeignKey("member.id"), index=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    state: Mapped[str] = mapped_column(String(16), default="active")
    model: Mapped[str | None] = mapped_column(String(100))
    os: Mapped[str | None] = mapped_column(String(100))
    app: Mapped[str | None] = mapped_column(String(40))
    timezone: Mapped[str | None] = mapped_column(String(64))
    enrolled_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime | None] = mapped_column(Instant)
    cursor: Mapped[int] = mapped_column(BigInteger, default=0)
    began: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    forked: Mapped[bool] = mapped_column(Boolean, default=False)
    seqs: Mapped[list[list[int]]] = mapped_column(Json, default=list)
    offsets: Mapped[list[int]] = mapped_column(Json, default=list)
    outbox: Mapped[dict[str, Any] | None] = mapped_column(Json)
    receipt: Mapped[int] = mapped_column(Integer, default=0)
    receipt_hash: Mapped[str] = mapped_column(String(64), default="")
    wiped_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer, default=1)


class Enrolment(db.Model):  # type: ignore[name-defined]
    """A one-time enrolment code, kept as its hash."""

    __tablename__ = "enrolment"
    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    member: Mapped[str] = mapped_column(ForeignKey("member.id"), index=True)
    created_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    used_by: Mapped[str | None] = mapped_column(Id)


class PersonToken(db.Model):  # type: ignore[name-defined]
    """A person's session or API token, kept as its hash."""

    __tablename__ = "person_token"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=uuid7)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    member: Mapped[str] = mapped_column(ForeignKey("member.id"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(100), default="")
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)


class LoginFailure(db.Model):  # type: ignore[name-defined]
    """Failures in a row at one log-in door, by canonical name, device or address."""

    __tablename__ = "login_failure"
    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    count: Mapped[int] = mapped_column(Integer)
    last_at: Mapped[datetime] = mapped_column(Instant, index=True)
    locked_until: Mapped[datetime | None] = mapped_column(Instant)
