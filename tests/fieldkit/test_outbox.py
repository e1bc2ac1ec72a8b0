import hashlib
import json
import tempfile
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldkit.client import Client
from fieldkit.clock import FakeClock
from fieldkit.errors import FieldkitError, InputError, Locked, NotEnrolled
from fieldkit.outbox import Outbox, rank
from fieldkit.store import Store
from tests.fieldkit.conftest import ADDRESS
from tests.fieldkit.fakeserver import DirectTransport, FakeServer, LossyTransport

KINDS = ["task_action", "shift_start", "shift_end", "report", "form", "visit", "track", "novelty"]


def _lines(store: Store) -> list[dict[str, Any]]:
    return [json.loads(row["line"]) for row in store.rows("SELECT line FROM items ORDER BY n")]


def _result(digest: str, status: str, **more: Any) -> dict[str, Any]:
    return {"sha256": digest, "status": status, "flags": [], **more}


def test_nothing_is_captured_before_enrolment(store: Store, clock: FakeClock) -> None:
    with pytest.raises(NotEnrolled):
        Outbox(store, clock).capture("report", {})
    assert store.count("SELECT COUNT(*) FROM items") == 0


def test_lines_are_numbered_and_chained(client: Client, store: Store) -> None:
    captured = [client.outbox.capture("report", {"text": str(n)}) for n in range(3)]
    rows = store.rows("SELECT line, sha256 FROM items ORDER BY n")
    assert [row["sha256"] for row in rows] == [item.sha256 for item in captured]
    assert [hashlib.sha256(row["line"]).hexdigest() for row in rows] == [
        item.sha256 for item in captured
    ]
    lines = _lines(store)
    assert [line["seq"] for line in lines] == [1, 2, 3]
    assert [line.get("prev") for line in lines] == [None, captured[0].sha256, captured[1].sha256]


def test_a_line_says_when_where_and_on_which_boot(client: Client, store: Store, clock) -> None:
    at = clock.now().astimezone(timezone(timedelta(hours=8)))
    loc = {"lat": 30.27, "lon": 120.15, "acc": None, "src": "gps"}
    client.outbox.capture("report", {"text": "井盖"}, at=at, loc=loc, task="t1", schema=2)
    (line,) = _lines(store)
    assert line["at"] == "2026-11-22T16:00:00.000+08:00"
    assert (line["mono"], line["boot"]) == (clock.mono(), clock.boot())
    assert line["loc"] == {"lat": 30.27, "lon": 120.15, "src": "gps"}
    assert (line["task"], line["schema"]) == ("t1", 2)


@pytest.mark.parametrize(
    ("seconds_ago", "mono"), [(0, 60_000), (45.5, 14_500), (60, 0), (60.001, None), (-5, 65_000)]
)
def test_time_since_boot_belongs_to_the_moment_that_is_told(
    client: Client, store: Store, clock: FakeClock, seconds_ago: float, mono: int | None
) -> None:
    client.outbox.capture("track", {}, at=clock.now() - timedelta(seconds=seconds_ago))
    (line,) = _lines(store)
    assert (line.get("mono"), "boot" in line) == (mono, mono is not None)


def test_what_cannot_be_written_takes_no_number(client: Client, store: Store) -> None:
    with pytest.raises(InputError):
        client.outbox.capture("report", {"text": "\udcff"})
    assert client.outbox.capture("report", {"text": "good"}).seq == 1


def test_a_locked_device_captures_nothing(client: Client, server: FakeServer) -> None:
    server.put("command", "c1", {"command": "lock"})
    client.sync()
    with pytest.raises(Locked):
        client.outbox.capture("report", {})
    server.put("command", "c1", None, op="remove")
    client.sync()
    assert client.outbox.capture("report", {}).seq == 1


@pytest.mark.parametrize(
    ("kind", "expected"), list(zip(KINDS, [0, 1, 1, 2, 2, 2, 3, 2], strict=True))
)
def test_rank_follows_the_protocol(kind: str, expected: int) -> None:
    assert rank(kind) == expected


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 3000)), max_size=25),
    st.integers(1, 10),
    st.integers(1, 4000),
)
def test_batches_are_bounded_ordered_and_lose_nothing(
    captures: list[tuple[str, int]], max_items: int, max_bytes: int
) -> None:
    with _enrolled_client(FakeServer(), []) as client:
        for kind, size in captures:
            client.outbox.capture(kind, {"text": "x" * size})
        taken: list[str] = []
        while batch := client.outbox.batch(max_items, max_bytes, taken):
            assert len(batch) <= max_items
            assert len(batch) == 1 or sum(len(q.line) + 1 for q in batch) <= max_bytes
            taken += [queued.sha256 for queued in batch]
        expected = sorted(_lines(client.store), key=lambda line: (rank(line["kind"]), line["seq"]))
        by_hash = {
            row["sha256"]: row["id"] for row in client.store.rows("SELECT id, sha256 FROM items")
        }
        assert [by_hash[digest] for digest in taken] == [line["id"] for line in expected]


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("accepted", "sent"),
        ("quarantined", "tray"),
        ("conflict", "tray"),
        ("stale", "tray"),
        ("delayed", "queued"),
        (None, "queued"),
        ([], "queued"),
    ],
)
def test_the_status_table(client: Client, store: Store, status: Any, state: str) -> None:
    item = client.outbox.capture("report", {})
    result = _result(item.sha256, status, code="c", message="m", flags=["late"])
    client.outbox.settle([result], offered={item.sha256}, receipt=9)
    row = store.row("SELECT * FROM items")
    assert row["state"] == state
    if state == "queued":
        assert row["attempts"] == 1
    else:
        assert (row["status"], row["code"], row["message"]) == (status, "c", "m")
        assert (row["flags"], row["receipt"]) == ('["late"]', 9)


@pytest.mark.parametrize("digest", ["0" * 64, "", None, 7])
def test_a_result_for_other_bytes_moves_nothing(client: Client, digest: Any) -> None:
    item = client.outbox.capture("report", {})
    result = {"id": item.id, "line": 2, "sha256": digest, "status": "accepted"}
    settled = client.outbox.settle([result], offered={item.sha256}, receipt=1)
    assert (settled.sent, settled.tray) == (0, 0)
    assert [row["id"] for row in client.outbox.waiting()] == [item.id]


def test_a_line_that_was_not_offered_is_not_settled(client: Client) -> None:
    item = client.outbox.capture("report", {})
    client.outbox.settle([_result(item.sha256, "accepted")], offered=set(), receipt=1)
    assert len(client.outbox.waiting()) == 1


def test_a_second_answer_for_the_same_line_changes_nothing(client: Client) -> None:
    item = client.outbox.capture("report", {})
    for status, receipt in (("accepted", 1), ("quarantined", 2)):
        client.outbox.settle([_result(item.sha256, status)], offered={item.sha256}, receipt=receipt)
    (row,) = client.outbox.sent()
    assert (row["status"], row["receipt"]) == ("accepted", 1)


def test_a_line_set_aside_counts_as_unsent_until_it_is_retried(client: Client) -> None:
    item = client.outbox.capture("report", {})
    client.outbox.set_aside(item.sha256, "too_large", "太大")
    assert client.outbox.batch(10, 10_000) == []
    assert client.outbox.counters()["items"] == 1
    assert [row["code"] for row in client.outbox.tray()] == ["too_large"]
    assert client.outbox.retry_unsent() == 1
    assert [queued.id for queued in client.outbox.batch(10, 10_000)] == [item.id]


def test_requeued_lines_keep_their_bytes(client: Client, store: Store) -> None:
    item = client.outbox.capture("report", {"text": "same"})
    before = client.outbox.batch(1, 1)[0].line
    client.sync()
    assert client.outbox.requeue([item.id, "unknown"]) == 1
    assert client.outbox.batch(1, 1)[0].line == before


def test_counters_name_the_oldest(client: Client, clock: FakeClock) -> None:
    assert client.outbox.counters() == {"items": 0, "media": 0, "oldest": None}
    first = clock.now()
    client.outbox.capture("report", {})
    clock.advance(60)
    client.outbox.capture("report", {})
    counters = client.outbox.counters()
    assert counters["items"] == 2
    assert datetime.fromisoformat(counters["oldest"]) == first


class _enrolled_client:  # noqa: N801 - reads as a function
    """A client in a directory of its own; hypothesis needs a fresh one per example."""

    def __init__(self, server: FakeServer, script: list[str]) -> None:
        self._folder = tempfile.TemporaryDirectory()
        network = LossyTransport(DirectTransport(server), [])
        self.client = Client(Store(self._folder.name), network, FakeClock())
        self.client.enroll(ADDRESS)
        network.script.extend(script)

    def __enter__(self) -> Client:
        return self.client

    def __exit__(self, *_: object) -> None:
        self.client.store.close()
        self._folder.cleanup()


VERDICTS = {
    "report": "accepted",
    "form": "quarantined",
    "task_action": "stale",
    "visit": "accepted",
}


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.sampled_from(sorted(VERDICTS)), min_size=1, max_size=12),
    st.lists(st.sampled_from(["lost", "unanswered", "twice", "well"]), max_size=12),
    st.integers(1, 5),
)
def test_no_network_loses_or_doubles_a_line(
    kinds: list[str], script: list[str], batch_items: int
) -> None:
    """Whatever is lost or repeated: in the end each line has one effect and one place."""
    server = FakeServer(verdict=lambda item: VERDICTS[item["kind"]])
    server.limits["batch_items"] = batch_items
    with _enrolled_client(server, script) as client:
        items = []
        for kind in kinds:
            items.append(client.outbox.capture(kind, {}))
            _try_to_sync(client)
        while client.outbox.waiting():
            _try_to_sync(client)
        assert sorted(server.effects) == sorted(item.id for item in items)
        assert {item.id: server.items[item.id][0] for item in items} == {
            item.id: item.sha256 for item in items
        }
        states = {row["id"]: row["state"] for row in client.store.rows("SELECT * FROM items")}
        for item, kind in zip(items, kinds, strict=True):
            assert states[item.id] == ("sent" if VERDICTS[kind] == "accepted" else "tray")


def _try_to_sync(client: Client) -> None:
    try:
        client.sync()
    except FieldkitError as error:
        assert type(error).__name__ == "Offline"
