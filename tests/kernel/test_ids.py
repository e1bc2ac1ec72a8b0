"""Identifiers."""

import re
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from server.kernel.ids import canonical, uuid7

ID = "0199c0de-abcd-7000-8000-00000000000a"


def test_a_uuid7_says_when_it_was_made() -> None:
    before = time.time_ns() // 1_000_000
    made = uuid7()
    after = time.time_ns() // 1_000_000
    assert re.fullmatch(
        r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", made
    )
    assert before <= uuid.UUID(made).int >> 80 <= after


def test_no_two_are_the_same() -> None:
    assert len({uuid7() for _ in range(10_000)}) == 10_000


def test_later_ones_sort_later(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    for ms in (1_700_000_000_000, 1_700_000_000_001, 1_800_000_000_000):
        monkeypatch.setattr(time, "time_ns", lambda ms=ms: ms * 1_000_000)
        made.append(uuid7())
    assert made == sorted(made)


@pytest.mark.parametrize("later_ms", [0, -60_000], ids=["one moment", "clock set back"])
def test_they_are_in_order_whatever_the_clock_says(
    monkeypatch: pytest.MonkeyPatch, later_ms: int
) -> None:
    now = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now)
    first = [uuid7() for _ in range(1_000)]
    monkeypatch.setattr(time, "time_ns", lambda: now + later_ms * 1_000_000)
    made = first + [uuid7() for _ in range(1_000)]
    assert made == sorted(set(made))


def test_threads_make_no_two_alike() -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: uuid7(), range(20_000)))
    assert len(set(made)) == len(made)


@pytest.mark.parametrize("text", [ID, ID.upper(), "00000000-0000-0000-0000-000000000000"])
def test_a_uuid_in_its_usual_form(text: str) -> None:
    assert canonical(text) == text.lower()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        ID.replace("-", ""),
        "{" + ID + "}",
        "urn:uuid:" + ID,
        ID + "\n",
        " " + ID,
        ID[:-1],
        ID + "0",
        ID.replace("a", "g"),
        ID.replace("0", "０"),
        "0199c0dea-bcd-7000-8000-00000000000a",
    ],
)
def test_other_forms_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        canonical(text)
