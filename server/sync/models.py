"""The receipts that devices were given."""

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from server.kernel.database import Json, db


class Receipt(db.Model):  # type: ignore[name-defined]
    """Proof of a hand-in (回执); `lines` is [[sha256, status], …], `at` as it was signed."""

    __tablename__ = "receipt"
    install: Mapped[str] = mapped_column(ForeignKey("device.install"), primary_key=True)
    no: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    epoch: Mapped[str] = mapped_column(String(36))
    at: Mapped[str] = mapped_column(String(32))
    items: Mapped[int] = mapped_column(Integer)
    root: Mapped[str] = mapped_column(String(64))
    prev: Mapped[str] = mapped_column(String(64))
    sig: Mapped[str] = mapped_column(String(100))
    lines: Mapped[list[list[str]]] = mapped_column(Json)
