"""The jobs that rooms offer, in the form that the schedule runs."""

from datetime import datetime

from sqlalchemy.orm import Session

from server.config import Settings
from server.grid.scope import today
from server.grid.service import housekeeping, reach
from server.tasks import delivery


def turn_day(session: Session, settings: Settings, now: datetime) -> None:
    """Posts and areas begin and end with the deployment's day."""
    reach.turn_day(session, today(settings.timezone, now))


def log_ins_and_codes(session: Session, settings: Settings, now: datetime) -> None:
    """Failed log-ins, tokens and enrolment codes that ended long ago."""
    housekeeping.sweep(session, now)


def task_leases(session: Session, settings: Settings, now: datetime) -> int:
    """Tasks promised to another member whose old device stayed silent; how many were given."""
    return delivery.end_leases(session, now)
