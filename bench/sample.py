"""One measured hand-in, as the bench of the product and that of the peers keep it."""

from dataclasses import dataclass, field

PER = 10_000


@dataclass(frozen=True, kw_only=True)
class HandIn:
    """`what` was handed in by so many clients, in which round, and what it took.

    `cpu` are the seconds of those who did the work, the processes of the database included;
    `load_cpu` those of the clients; `latency` that of one exchange, where there are any.
    """

    what: str
    clients: int
    round: int
    items: int
    seconds: float
    cpu: float
    load_cpu: float = 0.0
    verdicts: dict[str, int] = field(default_factory=dict)
    latency: dict[str, float] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Items per second."""
        return self.items / self.seconds

    @property
    def cpu_per(self) -> float:
        """CPU seconds per `PER` items."""
        return self.cpu / self.items * PER

    @property
    def load_cpu_per(self) -> float:
        """CPU seconds of the clients per `PER` items."""
        return self.load_cpu / self.items * PER
