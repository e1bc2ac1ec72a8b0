"""What is made of measured values, and of rounds, processes and their memory."""

import os
import subprocess
import sys
from typing import Any

import pytest

from bench.figures import latency_ms, percentile, spread, words
from bench.memory import memory
from bench.processes import stats, tree
from bench.rounds import Rounds


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([7], 99, 7),
        ([3, 1, 2], 50, 2),
        ([4, 1, 3, 2], 1, 1),
        (range(1, 101), 99, 99),
        (range(1, 101), 100, 100),
    ],
)
def test_a_percentile_is_a_value_that_was_seen(values: Any, percent: int, expected: int) -> None:
    assert percentile(values, percent) == expected


def test_nothing_has_no_percentile() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 50)


def test_latency_is_told_in_milliseconds() -> None:
    assert latency_ms([n / 1000 for n in range(1, 101)]) == {"p50_ms": 50, "p99_ms": 99}


def test_a_spread_has_its_words() -> None:
    found = spread([3000, 1000, 1500])
    assert found == {"median": 1500, "least": 1000, "most": 3000}
    assert words(found, 0) == "1,500 (1,000–3,000)"


def test_rounds_end_by_their_number_or_their_time() -> None:
    assert list(Rounds(3, 60.0)) == [0, 1, 2]
    assert list(Rounds(3, -1.0)) == [0]


def test_a_tree_has_children_and_no_strangers() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        within = tree([os.getpid()], stats())
        assert {os.getpid(), child.pid} <= within
        assert os.getppid() not in within
        assert tree([child.pid], stats()) == {child.pid}
        child.communicate(b"\n")


def test_memory_counts_every_process_once() -> None:
    own = memory([os.getpid()])
    assert own.rss >= own.pss > 0
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert memory([os.getpid(), child.pid]).processes == own.processes + 1
        child.communicate(b"\n")
    assert memory([child.pid]).processes == 0
