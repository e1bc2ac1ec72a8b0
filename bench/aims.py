"""What the product aims at: the most that a figure may be."""

from dataclasses import dataclass

from bench.deployment import POSTGRESQL, SQLITE

AT = " at "
"""Before the size of the store, in the name of a figure that is measured at several."""


@dataclass(frozen=True)
class Aim:
    """The median of a figure is at most `most`; on any database, with any clients, if None."""

    what: str
    figure: str
    most: float
    database: str | None = None
    clients: int | None = None

    def is_of(self, what: str, database: str, clients: int, figure: str) -> bool:
        """Whether this is the aim of the figure."""
        return (
            (self.what, self.figure) == (what, figure.partition(AT)[0])
            and self.database in (None, database)
            and self.clients in (None, clients)
        )


AIMS = (
    Aim("fresh", "cpu_s_per_10000", 0.6, SQLITE),
    Aim("fresh", "cpu_s_per_10000", 1.0, POSTGRESQL),
    Aim("fresh", "cpu_to_limit", 5.0, SQLITE),
    Aim("fresh", "p99_ms", 250.0, clients=32),
    Aim("replay", "cpu_s_per_10000", 0.35),
    Aim("idle", "cpu_ms", 1.0),
    Aim("idle", "bytes", 1_200.0),
    Aim("shift", "sent_bytes", 15_000.0),
    Aim("shift", "round_trips", 2.0),
    Aim("line", "sent_bytes", 15_000.0),
    Aim("line", "round_trips", 2.0),
    Aim("photos", "cpu_to_raw_ratio", 2.0),
    Aim("growth", "to_empty_ratio", 1.15),
    Aim("lights", "red cpu_ms", 20.0),
    Aim("lights", "red middle cpu_ms", 20.0),
    Aim("statistics", "by area cpu_ms", 500.0),
    Aim("statistics", "by person cpu_ms", 500.0),
)


def told(what: str, database: str, clients: int, figure: str, value: float) -> str:
    """`≤ 0.6: reached`, or `missed`; nothing for a figure without an aim."""
    for aim in AIMS:
        if aim.is_of(what, database, clients, figure):
            return f"≤ {aim.most:,g}: {'reached' if value <= aim.most else 'missed'}"
    return ""
