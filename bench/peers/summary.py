"""Medians and spreads, and how each compares with Gewu on either database in the same round."""

from collections.abc import Sequence
from typing import Any

from rich.table import Table

from bench.deployment import DATABASES
from bench.figures import spread, words
from bench.peers import gewu
from bench.peers.measure import Sample

Line = dict[str, Any]


def summary(samples: Sequence[Sample]) -> list[Line]:
    """One line per subject, what, and clients.

    `cpu_to` and `rate_to` are the ratios of CPU per item and of items per second to Gewu, by
    database.
    """
    beside = {(s.subject, s.what, s.clients, s.round): s for s in samples}
    keys = dict.fromkeys((s.subject, s.what, s.clients) for s in samples)
    lines = []
    for key in keys:
        own = [s for s in samples if (s.subject, s.what, s.clients) == key]
        line: Line = dict(zip(("subject", "what", "clients"), key, strict=True))
        line["items_per_s"] = spread(s.rate for s in own)
        line["cpu_s_per_10000"] = spread(s.cpu_per for s in own)
        line["load_cpu_s_per_10000"] = spread(s.load_cpu_per for s in own)
        for database in DATABASES:
            name = gewu.name(database)
            theirs = [beside[name, s.what, s.clients, s.round] for s in own]
            pairs = list(zip(own, theirs, strict=True))
            line.setdefault("cpu_to", {})[name] = spread(s.cpu_per / g.cpu_per for s, g in pairs)
            line.setdefault("rate_to", {})[name] = spread(s.rate / g.rate for s, g in pairs)
        lines.append(line)
    return lines


def table(lines: Sequence[Line]) -> Table:
    """The summary for people: medians, with the least and the most where it matters."""
    shown = Table()
    for name in ("product", "what", "clients"):
        shown.add_column(name, no_wrap=True)
    for name in ("records/s", "CPU s / 10,000"):
        shown.add_column(name, justify="right", no_wrap=True)
    for database in DATABASES:
        shown.add_column(f"CPU, rate to Gewu {database}", justify="right")
    shown.add_column("clients' CPU s / 10,000", justify="right")
    for line in lines:
        shown.add_row(*_row(line))
    return shown


def _row(line: Line) -> list[str]:
    return [
        line["subject"],
        line["what"],
        str(line["clients"]),
        words(line["items_per_s"], 0),
        words(line["cpu_s_per_10000"], 2),
        *(_ratios(line, gewu.name(database)) for database in DATABASES),
        f"{line['load_cpu_s_per_10000']['median']:.2f}",
    ]


def _ratios(line: Line, name: str) -> str:
    return f"{line['cpu_to'][name]['median']:.2f}, {line['rate_to'][name]['median']:.2f}"
