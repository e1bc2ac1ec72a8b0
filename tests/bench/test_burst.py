"""The burst puts everything in exactly once, on both databases, and says so; never how fast."""

import random
from typing import Any

import pytest
from rich.console import Console

from bench.burst import report
from bench.burst.plan import Plan, arrivals
from bench.burst.proof import Count, Proof, count
from bench.burst.raw import Raw
from bench.burst.run import QUICK
from bench.burst.storm import Moment
from bench.burst.tally import Record, Tally
from bench.deployment import DATABASES
from bench.results import WIDTH
from bench.taken import Taken

# Photos as small as those of a quick burst come whole with their creation: no "bytes".
KINDS = {"hand-in", "exchange", "create"}
PLAN = Plan(devices=100, items=30, photos=5, photo_bytes=1000, within=60, patience=600)


@pytest.fixture
def found(whole: dict[str, Any]) -> dict[str, Any]:
    """What a quick burst wrote."""
    burst: dict[str, Any] = whole["burst"]
    return burst


def test_everything_is_in_exactly_once_on_both_databases(found: dict[str, Any]) -> None:
    assert [run["database"] for run in found["runs"]] == list(DATABASES)
    items, photos = QUICK.devices * QUICK.items, QUICK.devices * QUICK.photos
    once = {"missing": 0, "twice": 0, "strangers": 0}
    for run in found["runs"]:
        assert run["whole"]
        assert run["devices_in"] == QUICK.devices
        proof = run["proof"]
        assert proof["items"] == {"sent": items, "once": items} | once
        for name in ("photo_rows", "photo_files"):
            assert proof[name] == {"sent": photos, "once": photos} | once
        assert proof["leftovers"] == {"quarantined": 0, "waiting": 0, "partial": 0}
        assert run["verdicts"]["accepted"] == items


def test_the_figures_of_a_burst_are_there(found: dict[str, Any]) -> None:
    assert found["disk"]
    assert found["plan"]["devices"] == QUICK.devices
    for run in found["runs"]:
        assert run["requests_ms"].keys() == KINDS
        for answered in run["requests_ms"].values():
            assert answered["count"] >= QUICK.devices
            assert 0 < answered["p50"] <= answered["p99"] <= answered["max"]
        assert run["all_in_s"] > 0
        assert run["raw"]["devices"] == QUICK.devices
        assert run["raw"]["rows_s"] > 0
        assert run["raw"]["photos_s"] > 0
        assert run["memory"]["peak_pss"] >= run["memory"]["before_pss"] > 0
        assert run["moments"][0]["arrived"] == 0


def test_devices_come_within_the_time_each_once() -> None:
    comes = arrivals(PLAN, random.Random(1))
    assert len(comes) == PLAN.devices
    assert comes == sorted(comes)
    assert comes[0] >= 0
    assert comes[-1] <= PLAN.within
    assert comes != arrivals(PLAN, random.Random(2))


def test_the_disk_must_hold_more_than_the_photos() -> None:
    assert PLAN.disk_bytes == 600_000 + 100 * 30 * 6_000


@pytest.mark.parametrize(
    ("sent", "there", "expected"),
    [
        ("ab", "ba", Count(2, 2, 0, 0, 0)),
        ("ab", "a", Count(2, 1, 1, 0, 0)),
        ("ab", "aab", Count(2, 1, 0, 1, 0)),
        ("ab", "abc", Count(2, 2, 0, 0, 1)),
        ("", "", Count(0, 0, 0, 0, 0)),
    ],
)
def test_what_is_there_is_held_against_what_was_sent(
    sent: str, there: str, expected: Count
) -> None:
    counted = count(sent, there)
    assert counted == expected
    assert counted.is_whole == (sorted(sent) == sorted(there))


def test_nothing_half_done_may_be_left() -> None:
    good, bad = Count(1, 1, 0, 0, 0), Count(1, 0, 1, 0, 0)
    assert Proof(good, good, good, {"partial": 0}).is_whole
    assert not Proof(good, good, good, {"partial": 1}).is_whole
    for counts in ((bad, good, good), (good, bad, good), (good, good, bad)):
        assert not Proof(*counts, {"partial": 0}).is_whole


def test_a_refusal_and_a_silence_are_counted_apart() -> None:
    tally = Tally()
    record, other = tally.record(), tally.record()
    for cause in ("429", "503", "507", "refused", "500", "cut"):
        record.note(cause)
    assert (record.turned_away, record.unanswered) == (4, 2)
    assert (other.turned_away, other.unanswered) == (0, 0)
    assert tally.records == [record, other]


def test_all_are_in_when_the_last_is() -> None:
    records = [Record(arrived_s=0.0, in_s=2.0), Record(arrived_s=1.0, in_s=9.04)]
    assert report.until_all_in(records) == 9.0
    assert report.until_all_in([*records, Record(arrived_s=1.0)]) is None
    assert report.until_all_in([]) is None


def test_the_raw_sample_is_scaled_to_all_devices() -> None:
    scaled = report.limit(Raw(50, 1.0, 0.5, 2.0, 1.0), 100)
    assert (scaled["scaled_rows_s"], scaled["scaled_photos_s"], scaled["seconds"]) == (2, 4, 6)


def test_spreads_and_counts() -> None:
    assert report.tail([3, 1, 2]) == {"p50": 2, "p99": 3, "max": 3}
    assert report.tail([]) == {}
    assert report.often([0, 5, 6, 9]) == {"times": 20, "most": 9, "more_than_5": 2}
    assert report.often([]) == {"times": 0, "most": 0, "more_than_5": 0}


def burst(in_s: float | None, proof: Proof) -> report.Burst:
    """One device on SQLite that was turned away seven times."""
    tally = Tally()
    record = tally.record()
    record.arrived_s, record.in_s, record.turned_away = 1.0, in_s, 7
    tally.seconds["hand-in"].append(0.25)
    tally.failures["503"] = 7
    moments = [Moment(0.0, 0, 0, 200 << 20, 100 << 20, 3), Moment(1.0, 1, 1, 400, 300 << 20, 4)]
    took = Taken(12.0, 6.0, 2.0, (tally, moments))
    plan = Plan(1, 3, 1, 8000, 1, 60)
    return report.Burst("sqlite", plan, 1.0, took, proof, Raw(1, 1.0, 0.1, 1.0, 0.1), {})


GOOD = Count(1, 1, 0, 0, 0)
WHOLE = Proof(GOOD, GOOD, GOOD, {"partial": 0})
TORN = Proof(Count(1, 0, 1, 0, 0), GOOD, GOOD, {"partial": 0})


def test_a_burst_is_whole_if_all_is_there_and_every_device_knows() -> None:
    assert burst(11.0, WHOLE).is_whole
    assert not burst(None, WHOLE).is_whole
    assert not burst(11.0, TORN).is_whole


def test_the_figures_are_those_of_both_sides() -> None:
    figures = report.figures(burst(11.0, WHOLE))
    assert figures["all_in_to_raw"] == 5.5
    assert figures["device_s"]["max"] == 10
    assert figures["requests_ms"] == {"hand-in": {"count": 1, "p50": 250, "p99": 250, "max": 250}}
    assert figures["cpu"]["generator_share"] == 0.25
    assert figures["memory"]["peak_pss"] == 300 << 20
    assert figures["turned_away"]["more_than_5"] == 1


def test_the_table_says_no_when_something_is_missing() -> None:
    console = Console(width=WIDTH)
    with console.capture() as shown:
        console.print(report.table([report.figures(burst(None, TORN))]))
    text = shown.get()
    for words in ("NO", "0 / 1", "7; 7; 1", "7 × 503", "250.0, 250.0, 250.0"):
        assert words in text
