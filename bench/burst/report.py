"""What is made of a burst: figures for JSON, a table for people."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table

from bench.burst.plan import Plan
from bench.burst.proof import Proof
from bench.burst.raw import Raw
from bench.burst.storm import Moment, as_rows
from bench.burst.tally import Record, Tally
from bench.figures import percentile
from bench.taken import Taken

FEW_TIMES = 5
MIB = 1 << 20


@dataclass(frozen=True)
class Burst:
    """One run on one database. `took` covers the burst alone: `there` the server and database."""

    database: str
    plan: Plan
    prepared_s: float
    took: Taken[tuple[Tally, list[Moment]]]
    proof: Proof
    raw: Raw
    server_log: dict[str, int]

    @property
    def is_whole(self) -> bool:
        """Everything is in exactly once, and every device was told so."""
        told = all(record.in_s is not None for record in self.took.result[0].records)
        return told and self.proof.is_whole


def figures(burst: Burst) -> dict[str, Any]:
    """Everything that a run showed, as JSON keeps it; seconds, milliseconds, bytes."""
    tally, moments = burst.took.result
    raw = limit(burst.raw, burst.plan.devices)
    in_s = until_all_in(tally.records)
    return {
        "database": burst.database,
        "whole": burst.is_whole,
        "proof": asdict(burst.proof),
        "devices_in": sum(record.in_s is not None for record in tally.records),
        "all_in_s": in_s,
        "raw": raw,
        "all_in_to_raw": in_s and round(in_s / raw["seconds"], 2),
        "device_s": tail(r.in_s - r.arrived_s for r in tally.records if r.in_s and r.arrived_s),
        "requests_ms": {
            kind: {"count": len(seconds)} | tail(1000 * one for one in seconds)
            for kind, seconds in sorted(tally.seconds.items())
        },
        "verdicts": dict(tally.verdicts),
        "failures": dict(tally.failures),
        "turned_away": often([record.turned_away for record in tally.records]),
        "unanswered": often([record.unanswered for record in tally.records]),
        "cpu": cpu(burst.took),
        "memory": grown(moments),
        "server_log": burst.server_log,
        "prepared_s": round(burst.prepared_s, 1),
        "moments": as_rows(moments),
    }


def until_all_in(records: Iterable[Record]) -> float | None:
    """Seconds from the begin until the last device was in; None if one is not."""
    ends = [record.in_s for record in records]
    known = [end for end in ends if end is not None]
    return round(max(known), 1) if known and len(known) == len(ends) else None


def limit(raw: Raw, devices: int) -> dict[str, Any]:
    """The sample scaled to all devices; `seconds`: rows and photos one after the other."""
    scale = devices / raw.devices
    rows, photos = raw.rows_s * scale, raw.photos_s * scale
    return asdict(raw) | {
        "scaled_rows_s": round(rows, 2),
        "scaled_photos_s": round(photos, 2),
        "seconds": round(rows + photos, 2),
    }


def tail(values: Iterable[float]) -> dict[str, float]:
    """The middle, the 99th of a hundred, and the most; nothing of none."""
    known = sorted(values)
    percents = {"p50": 50, "p99": 99, "max": 100} if known else {}
    return {name: round(percentile(known, percent), 1) for name, percent in percents.items()}


def often(times: Sequence[int]) -> dict[str, int]:
    """How often in all, how often one device at most, how many devices more than a few times."""
    more = sum(one > FEW_TIMES for one in times)
    return {"times": sum(times), "most": max(times, default=0), f"more_than_{FEW_TIMES}": more}


def cpu(took: Taken[Any]) -> dict[str, float]:
    """CPU seconds of both sides; `generator_share` of all that was used."""
    used = took.there + took.here
    return {
        "seconds": round(took.seconds, 1),
        "server_s": round(took.there, 1),
        "generator_s": round(took.here, 1),
        "generator_share": round(took.here / used, 3) if used else 0.0,
    }


def grown(moments: Sequence[Moment]) -> dict[str, int]:
    """The server's memory before the burst, at its peaks and at the end, database included."""
    return {
        "before_pss": moments[0].pss,
        "peak_pss": max(moment.pss for moment in moments),
        "last_pss": moments[-1].pss,
        "peak_rss": max(moment.rss for moment in moments),
        "processes": max(moment.processes for moment in moments),
    }


def table(runs: Sequence[dict[str, Any]]) -> Table:
    """A row per figure, a column per database."""
    shown = Table("", *(run["database"] for run in runs))
    columns = [dict(_lines(run)) for run in runs]
    for name in columns[0]:
        shown.add_row(name, *(column[name] for column in columns))
    return shown


def _lines(run: dict[str, Any]) -> Iterable[tuple[str, str]]:
    proof, raw, memory, cpus = run["proof"], run["raw"], run["memory"], run["cpu"]
    yield "everything in exactly once", "yes" if run["whole"] else "NO"
    for name in ("items", "photo_rows", "photo_files"):
        yield (
            f"{name.replace('_', ' ')}: once / sent",
            f"{proof[name]['once']:,} / {proof[name]['sent']:,}",
        )
    yield "all in after, s", str(run["all_in_s"])
    yield "raw rows + photos, s", f"{raw['scaled_rows_s']} + {raw['scaled_photos_s']}"
    yield "all in / raw", str(run["all_in_to_raw"])
    yield "a device, s (p50, p99, max)", _three(run["device_s"])
    for kind, answered in run["requests_ms"].items():
        yield f"{answered['count']:,} × {kind}, ms (p50, p99, max)", _three(answered)
    for name in ("turned_away", "unanswered"):
        found = run[name]
        yield (
            f"{name.replace('_', ' ')}: times; most; devices > {FEW_TIMES}",
            "; ".join(f"{value:,}" for value in found.values()),
        )
    yield "failures", ", ".join(f"{n:,} × {name}" for name, n in run["failures"].items()) or "none"
    yield (
        "server PSS, MiB (before, peak, last)",
        ", ".join(f"{memory[name] / MIB:.0f}" for name in ("before_pss", "peak_pss", "last_pss")),
    )
    yield "server RSS, peak of the sum, MiB", f"{memory['peak_rss'] / MIB:.0f}"
    yield "CPU s: server, generator", f"{cpus['server_s']}, {cpus['generator_s']}"


def _three(found: dict[str, Any]) -> str:
    return ", ".join(f"{found[name]:,}" for name in ("p50", "p99", "max") if name in found)
