"""The worker's look at the plans."""

from datetime import datetime

from server.config import Settings
from server.dispatch.plans.adopting import adopt
from server.dispatch.plans.running import run_due
from server.grid.scope import today


def look(settings: Settings, now: datetime) -> int:
    """Run what is due, then take over the plans of the packs; how many tasks were planned.

    In this order, so that what was missed runs as it was when it was missed.
    """
    planned = run_due(settings, now)
    adopt(today(settings.timezone, now), now)
    return planned
