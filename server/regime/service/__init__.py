"""What holds, and what is done about it. Knows no HTTP.

holding.py what holds · codes.py posts that no pack knows · installing.py packs · calendar.py days ·
telling.py the feed.
"""

from server.regime.service.calendar import refresh, set_day, unset_day
from server.regime.service.codes import unknown_codes
from server.regime.service.holding import in_force, workdays, worktime
from server.regime.service.installing import Installation, install
from server.regime.service.telling import posts_changed, render, turn_day

__all__ = [
    "Installation",
    "in_force",
    "install",
    "posts_changed",
    "refresh",
    "render",
    "set_day",
    "turn_day",
    "unknown_codes",
    "unset_day",
    "workdays",
    "worktime",
]
