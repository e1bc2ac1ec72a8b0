"""What a case measured, and its medians with spread."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from bench.aims import told
from bench.figures import Spread, spread, words

MANY = 1_000
"""Figures from here on are shown whole."""


@dataclass(frozen=True)
class Record:
    """One measurement; the unit of a figure is the end of its name."""

    case: str
    database: str
    clients: int
    round: int
    figures: dict[str, float]


def summary(records: Sequence[Record]) -> list[dict[str, Any]]:
    """One line per case, database, clients and figure: its median, least and most, and its aim."""
    kept: dict[tuple[str, str, int, str], list[float]] = {}
    for one in records:
        for name, value in one.figures.items():
            kept.setdefault((one.case, one.database, one.clients, name), []).append(value)
    return [_line(key, spread(values)) for key, values in kept.items()]


def _line(key: tuple[str, str, int, str], found: Spread) -> dict[str, Any]:
    case, database, clients, figure = key
    known = {"case": case, "database": database, "clients": clients, "figure": figure}
    return known | found | {"aim": told(*key, found["median"])}


def table(lines: Sequence[dict[str, Any]]) -> Table:
    """The summary for people: medians, with the least and the most, beside the aims."""
    shown = Table("case", "database", "clients", "figure")
    shown.add_column("median (least–most)", justify="right", no_wrap=True)
    shown.add_column("aim", no_wrap=True)
    for line in lines:
        known = (line["case"], line["database"], str(line["clients"]), line["figure"])
        shown.add_row(*known, words(line, 0 if line["median"] >= MANY else 2), line["aim"])
    return shown
