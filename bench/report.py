"""What is made of the samples: medians and spreads, a table, and a file that says where."""

import os
import platform
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from rich.table import Table

import server
from tests.postgres import MAJOR_VERSION

PER = 10_000
WIDTH = 130
PACKAGES = ("flask", "gunicorn", "marshmallow", "psycopg", "sqlalchemy")


@dataclass(frozen=True)
class Sample:
    """One measurement. `what` is fresh, replay, raw (insert) or parse.

    `cpu` are the seconds of those who did the work, the processes of the database included;
    `load_cpu` those of the phones.
    """

    database: str
    clients: int
    round: int
    items: int
    what: str
    seconds: float
    cpu: float
    load_cpu: float = 0.0
    verdicts: dict[str, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Items per second."""
        return self.items / self.seconds


def summary(samples: Sequence[Sample]) -> list[dict[str, Any]]:
    """One line per database, what, and clients; ratios are to the raw insert beside the sample."""
    raw = {(s.database, s.clients, s.round): s for s in samples if s.what == "raw"}
    lines = []
    for key in dict.fromkeys((s.database, s.what, s.clients) for s in samples):
        own = [s for s in samples if (s.database, s.what, s.clients) == key]
        beside = [raw[s.database, s.clients, s.round] for s in own]
        lines.append(
            dict(zip(("database", "what", "clients"), key, strict=True))
            | {
                "items_per_s": _spread(s.rate for s in own),
                "cpu_s_per_10000": _spread(s.cpu / s.items * PER for s in own),
                "load_cpu_s_per_10000": _spread(s.load_cpu / s.items * PER for s in own),
                "cpu_to_raw": _spread(s.cpu / r.cpu for s, r in zip(own, beside, strict=True)),
                "rate_to_raw": _spread(s.rate / r.rate for s, r in zip(own, beside, strict=True)),
            }
        )
    return lines


def _spread(values: Iterable[float]) -> dict[str, float]:
    known = sorted(values)
    figures = {"median": median(known), "least": known[0], "most": known[-1]}
    return {name: round(value, 4) for name, value in figures.items()}


def table(lines: Sequence[dict[str, Any]]) -> Table:
    """The summary for people: medians, with the least and the most where it matters."""
    shown = Table("database", "what", "clients")
    for name in ("items/s", "CPU s / 10,000", "CPU/raw", "rate/raw", "phones' CPU s / 10,000"):
        shown.add_column(name, justify="right", no_wrap=True)
    for line in lines:
        shown.add_row(
            line["database"],
            line["what"],
            str(line["clients"]),
            _words(line["items_per_s"], 0),
            _words(line["cpu_s_per_10000"], 2),
            f"{line['cpu_to_raw']['median']:.1f}",
            f"{line['rate_to_raw']['median']:.2f}",
            f"{line['load_cpu_s_per_10000']['median']:.2f}",
        )
    return shown


def _words(spread: dict[str, float], digits: int) -> str:
    middle, least, most = (f"{value:,.{digits}f}" for value in spread.values())
    return f"{middle} ({least}–{most})"


def machine() -> dict[str, Any]:
    """Where it ran; `load` is the load average of the last minute, before the run."""
    models = [line for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    return {
        "cpu": models[0].partition(":")[2].strip() if models else platform.machine(),
        "cores": os.cpu_count(),
        "memory": _lines("/proc/meminfo")[0].partition(":")[2].strip(),
        "system": platform.platform(),
        "load": os.getloadavg()[0],
    }


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines()


def versions() -> dict[str, str]:
    """What it ran on."""
    own = {"gewu": server.__version__, "python": platform.python_version()}
    databases = {
        "sqlite": sqlite3.sqlite_version,
        "postgresql": str(MAJOR_VERSION),
    }
    return own | databases | {name: version(name) for name in PACKAGES}


def as_rows(samples: Iterable[Sample]) -> list[dict[str, Any]]:
    """The samples as JSON keeps them."""
    return [asdict(sample) for sample in samples]
