"""An aim is told beside its own figure alone, and plainly."""

import pytest

from bench.aims import AIMS, told


@pytest.mark.parametrize(
    ("figure", "value", "expected"),
    [
        (("fresh", "sqlite", 8, "cpu_s_per_10000"), 0.6, "≤ 0.6: reached"),
        (("fresh", "sqlite", 8, "cpu_s_per_10000"), 0.61, "≤ 0.6: missed"),
        (("fresh", "postgresql", 8, "cpu_s_per_10000"), 0.61, "≤ 1: reached"),
        (("fresh", "postgresql", 8, "cpu_to_limit"), 9.0, ""),
        (("fresh", "sqlite", 32, "p99_ms"), 251.0, "≤ 250: missed"),
        (("fresh", "sqlite", 8, "p99_ms"), 251.0, ""),
        (("raw", "sqlite", 8, "cpu_s_per_10000"), 9.0, ""),
        (("idle", "postgresql", 1, "bytes"), 1200.0, "≤ 1,200: reached"),
        (("growth", "sqlite", 8, "to_empty_ratio at 1,000,000"), 1.2, "≤ 1.15: missed"),
    ],
)
def test_an_aim_is_told_of_its_figure(
    figure: tuple[str, str, int, str], value: float, expected: str
) -> None:
    assert told(*figure, value) == expected


def test_no_figure_has_two_aims() -> None:
    known = [(aim.what, aim.figure, aim.database, aim.clients) for aim in AIMS]
    assert len(set(known)) == len(known)
