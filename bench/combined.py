"""All parts of a run as lines of one shape, and the one table of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich.table import Table

from bench.aims import AT, told
from bench.cases.record import MANY

Line = dict[str, Any]
"""`what` was measured `on` which database or product, with so many `clients`: a figure's median,
least and most, and its aim."""

TITLE = "Medians, by clients at once (of a burst: devices); the JSON has their spreads"
MILLION = 1_000_000
# These stand in the JSON and say little at a glance.
UNSHOWN = ("p50_ms", "load_cpu_s_per_10000", "cpu_to_raw", "rate_to_raw", "rate_to_raw_ratio")


def lines(found: Mapping[str, Any]) -> list[Line]:
    """Of each part (sync, cases, peers, burst) that is there."""
    readers = {"sync": _of_sync, "cases": _of_cases, "peers": _of_peers, "burst": _of_burst}
    return [line for part, read in readers.items() if part in found for line in read(found[part])]


def _line(what: str, on: str, clients: int, figure: str, spread: Mapping[str, Any]) -> Line:
    known = {"what": what, "on": on, "clients": clients, "figure": figure}
    values = {name: spread[name] for name in ("median", "least", "most")}
    return known | values | {"aim": told(what, on, clients, figure, spread["median"])}


def _of_sync(found: Mapping[str, Any]) -> Iterator[Line]:
    for one in found["summary"]:
        for figure, spread in _spreads(one):
            yield _line(one["what"], one["database"], one["clients"], figure, spread)


def _of_cases(found: Mapping[str, Any]) -> Iterator[Line]:
    for one in found["summary"]:
        yield _line(one["case"], one["database"], one["clients"], one["figure"], one)


def _of_peers(found: Mapping[str, Any]) -> Iterator[Line]:
    for one in found["summary"]:
        for figure, spread in _spreads(one):
            yield _line(f"peers {one['what']}", one["subject"], one["clients"], figure, spread)


def _spreads(one: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for figure, spread in one.items():
        if isinstance(spread, dict) and "median" in spread:
            yield figure, spread


def _of_burst(found: Mapping[str, Any]) -> Iterator[Line]:
    """A burst is blown once; what never came has no line."""
    for run in found["runs"]:
        figures = {
            "whole": float(run["whole"]),
            "all_in_s": run["all_in_s"],
            "all_in_to_raw_ratio": run["all_in_to_raw"],
            "hand_in_p99_ms": run["requests_ms"].get("hand-in", {}).get("p99"),
            "most_bytes": float(run["memory"]["peak_pss"]),
        }
        for figure, value in figures.items():
            if value is not None:
                once = dict.fromkeys(("median", "least", "most"), value)
                yield _line("burst", run["database"], found["plan"]["devices"], figure, once)


def table(known: Sequence[Line]) -> Table:
    """Medians: a row for each figure, a column for each number of clients, and the aim."""
    shown = [line for line in known if not line["figure"].partition(AT)[0].endswith(UNSHOWN)]
    columns = sorted({line["clients"] for line in shown})
    found = Table(title=TITLE, title_justify="left")
    found.add_column("what", overflow="fold")
    found.add_column("on", overflow="fold")
    found.add_column("figure", no_wrap=True)
    for clients in columns:
        found.add_column(str(clients), justify="right", no_wrap=True)
    found.add_column("aim", overflow="fold")
    for (what, on, figure), row in _rows(shown).items():
        cells = (_number(row[one]["median"]) if one in row else "" for one in columns)
        found.add_row(what, on, figure, *cells, _aims(row.values()))
    return found


def _rows(known: Iterable[Line]) -> dict[tuple[str, str, str], dict[int, Line]]:
    rows: dict[tuple[str, str, str], dict[int, Line]] = {}
    for line in known:
        row = rows.setdefault((line["what"], line["on"], line["figure"]), {})
        row[line["clients"]] = line
    return rows


def _number(value: float) -> str:
    if value >= MILLION:
        return f"{value / MILLION:,.1f} M"
    return f"{value:,.0f}" if value >= MANY else f"{value:,.2f}"


def _aims(row: Iterable[Line]) -> str:
    """`≤ 1: missed`, or which number of clients reached it and which missed it."""
    clients: dict[str, list[str]] = {}
    for line in row:
        if line["aim"]:
            clients.setdefault(line["aim"], []).append(str(line["clients"]))
    if len(clients) == 1:
        return next(iter(clients))
    return "; ".join(f"{aim} at {', '.join(known)}" for aim, known in clients.items())
