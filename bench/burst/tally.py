"""What all phones together met: how long answers took, what was answered, who was turned away."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

TURNED_AWAY = frozenset({"429", "503", "507", "refused"})
"""The server would not; a cut or unanswered connection is counted apart."""


@dataclass
class Record:
    """One phone: how often it was turned away or left unanswered; seconds until it was in."""

    turned_away: int = 0
    unanswered: int = 0
    arrived_s: float | None = None
    in_s: float | None = None

    def note(self, cause: str) -> None:
        """Count one failure."""
        if cause in TURNED_AWAY:
            self.turned_away += 1
        else:
            self.unanswered += 1


@dataclass
class Tally:
    """`seconds` by kind of request, of those that were answered as they should be."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    verdicts: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    records: list[Record] = field(default_factory=list)

    def record(self) -> Record:
        """A new phone's."""
        self.records.append(Record())
        return self.records[-1]
