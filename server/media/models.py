"""Tables of files: blobs, who handed them in, their copies, and uploads under way."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from server.kernel.database import Id, Instant, Json, db
from server.kernel.ids import uuid7


class Blob(db.Model):  # type: ignore[name-defined]
    """A whole file, known by its content, and what its EXIF says, as the camera wrote it.

    lat and lon are degrees in `datum` (None: not said), `direction` degrees from the `north` named,
    width and height pixels, `taken_at` and `changed_at` the camera's clock, with an offset if it
    wrote one; `problems` are words for a reviewer. `read_at` is None until the EXIF was read.
    """

    __tablename__ = "blob"
    __table_args__ = (Index("ix_blob_stored_at", "stored_at"),)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    type: Mapped[str] = mapped_column(String(100))
    stored_at: Mapped[datetime] = mapped_column(Instant)
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    format: Mapped[str | None] = mapped_column(String(16))
    lat: Mapped[float | None] = mapped_column(Float)
    lon: Mapped[float | None] = mapped_column(Float)
    datum: Mapped[str | None] = mapped_column(String(32))
    direction: Mapped[float | None] = mapped_column(Float)
    north: Mapped[str | None] = mapped_column(String(8))
    gps_time: Mapped[datetime | None] = mapped_column(Instant)
    taken_at: Mapped[str | None] = mapped_column(String(40))
    changed_at: Mapped[str | None] = mapped_column(String(40))
    orientation: Mapped[int | None] = mapped_column(Integer)
    make: Mapped[str | None] = mapped_column(String(200))
    model: Mapped[str | None] = mapped_column(String(200))
    software: Mapped[str | None] = mapped_column(String(200))
    read_at: Mapped[datetime | None] = mapped_column(Instant)
    problems: Mapped[list[str]] = mapped_column(Json, default=list)


class BlobOwner(db.Model):  # type: ignore[name-defined]
    """A member who proved to hold the content by handing in all its bytes."""

    __tablename__ = "blob_owner"
    sha256: Mapped[str] = mapped_column(
        ForeignKey("blob.sha256", ondelete="CASCADE"), primary_key=True
    )
    member: Mapped[str] = mapped_column(ForeignKey("member.id"), primary_key=True)


class Upload(db.Model):  # type: ignore[name-defined]
    """An upload, one per content and member; its offset is the size of its partial file.

    `finished_at` is set once the blob stands; the row then only answers a client that asks again.
    """

    __tablename__ = "upload"
    __table_args__ = (
        Index("ix_upload_sha256_member", "sha256", "member", unique=True),
        Index("ix_upload_expires_at", "expires_at"),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=uuid7)
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    type: Mapped[str] = mapped_column(String(100))
    item: Mapped[str | None] = mapped_column(Id)
    install: Mapped[str] = mapped_column(Id)
    member: Mapped[str] = mapped_column(ForeignKey("member.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)


class ItemMedia(db.Model):  # type: ignore[name-defined]
    """A photo or file that an item names; `stored` once the blob is there.

    It stands here and not in items/, because media lies below items: `member` and `area` are the
    item's own, so that who may see a photo is decided without looking at items.
    """

    __tablename__ = "item_media"
    __table_args__ = (
        Index("ix_item_media_sha256", "sha256"),
        Index(
            "ix_item_media_wanted",
            "install",
            sqlite_where=text("NOT stored"),
            postgresql_where=text("NOT stored"),
        ),
    )
    item: Mapped[str] = mapped_column(Id, ForeignKey("item.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    install: Mapped[str] = mapped_column(Id)
    member: Mapped[str] = mapped_column(Id)
    area: Mapped[str | None] = mapped_column(Id)
    size: Mapped[int | None] = mapped_column(BigInteger)
    type: Mapped[str | None] = mapped_column(String(100))
    role: Mapped[str | None] = mapped_column(String(32))
    stored: Mapped[bool] = mapped_column(Boolean, default=False)


class Copy(db.Model):  # type: ignore[name-defined]
    """A copy of a photo for showing (副本): `thumb` or `screen`, or a word why there is none.

    It stands here and not in photos/, which makes it, because whoever may see the photo is shown
    it. `copy` is a blob of its own; width and height are pixels, bytes its size.
    """

    __tablename__ = "copy"
    __table_args__ = (Index("ix_copy_copy", "copy"),)
    sha256: Mapped[str] = mapped_column(
        ForeignKey("blob.sha256", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    copy: Mapped[str | None] = mapped_column(ForeignKey("blob.sha256"))
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    bytes: Mapped[int | None] = mapped_column(Integer)
    problem: Mapped[str | None] = mapped_column(String(40))
    made_at: Mapped[datetime] = mapped_column(Instant)


class Stamp(db.Model):  # type: ignore[name-defined]
    """The stamped copy (水印) of a photo for one item that names it; `code` is what can be checked.

    The code is random, not derived from ids that devices make, and stays when the copy is made
    anew.
    """

    __tablename__ = "stamp"
    __table_args__ = (
        ForeignKeyConstraint(
            ["item", "sha256"],
            ["item_media.item", "item_media.sha256"],
            ondelete="CASCADE",
            name="fk_stamp_item_media",
        ),
        Index("ix_stamp_copy", "copy"),
        Index("ix_stamp_code", "code", unique=True),
        Index("ix_stamp_sha256", "sha256"),
    )
    item: Mapped[str] = mapped_column(Id, primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    code: Mapped[str] = mapped_column(String(16))
    copy: Mapped[str | None] = mapped_column(ForeignKey("blob.sha256"))
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    bytes: Mapped[int | None] = mapped_column(Integer)
    problem: Mapped[str | None] = mapped_column(String(40))
    made_at: Mapped[datetime] = mapped_column(Instant)
