"""Going up a level (升级) when nobody accepts: whither, to whom, when next. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from server.packs.definition import Amount, EscalationStep

Add = Callable[[datetime, Amount], datetime]
"""The instant so much (working) time after another."""
MOST_STEPS = 64
"""Of one task in one go; the timetable of a pack that turns in a circle ends here."""


@dataclass(frozen=True, slots=True)
class Rise:
    """One step of a task: from one level to another, when the timetable has it.

    `owner` None: there is nobody above, it stays where it is. `next_at` None: there is no step
    after it.
    """

    level: str
    to: str
    due_at: datetime
    owner: str | None
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Ladder:
    """How tasks go up where a pack is in force: its steps, and how it counts time."""

    steps: Sequence[EscalationStep]
    add: Add

    def step_of(self, level: str) -> EscalationStep | None:
        """The step that leads on from `level`."""
        return next((step for step in self.steps if step.level == level), None)

    def above(self, level: str) -> list[str]:
        """The levels that lie on the way up from `level`, in order, each once."""
        way: list[str] = []
        step = self.step_of(level)
        while step is not None and step.to not in (level, *way):
            way.append(step.to)
            step = self.step_of(step.to)
        return way

    def next_at(self, level: str, start: datetime) -> datetime | None:
        """When a task that came to `level` at `start` goes on."""
        step = self.step_of(level)
        return self.add(start, step.after) if step else None


def climb(
    ladder: Ladder,
    level: str,
    owner: str,
    due_at: datetime | None,
    holders: Mapping[str, Sequence[str]],
    now: datetime,
) -> list[Rise]:
    """The steps of a task that are due until `now`, each at its own moment of the timetable.

    `holders`: who is responsible and there, by level. A level that has nobody, or none but the
    owner, is passed over.
    """
    rises: list[Rise] = []
    while due_at is not None and due_at <= now and len(rises) < MOST_STEPS:
        rise = _rise(ladder, level, owner, due_at, holders)
        rises.append(rise)
        level, owner, due_at = rise.to, rise.owner or owner, rise.next_at
    return rises


def _rise(
    ladder: Ladder,
    level: str,
    owner: str,
    due_at: datetime,
    holders: Mapping[str, Sequence[str]],
) -> Rise:
    """One step, over levels without anybody; to nobody where the pack leads no further.

    Nothing is handed down to a level that lies below one which the owner answers for.
    """
    way = ladder.above(level)
    for no, to in enumerate(way, 1):
        found = [member for member in holders.get(to, ()) if member != owner]
        if found and not any(owner in holders.get(up, ()) for up in way[no:]):
            return Rise(level, to, due_at, found[0], ladder.next_at(to, due_at))
    return Rise(level, [level, *way][-1], due_at, None, None)
