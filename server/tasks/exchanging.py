"""In which order an exchange locks tasks: all that it may touch at once, before it changes one.

Those it acknowledges, those it acts on and those whose evidence it brings are changed one after the
other; locked so, an exchange and whoever gives many tasks could wait for each other for ever.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy.orm import Session

from server.items.lines import Line
from server.tasks import evidence
from server.tasks.journal import lock


def lock_tasks(session: Session, changes: Iterable[Any], lines: Sequence[Line]) -> None:
    """Lock the tasks of `changes` (kind, object, op) of the feed, and those that lines concern."""
    items = [line.item for line in lines if line.item is not None]
    acknowledged = {change.object for change in changes if change.kind == "task"}
    acted_on = {item["body"]["task"] for item in items if item["kind"] == "task_action"}
    shown = evidence.awaiting(session, [item["id"] for item in items])
    lock(session, acknowledged | acted_on | shown)
