"""What is made of measured values: medians with their spread, percentiles, and words for people."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any

Spread = dict[str, float]
"""`median`, `least` and `most`, in this order."""


def spread(values: Iterable[float]) -> Spread:
    """The median between the least and the most; StatisticsError without values."""
    known = sorted(values)
    figures = {"median": median(known), "least": known[0], "most": known[-1]}
    return {name: round(value, 4) for name, value in figures.items()}


def words(shown: Mapping[str, Any], digits: int) -> str:
    """`median (least–most)`."""
    middle, least, most = (f"{shown[name]:,.{digits}f}" for name in ("median", "least", "most"))
    return f"{middle} ({least}–{most})"


def percentile(values: Sequence[float], percent: int) -> float:
    """The least value that so many of a hundred do not exceed; ValueError without values."""
    if not values:
        raise ValueError("no values")
    rank = -(-len(values) * percent // 100)
    return sorted(values)[max(rank, 1) - 1]


def latency_ms(seconds: Sequence[float]) -> dict[str, float]:
    """The middle and the 99th of a hundred, in milliseconds."""
    return {f"p{percent}_ms": percentile(seconds, percent) * 1000 for percent in (50, 99)}
