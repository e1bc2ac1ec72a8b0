"""Hand-ins are measured on both databases, and it is said what they took; never how fast."""

import math
import random
import subprocess
import sys
from collections import Counter
from functools import partial
from typing import Any

import pytest

from bench.cpu import cpu_seconds
from bench.deployment import DATABASES
from bench.items import BATCH, MIX, SHIFTS, Notebook
from bench.report import Sample, summary
from bench.street import Worker
from bench.sync import CLIENTS
from bench.taken import taken
from server.items.lines import read_line
from server.kernel.ids import uuid7

WHATS = ("fresh", "replay", "raw", "parse")
CASES = {
    (database, what, clients) for database in DATABASES for what in WHATS for clients in CLIENTS
}
FIGURES = {
    "items_per_s",
    "cpu_s_per_10000",
    "load_cpu_s_per_10000",
    "cpu_to_raw",
    "cpu_to_limit",
    "rate_to_raw",
}
LATENCY = {"p50_ms", "p99_ms"}
VERDICTS = {"fresh": "accepted", "replay": "replay"}
WORKER = Worker(uuid7(), uuid7(), 30.25, 120.15, uuid7(), "gwd_none")


@pytest.fixture
def found(whole: dict[str, Any]) -> dict[str, Any]:
    """What a quick run wrote of the hand-ins."""
    sync: dict[str, Any] = whole["sync"]
    return sync


def test_every_case_is_measured_once(found: dict[str, Any]) -> None:
    cases = [(one["database"], one["what"], one["clients"]) for one in found["samples"]]
    assert set(cases) == CASES
    assert len(cases) == len(CASES)
    assert all(one["items"] == BATCH * one["clients"] for one in found["samples"])


def test_all_items_were_accepted_and_all_replays_known(found: dict[str, Any]) -> None:
    for one in found["samples"]:
        verdict = VERDICTS.get(one["what"])
        assert one["verdicts"] == ({verdict: one["items"]} if verdict else {})


def test_the_summary_has_a_line_for_every_case(found: dict[str, Any]) -> None:
    assert {(one["database"], one["what"], one["clients"]) for one in found["summary"]} == CASES
    for line in found["summary"]:
        spreads = {name: value for name, value in line.items() if isinstance(value, dict)}
        assert spreads.keys() == FIGURES | (LATENCY if line["what"] in VERDICTS else set())
        for spread in spreads.values():
            assert 0 <= spread["least"] <= spread["median"] <= spread["most"] < math.inf


def test_a_batch_is_the_mix_and_passes_the_schemas() -> None:
    notebook = Notebook(WORKER, random.Random(1))
    raw = [line for _ in range(2) for line in notebook.batch([uuid7() for _ in range(SHIFTS)])]
    lines = [read_line(no, line, 65536) for no, line in enumerate(raw)]
    assert [line.code for line in lines] == [None] * 2 * BATCH
    assert Counter(line.kind for line in lines) == {kind: 2 * n for kind, n in MIX.items()}
    assert [line.seq for line in lines] == list(range(1, 2 * BATCH + 1))


def test_ratios_are_to_what_stands_beside_in_the_same_round() -> None:
    def round_(number: int, raw_cpu: float, p99_ms: float) -> list[Sample]:
        known = partial(Sample, database="sqlite", clients=8, round=number, items=1000)
        latency = {"p99_ms": p99_ms}
        return [
            known(what="fresh", seconds=2.0, cpu=6.0, load_cpu=1.0, latency=latency),
            known(what="raw", seconds=1.0, cpu=raw_cpu),
            known(what="parse", seconds=0.5, cpu=1.0),
        ]

    fresh, raw, _ = summary([*round_(0, 1.0, 9.0), *round_(1, 2.0, 7.0), *round_(2, 3.0, 8.0)])
    assert fresh["items_per_s"] == {"median": 500, "least": 500, "most": 500}
    assert fresh["cpu_s_per_10000"]["median"] == 60
    assert fresh["load_cpu_s_per_10000"]["median"] == 10
    assert fresh["cpu_to_raw"] == {"median": 3, "least": 2, "most": 6}
    assert fresh["cpu_to_limit"] == {"median": 2, "least": 1.5, "most": 3}
    assert fresh["rate_to_raw"]["median"] == 0.5
    assert fresh["p99_ms"] == {"median": 8, "least": 7, "most": 9}
    assert raw["cpu_to_raw"] == {"median": 1, "least": 1, "most": 1}
    assert "p99_ms" not in raw


def test_the_cpu_of_a_child_that_ended_counts() -> None:
    with subprocess.Popen(["/bin/sh", "-c", BUSY], stdin=-1, stdout=-1) as shell:
        assert shell.stdin is not None and shell.stdout is not None
        took = taken(shell.stdout.readline, (shell.pid,))
        assert took.result == b"done\n"
        assert took.there > 0
        shell.stdin.close()
    assert cpu_seconds((shell.pid,)) == 0


BUSY = f"{sys.executable} -c 'sum(range(10**7))'; echo done; read line"
