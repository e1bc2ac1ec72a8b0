"""What is made of the samples of `bench.sync`: medians and spreads, and a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from bench.aims import told
from bench.figures import spread, words
from bench.sample import HandIn

AIMED = {"cpu_s_per_10000": "CPU", "cpu_to_limit": "CPU/limit", "p99_ms": "p99"}


@dataclass(frozen=True, kw_only=True)
class Sample(HandIn):
    """One measurement on a database. `what` is fresh, replay, raw (insert) or parse."""

    database: str


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
                "items_per_s": spread(s.rate for s in own),
                "cpu_s_per_10000": spread(s.cpu_per for s in own),
                "load_cpu_s_per_10000": spread(s.load_cpu_per for s in own),
                "cpu_to_raw": spread(s.cpu / r.cpu for s, r in zip(own, raws, strict=True)),
                "cpu_to_limit": spread(s.cpu / cpu for s, cpu in zip(own, limits, strict=True)),
                "rate_to_raw": spread(s.rate / r.rate for s, r in zip(own, raws, strict=True)),
            }
            | {name: spread(s.latency[name] for s in own) for name in own[0].latency}
        )
    return lines


def table(lines: Sequence[dict[str, Any]]) -> Table:
    """The summary for people: medians, with the least and the most where it matters, and aims."""
    shown = Table()
    for name in ("database", "what", "clients"):
        shown.add_column(name, no_wrap=True)
    for name in ("items/s", "CPU s / 10,000", "CPU/limit", "p99 ms"):
        shown.add_column(name, justify="right", no_wrap=True)
    shown.add_column("aim", no_wrap=True)
    for line in lines:
        shown.add_row(
            line["database"],
            line["what"],
            str(line["clients"]),
            f"{line['items_per_s']['median']:,.0f}",
            words(line["cpu_s_per_10000"], 2),
            f"{line['cpu_to_limit']['median']:.1f}",
            words(line["p99_ms"], 0) if "p99_ms" in line else "",
            _aims(line),
        )
    return shown


def _aims(line: dict[str, Any]) -> str:
    """Each on a line of its own."""
    known = (line["what"], line["database"], line["clients"])
    found = (
        (name, told(*known, figure, line[figure]["median"]))
        for figure, name in AIMED.items()
        if figure in line
    )
    return "\n".join(f"{name} {aim}" for name, aim in found if aim)
