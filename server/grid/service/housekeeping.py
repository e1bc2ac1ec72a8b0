"""What the scheduler throws away: ended rows of failures, tokens and codes of no use any more."""

from datetime import datetime, timedelta

from sqlalchemy import delete, or_
from sqlalchemy.orm import Session

from server.grid.models import Enrolment, LoginFailure, PersonToken
from server.grid.service.lockout import ROW_ENDS_AFTER

KEPT = timedelta(days=30)


def sweep(session: Session, now: datetime) -> None:
    """Remove failures in a row that ended, and tokens and codes that ended 30 days ago."""
    old = now - KEPT
    ended = or_(PersonToken.expires_at < old, PersonToken.revoked_at < old)
    session.execute(delete(LoginFailure).where(LoginFailure.last_at < now - ROW_ENDS_AFTER))
    session.execute(delete(PersonToken).where(ended))
    session.execute(delete(Enrolment).where(Enrolment.expires_at < old))
