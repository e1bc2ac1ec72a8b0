"""The whole bench leaves one file and one table, and every program says what it takes."""

import importlib
from typing import Any

import pytest
from click.testing import CliRunner
from rich.console import Console

from bench import combined, results
from bench.cases.run import CASES
from bench.items import MIX
from bench.parts import NAMES, parts
from bench.results import WIDTH

SPREAD = {"median": 2.0, "least": 1.0, "most": 3.0}


def test_it_says_where_when_and_how(whole: dict[str, Any]) -> None:
    assert whole["command"].startswith("python -m bench --quick")
    assert whole["date"].endswith("+00:00")
    assert whole["machine"]["cores"] >= 1
    assert whole["machine"]["disk"]
    assert whole["versions"].keys() >= {"python", "gewu", "sqlite", "postgresql", "sqlalchemy"}
    assert whole["served"] == {"workers": 2, "threads": 8}
    assert whole["sync"]["size"]["mix"] == MIX


def test_every_part_is_in_the_lines_but_peers_that_are_not_there(whole: dict[str, Any]) -> None:
    assert whole["took_s"].keys() == {"sync", "cases", "burst"}
    assert "`make bench-peers` installs them" in whole["said"]
    measured = {line["what"] for line in whole["lines"]}
    assert measured == {"fresh", "replay", "raw", "parse", *CASES, "burst"}
    assert {line["on"] for line in whole["lines"]} == {"sqlite", "postgresql"}
    for line in whole["lines"]:
        assert line["least"] <= line["median"] <= line["most"]


def test_every_aim_is_told(whole: dict[str, Any]) -> None:
    told = {line["what"] for line in whole["lines"] if line["aim"]}
    timed = {"fresh", "replay", "idle", "shift", "line", "photos", "growth"}
    assert told == timed | {"lights", "statistics"}
    assert all(line["aim"].endswith(("reached", "missed", "")) for line in whole["lines"])


def test_parts_are_those_asked_for_in_their_order() -> None:
    assert list(parts(NAMES, True, None)) == ["sync", "cases", "peers", "burst"]
    assert list(parts(["burst", "idle"], True, None)) == ["cases", "burst"]
    assert list(parts(["peers"], True, None)) == ["peers"]


def peer(what: str) -> dict[str, Any]:
    known = {"subject": "kinto", "what": what, "clients": 8, "cpu_to": {"gewu/sqlite": SPREAD}}
    return known | {"cpu_s_per_10000": SPREAD}


def test_peers_have_lines_and_no_aims() -> None:
    (line,) = combined.lines({"peers": {"summary": [peer("fresh")]}})
    known = {"what": "peers fresh", "on": "kinto", "clients": 8, "figure": "cpu_s_per_10000"}
    assert line == known | SPREAD | {"aim": ""}


def test_a_burst_that_never_ended_has_no_time() -> None:
    run = {"database": "sqlite", "whole": False, "all_in_s": None, "all_in_to_raw": None}
    run |= {"requests_ms": {}, "memory": {"peak_pss": 5}}
    lines = combined.lines({"burst": {"plan": {"devices": 9}, "runs": [run]}})
    assert {line["figure"]: line["median"] for line in lines} == {"whole": 0, "most_bytes": 5}


def test_the_table_has_a_column_for_each_number_of_clients_and_says_who_missed() -> None:
    known = [
        {"what": "idle", "on": "sqlite", "clients": clients, "figure": "cpu_ms", "aim": aim}
        | {"median": median}
        for clients, median, aim in (
            (1, 0.5, "≤ 1: reached"),
            (8, 1.25, "≤ 1: missed"),
            (32, 2_500_000.0, "≤ 1: missed"),
        )
    ]
    hidden = known[0] | {"figure": "p50_ms at 0"}
    console = Console(width=WIDTH)
    with console.capture() as shown:
        console.print(combined.table([*known, hidden]))
    text = shown.get()
    assert "≤ 1: reached at 1; ≤ 1: missed at 8, 32" in " ".join(text.split())
    for words in ("0.50", "1.25", "2.5 M"):
        assert words in text
    assert "p50_ms" not in text


@pytest.mark.parametrize(
    ("program", "option"),
    [
        ("bench.__main__", "--only"),
        ("bench.sync", "--quick"),
        ("bench.cases.__main__", "--to"),
        ("bench.peers.__main__", "--cache"),
        ("bench.burst.__main__", "--devices"),
    ],
)
def test_every_program_says_what_it_takes(program: str, option: str) -> None:
    said = CliRunner().invoke(importlib.import_module(program).main, ["--help"])
    assert said.exit_code == 0
    assert option in said.output
    assert str(results.FOLDER) in "".join(said.output.split())
