"""Which room reacts to which kind of item; kinds not named here are kept without an effect."""

from server.cases.handlers import handle_reports
from server.items.intake import handle_with
from server.patrol.handlers import handle_shifts
from server.tasks.handlers import handle_actions


def register() -> None:
    """Called once, by server/rooms.py. The order is the order of effects within a batch."""
    handle_with(("shift_start", "shift_end"), handle_shifts)
    handle_with(("report",), handle_reports)
    handle_with(("task_action",), handle_actions)
