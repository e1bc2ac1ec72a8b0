"""What the deployment is: its epoch (docs/protocol.md, section 2), kept in the database."""

import uuid

from sqlalchemy import Integer, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.kernel import marks
from server.kernel.database import db
from server.kernel.prepared import Prepared


class ServerState(db.Model):  # type: ignore[name-defined]
    """One row."""

    __tablename__ = "server_state"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    epoch: Mapped[str] = mapped_column(String(36))


_EPOCH = Prepared(select(ServerState.__table__.c.epoch))


def epoch(session: Session) -> str:
    """The epoch; tells a device that the server went back in time when it changes."""
    found: str = _EPOCH.first(session).epoch
    return found


def create_epoch(session: Session) -> None:
    """The first epoch; keeps one that stands."""
    if session.get(ServerState, 1) is None:
        session.add(ServerState(id=1, epoch=str(uuid.uuid4())))


def rotate_epoch(session: Session) -> str:
    """A new epoch, after the database was put back to an older copy."""
    new = str(uuid.uuid4())
    session.execute(update(ServerState).values(epoch=new))
    marks.forget(session)
    return new
