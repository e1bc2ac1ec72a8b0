"""What a case measured, and its medians with spread."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from bench.figures import spread, words


@dataclass(frozen=True)
class Record:
    """One measurement; the unit of a figure is the end of its name."""

    case: str
    database: str
    clients: int
    round: int
    figures: dict[str, float]


def summary(records: Sequence[Record]) -> list[dict[str, Any]]:
    """One line per case, database, clients and figure: its median, least and most."""
    kept: dict[tuple[str, str, int, str], list[float]] = {}
    for one in records:
        for name, value in one.figures.items():
            kept.setdefault((one.case, one.database, one.clients, name), []).append(value)
    return [
        dict(zip(("case", "database", "clients", "figure"), key, strict=True)) | spread(values)
        for key, values in kept.items()
    ]


def table(lines: Sequence[dict[str, Any]]) -> Table:
    """The summary for people: medians, with the least and the most."""
    shown = Table("case", "database", "clients", "figure")
    shown.add_column("median (least–most)", justify="right", no_wrap=True)
    for line in lines:
        known = (line["case"], line["database"], str(line["clients"]), line["figure"])
        shown.add_row(*known, words(line, 2))
    return shown
