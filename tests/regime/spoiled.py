"""Packs that an earlier reader took and this one refuses: the kept text is changed underneath."""

from sqlalchemy import update

from server.kernel.database import writing
from server.regime.models import PackText
from server.regime.service import stamp

OVERLAPPING = ("08:30-12:00", "08:30-15:00")
"""Hours that overlap the afternoon's: only the blocks held against each other tell."""
NO_SPAN = ("08:30-12:00", "half past eight")
"""Hours that cannot be read."""


def spoil(text: str, id_: str = "river", version: int = 1) -> str:
    """The pack is kept with this text from now on; the text."""
    with writing() as session:
        stamp.renew(session)
        kept = update(PackText).where(PackText.id == id_, PackText.version == version)
        session.execute(kept.values(text=text))
    return text
