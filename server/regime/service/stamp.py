"""The stamp of the regime: the lock of those who change it, the key of those who keep it."""

from sqlalchemy.orm import Session

from server.kernel.database import insert
from server.kernel.ids import uuid7
from server.regime.models import RegimeStamp


def renew(session: Session) -> None:
    """Call first in a transaction that changes packs, terms or days: others wait until it ends."""
    statement = insert(session, RegimeStamp).values(id=1, stamp=uuid7())
    renewed = {"stamp": statement.excluded.stamp}
    session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=renewed))
