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
    `load_cpu` those of the phones; `latency` that of one exchange, where there are any.
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
    latency: dict[str, float] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Items per second."""
        return self.items / self.seconds


def summary(samples: Sequence[Sample]) -> list[dict[str, Any]]:
    """One line per database, what, and clients; ratios are to what stands beside the sample.

    The limit is a raw insert of the rows and parsing the lines, and nothing else.
    """
    beside = {(s.database, s.clients, s.round, s.what): s for s in samples}
    lines = []
    for key in dict.fromkeys((s.database, s.what, s.clients) for s in samples):
        own = [s for s in samples if (s.database, s.what, s.clients) == key]
        raws, parses = (
            [beside[s.database, s.clients, s.round, what] for s in own] for what in ("raw", "parse")
        )
        limits = [raw.cpu + parse.cpu for raw, parse in zip(raws, parses, strict=True)]
        lines.append(
            dict(zip(("database", "what", "clients"), key, strict=True))
            | {
                "items_per_s": _spread(s.rate for s in own),
                "cpu_s_per_10000": _spread(s.cpu / s.items * PER for s in own),
                "load_cpu_s_per_10000": _spread(s.load_cpu / s.items * PER for s in own),
                "cpu_to_raw": _spread(s.cpu / r.cpu for s, r in zip(own, raws, strict=True)),
                "cpu_to_limit": _spread(s.cpu / cpu for s, cpu in zip(own, limits, strict=True)),
                "rate_to_raw": _spread(s.rate / r.rate for s, r in zip(own, raws, strict=True)),
            }
            | {name: _spread(s.latency[name] for s in own) for name in own[0].latency}
        )
    return lines


def latency_ms(seconds: Sequence[float]) -> dict[str, float]:
    """The middle and the 99th of a hundred, in milliseconds."""
    return {f"p{share}_ms": percentile(seconds, share) * 1000 for share in (50, 99)}


def percentile(values: Sequence[float], percent: int) -> float:
    """The nearest-rank percentile; ValueError without values."""
    if not values:
        raise ValueError("no values")
    rank = -(-len(values) * percent // 100)
    return sorted(values)[max(rank, 1) - 1]


def _spread(values: Iterable[float]) -> dict[str, float]:
    known = sorted(values)
    figures = {"median": median(known), "least": known[0], "most": known[-1]}
    return {name: round(value, 4) for name, value in figures.items()}


def table(lines: Sequence[dict[str, Any]]) -> Table:
    """The summary for people: medians, with the least and the most where it matters."""
    shown = Table()
    for name in ("database", "what", "clients"):
        shown.add_column(name, no_wrap=True)
    for name in ("items/s", "CPU s / 10,000", "CPU/limit", "p99 ms", "phones' CPU s"):
        shown.add_column(name, justify="right", no_wrap=True)
    for line in lines:
        shown.add_row(
            line["database"],
            line["what"],
            str(line["clients"]),
            _words(line["items_per_s"], 0),
            _words(line["cpu_s_per_10000"], 2),
            f"{line['cpu_to_limit']['median']:.1f}",
            _words(line["p99_ms"], 0) if "p99_ms" in line else "",
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
