"""Receipts by hand, when a device starts over, how far a page goes, when it comes again."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kernel.signing import verify
from server.sync.rules import (
    SEEN_EVERY,
    Install,
    cut,
    must_reset,
    page_objects,
    root_of,
    signed_text,
    spread,
    tells_nothing,
    text_hash,
)

CONTRACT = Path(__file__).parent.parent / "contract"
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_a_root_by_hand() -> None:
    """printf 'aa accepted\\nbb stale' | sha256sum"""
    expected = "d9fb931595dc1c845caecc036a8ad201d9e543eef9eb5683eba1f25130718a49"
    assert root_of([["aa", "accepted"], ("bb", "stale")]) == expected
    assert root_of([["bb", "stale"], ["aa", "accepted"]]) != expected
    assert root_of([]) == EMPTY


def test_a_signed_text_by_hand() -> None:
    text = signed_text("epoch", "install", 3, "2026-11-22T06:40:00.120Z", 2, "root", "prev")
    assert text == "gewu-receipt-1\nepoch\ninstall\n3\n2026-11-22T06:40:00.120Z\n2\nroot\nprev"
    assert text_hash("") == EMPTY


def test_the_golden_receipts_are_what_these_rules_say() -> None:
    key = json.loads((CONTRACT / "key_answer.json").read_bytes())["key"]
    prev = ""
    for receipt in json.loads((CONTRACT / "receipts_answer.json").read_bytes())["receipts"]:
        assert (receipt["prev"], receipt["root"]) == (prev, root_of(receipt["lines"]))
        named = ("epoch", "install", "no", "at", "items", "root", "prev")
        text = signed_text(*(receipt[name] for name in named))
        assert verify(key, text, receipt["sig"])
        prev = text_hash(text)


@pytest.mark.parametrize(
    ("seen", "cursor", "last", "swept", "began", "reset"),
    [
        (None, 0, 0, 0, 0, False),
        ("now", 0, 9, 0, 0, False),
        ("now", 9, 9, 0, 0, False),
        ("now", 10, 9, 0, 0, True),
        (None, 1, 0, 0, 0, True),
        ("before", 0, 9, 0, 0, True),
        ("before", 5, 9, 0, 0, True),
        ("now", 5, 9, 5, 0, False),
        ("now", 4, 9, 5, 0, True),
        ("now", 4, 9, 5, 4, True),
        ("now", 4, 9, 5, 5, False),
        ("now", 0, 9, 5, 0, False),
        (None, 4, 9, 5, 0, True),
    ],
)
def test_when_a_device_starts_over(
    seen: str | None, cursor: int, last: int, swept: int, began: int, reset: bool
) -> None:
    assert must_reset(seen, "now", cursor, last, swept, began) == reset


def weight(change: dict[str, Any]) -> int:
    return len(json.dumps(change, ensure_ascii=False, separators=(",", ":")).encode()) + 1


CHANGES = st.lists(st.fixed_dictionaries({"text": st.text(max_size=20)}), max_size=12)


@given(CHANGES, st.integers(1, 300))
def test_a_page_holds_all_that_fits_and_at_least_one(
    changes: list[dict[str, Any]], want: int
) -> None:
    page, left = cut(changes, want)
    assert page == changes[: len(page)]
    assert left == (len(page) < len(changes))
    if changes:
        assert len(page) == 1 or sum(map(weight, page)) <= want
    if left:
        assert sum(map(weight, changes[: len(page) + 1])) > want


@pytest.mark.parametrize(
    ("want", "most"), [(1, 1), (200, 1), (16_384, 81), (65_536, 327), (10**9, 500)]
)
def test_not_many_more_changes_than_fit_are_looked_at(want: int, most: int) -> None:
    assert page_objects(want) == most


def test_a_page_is_measured_in_bytes_not_in_letters() -> None:
    changes = [{"t": "网"}, {"t": "格"}]
    assert [weight(change) for change in changes] == [12, 12]
    assert cut(changes, 24) == (changes, False)
    assert cut(changes, 23) == (changes[:1], True)


@given(st.integers(1, 86_400), st.floats(0, 1, exclude_max=True))
def test_a_fleet_spreads_by_a_fifth(base: int, chance: float) -> None:
    assert max(1, round(base * 0.8)) <= spread(base, chance) <= max(1, round(base * 1.2))


def test_the_ends_of_the_spread() -> None:
    assert [spread(1000, chance) for chance in (0.0, 0.5, 1.0)] == [800, 1000, 1200]
    assert spread(1, 0.0) == 1


SEEN = datetime(2026, 11, 22, 6, 40, tzinfo=UTC)
KNOWN = Install(
    install="i",
    member="m",
    state="active",
    app="1.0",
    outbox={"items": 0},
    seen_at=SEEN,
    offsets=[],
    cursor=7,
    began=3,
    forked=False,
    seqs=[],
    receipt=0,
    receipt_hash="",
)
ASKS = {"cursor": 7, "app": "1.0", "outbox": {"items": 0}}


@pytest.mark.parametrize("silent", [{}, {"app": None}, {"outbox": None}])
def test_a_device_that_only_asks_tells_nothing(silent: dict[str, Any]) -> None:
    assert tells_nothing(KNOWN, ASKS | silent, 9, SEEN + SEEN_EVERY - timedelta(seconds=1))


@pytest.mark.parametrize(
    "told", [{"cursor": 8}, {"cursor": 6}, {"app": "1.1"}, {"outbox": {"items": 1}}]
)
def test_what_a_device_tells_is_written_down(told: dict[str, Any]) -> None:
    assert not tells_nothing(KNOWN, ASKS | told, 9, SEEN)


@pytest.mark.parametrize(
    ("seen_at", "now"),
    [(None, SEEN), (SEEN, SEEN + SEEN_EVERY), (SEEN, SEEN - timedelta(seconds=1))],
)
def test_having_been_seen_is_written_once_in_a_while(
    seen_at: datetime | None, now: datetime
) -> None:
    assert not tells_nothing(replace(KNOWN, seen_at=seen_at), ASKS, 9, now)


def test_a_feed_that_begins_after_a_sweep_is_written_down() -> None:
    begins = replace(KNOWN, cursor=0)
    assert not tells_nothing(begins, ASKS | {"cursor": 0}, 9, SEEN)
    assert tells_nothing(begins, ASKS | {"cursor": 0}, 3, SEEN)
