"""Tables by which photos are known again; a photo that is swept takes its rows along."""

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from server.kernel.database import db


class PhotoSketch(db.Model):  # type: ignore[name-defined]
    """The sketch of a photo: 1,024 grey values (see `hashing`)."""

    __tablename__ = "photo_sketch"
    sha256: Mapped[str] = mapped_column(
        ForeignKey("blob.sha256", ondelete="CASCADE"), primary_key=True
    )
    sketch: Mapped[bytes] = mapped_column(LargeBinary)


class PhotoCode(db.Model):  # type: ignore[name-defined]
    """The code of a photo that is not flat, in three bands of 21 bits; apart, to stay narrow."""

    __tablename__ = "photo_code"
    __table_args__ = (
        Index("ix_photo_code_first", "first"),
        Index("ix_photo_code_second", "second"),
        Index("ix_photo_code_third", "third"),
    )
    sha256: Mapped[str] = mapped_column(
        ForeignKey("blob.sha256", ondelete="CASCADE"), primary_key=True
    )
    first: Mapped[int] = mapped_column(Integer)
    second: Mapped[int] = mapped_column(Integer)
    third: Mapped[int] = mapped_column(Integer)
