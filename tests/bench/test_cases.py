"""The cases run on both databases and say what they measured; never how fast."""

import math
import random
from collections import Counter
from typing import Any

import pytest

from bench.aims import AT
from bench.cases.growth import CPU, RATIO
from bench.cases.record import Record, summary
from bench.cases.run import CASES
from bench.cases.shift import ACTIONS, CHUNKS, ITEMS, REPORTS, whole
from bench.cases.stage import QUICK
from bench.deployment import DATABASES
from bench.film import Film
from bench.items import Notebook
from bench.slow import ROUND_TRIP_S
from bench.street import Worker
from server.items.lines import read_line
from server.kernel.ids import uuid7

# A push is given by the worker alone; the clocks of tasks are looked at by one browser.
ALONE = {"push": (1,), "lights": (1,), "statistics": (1,), "memory": (max(QUICK.clients),)}
WORKER = Worker(uuid7(), uuid7(), 30.25, 120.15, uuid7(), "gwd_none")


@pytest.fixture
def found(whole: dict[str, Any]) -> dict[str, Any]:
    """What a quick run wrote of the cases."""
    cases: dict[str, Any] = whole["cases"]
    return cases


def test_every_figure_is_measured_once(found: dict[str, Any]) -> None:
    told = Counter(
        (one["case"], one["database"], one["clients"], figure)
        for one in found["records"]
        for figure in one["figures"]
    )
    assert set(told.values()) == {1}
    assert {known[:3] for known in told} == {
        (case, database, clients)
        for case in CASES
        for database in DATABASES
        for clients in ALONE.get(case, QUICK.clients)
    }


def test_figures_are_sane(found: dict[str, Any]) -> None:
    for one in found["records"]:
        assert one["figures"]
        assert all(0 <= value < math.inf for value in one["figures"].values())
    for line in found["summary"]:
        assert line["least"] <= line["median"] <= line["most"]


def of(found: dict[str, Any], case: str) -> list[dict[str, float]]:
    return [one["figures"] for one in found["records"] if one["case"] == case]


def test_a_shift_goes_in_one_round_trip(found: dict[str, Any]) -> None:
    for case in ("shift", "line"):
        assert {one["round_trips"] for one in of(found, case)} == {1}


def test_a_slow_line_takes_longer_than_its_bytes(found: dict[str, Any]) -> None:
    for one in of(found, "line"):
        assert one["seconds"] > one["bytes_alone_s"] + 2 * ROUND_TRIP_S


def test_memory_is_most_while_it_is_used(found: dict[str, Any]) -> None:
    for one in of(found, "memory"):
        assert one["most_bytes"] >= one["after_bytes"]
        assert one["most_bytes"] >= one["idle_bytes"] > 0


def test_growth_is_measured_on_an_empty_and_on_a_filled_store(found: dict[str, Any]) -> None:
    figures = [figure for one in of(found, "growth") for figure in one]
    for wanted in (f"{CPU}{AT}0", f"{CPU}{AT}2,000", f"{RATIO}{AT}2,000"):
        assert figures.count(wanted) == len(DATABASES) * len(QUICK.clients)


def test_lists_have_a_first_page_and_one_in_the_middle(found: dict[str, Any]) -> None:
    asked = {tuple(figure.split()[:2]) for one in of(found, "lists") for figure in one}
    assert Counter(page for _, page in asked) == {"first": 7, "middle": 7}


def test_a_shift_has_its_items_and_passes_the_schemas() -> None:
    raw = whole(Notebook(WORKER, random.Random(1)), [uuid7() for _ in range(ACTIONS)])
    lines = [read_line(no, line, 65536) for no, line in enumerate(raw)]
    assert [line.code for line in lines] == [None] * ITEMS
    kinds = {"shift_start": 1, "track": CHUNKS, "report": REPORTS, "task_action": ACTIONS}
    assert Counter(line.kind for line in lines) == kinds | {"shift_end": 1}


def test_photos_differ_and_have_the_size() -> None:
    film = Film(200_000)
    first, second = film.photo(0), film.photo(1)
    assert len(first) == len(second) == film.size
    assert first != second


def test_the_summary_is_by_figure() -> None:
    rounds = [Record("idle", "sqlite", 1, n, {"cpu_ms": value}) for n, value in enumerate((3, 1))]
    known = {"case": "idle", "database": "sqlite", "clients": 1, "figure": "cpu_ms"}
    spread = {"median": 2, "least": 1, "most": 3}
    assert summary(rounds) == [known | spread | {"aim": "≤ 1: missed"}]
