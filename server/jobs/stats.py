"""The worker's heartbeat, with the few numbers that a log is searched for."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.config import Settings
from server.grid.models import Device
from server.items.models import Item, Quarantine
from server.kernel.database import reading

log = structlog.get_logger()


def heartbeat(settings: Settings, now: datetime) -> None:
    """Log what waits for a person; the run itself is the heartbeat."""
    with reading() as session:
        log.info("stats", **waiting(session, now))


def waiting(session: Session, now: datetime) -> dict[str, int]:
    """Devices seen within a day, lines in the quarantine, items held for a parent."""
    seen = select(func.count()).where(Device.seen_at >= now - timedelta(days=1))
    open_lines = select(func.count()).where(Quarantine.state == "open")
    held = select(func.count()).select_from(Item).where(Item.held)
    return {
        "devices_seen": session.scalar(seen) or 0,
        "quarantine_open": session.scalar(open_lines) or 0,
        "items_held": session.scalar(held) or 0,
    }
