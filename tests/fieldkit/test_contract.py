"""The golden messages of tests/contract, which the server's tests read too.

The device must write the requests byte for byte and understand the answers.
"""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from fieldkit import client as client_module
from fieldkit import ids
from fieldkit.acts import Acts
from fieldkit.capture import take_in
from fieldkit.client import Client
from fieldkit.clock import FakeClock
from fieldkit.gpx import Fix
from fieldkit.receipts import Receipt
from fieldkit.store import Store
from fieldkit.transport import Request, Response
from fieldkit.verify import check
from fieldkit.wire import decode_base64

CONTRACT = Path(__file__).parent.parent / "contract"
SHANGHAI = timezone(timedelta(hours=8))
SUBJECT = "0199c0de-0000-7000-8000-0000000000e1"
TASK = {"id": "0199c0de-0000-7000-8000-0000000000d1", "version": 3, "assignment": 1}
BOOT = "5c1f0b9e-3c7e-4f0e-9f5e-0d6a3b1c2d4e"
INSTALL = "7d4d7b52-9a51-4c0f-8a39-2f1f0a6c9b10"
SHIFT = "0b8f6a52-1d3c-4e5f-8a7b-9c0d1e2f3a4b"


class Canned:
    """Answers each path with a golden answer and keeps what was sent."""

    def __init__(self) -> None:
        self.sent: dict[str, bytes] = {}

    def send(self, request: Request) -> Response:
        path = request.url.split("/api/v1")[1]
        self.sent[path] = request.body
        name = {
            "/devices/enroll": "enroll_answer.json",
            "/sync": "exchange_answer.json",
            "/sync/key": "key_answer.json",
        }[path]
        return Response(200, {"gewu-epoch": "e"}, (CONTRACT / name).read_bytes())


def golden(name: str) -> Any:
    return json.loads((CONTRACT / name).read_bytes())


@pytest.fixture
def wire() -> Canned:
    return Canned()


@pytest.fixture
def device(tmp_path: Path, wire: Canned, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """A device on which nothing is left to chance."""
    numbers = count(1)
    monkeypatch.setattr(ids, "uuid7", lambda: f"0199c0de-0000-7000-8000-{next(numbers):012d}")
    monkeypatch.setattr(ids, "random_uuid", iter((INSTALL, SHIFT)).__next__)
    monkeypatch.setattr(client_module, "__version__", "1.0.0")
    clock = FakeClock(datetime(2026, 11, 22, 14, 0, tzinfo=SHANGHAI), mono=911_002, boot=BOOT)
    with Store(tmp_path / "home") as store:
        client = Client(store, wire, clock)
        client.enroll(
            "https://gewu.example/app#enrol=K7Q2-M4XN",
            device={"model": "PDA-6", "os": "Android 14"},
        )
        yield client


def _work(client: Client, jpeg: Callable[..., Path]) -> None:
    """One of each kind, captured in the order of a day."""
    acts, clock = Acts(client.store, client.outbox), client.clock
    loc = {"lat": 30.2741, "lon": 120.1551, "acc": 8.0, "src": "gps"}
    photo = take_in(client.store, jpeg(size=1000), "near")
    start = clock.now()
    acts.start_shift(at=start, plan=[{"what": "patrol", "count": 2}], note="晴", loc=loc)
    clock.sleep(60)
    acts.report("0103", "井盖破损", photos=[photo], loc=loc, address="阳光路 1 号", severity="2")
    clock.sleep(60)
    acts.form("household", "3", {"people": 4, "说明": "新迁入"}, subject=SUBJECT)
    acts.visit(
        SUBJECT,
        started=start,
        ended=clock.now(),
        checklist="fire",
        answers={"extinguisher": True},
    )
    acts.act_on(TASK, "complete", result="已更换井盖", photos=[photo])
    acts.track(
        [
            Fix(start, 30.2741, 120.1551, 8.0),
            Fix(start + timedelta(seconds=30), 30.2743, 120.1553),
            Fix(start + timedelta(seconds=120), 30.2749, 120.1559, 12.5),
        ]
    )
    acts.end_shift(at=clock.now(), results=[{"what": "patrol", "done": 2}])


def test_enrolment_is_asked_for_in_these_bytes(device: Client, wire: Canned) -> None:
    assert wire.sent["/devices/enroll"] == (CONTRACT / "enroll_request.json").read_bytes().strip()


def test_enrolment_is_understood(device: Client) -> None:
    answer = golden("enroll_answer.json")
    for key in ("token", "member", "epoch", "limits"):
        assert device.store.need(key) == answer[key]
    assert device.store.need("server_key") == golden("key_answer.json")["key"]


def test_an_exchange_is_asked_for_in_these_bytes(device: Client, wire: Canned, jpeg) -> None:
    _work(device, jpeg)
    device.exchange()
    assert wire.sent["/sync"] == (CONTRACT / "exchange_request.ndjson").read_bytes()


def test_an_exchange_s_answer_is_applied_whole(device: Client, jpeg) -> None:
    _work(device, jpeg)
    photo = device.blobs.waiting()[0]["sha256"]
    device.blobs.mark(photo, "done")
    step = device.exchange()
    rows = device.store.rows("SELECT kind, state, status, code, flags FROM items ORDER BY n")
    assert [tuple(row) for row in rows] == [
        ("shift_start", "sent", "accepted", None, "[]"),
        ("report", "sent", "accepted", None, '["duplicate_of"]'),
        ("form", "tray", "quarantined", "schema_unknown", "[]"),
        ("visit", "tray", "conflict", "id_conflict", "[]"),
        ("task_action", "tray", "stale", "action_stale", "[]"),
        ("track", "sent", "accepted", None, "[]"),
        ("shift_end", "sent", "accepted", None, "[]"),
    ]
    assert (step.sent, step.tray, step.taken, step.more, step.reset) == (4, 3, 2, False, False)
    (task,) = device.inbox.objects("task")
    assert (task["title"], task["version"]) == ("清理小广告", 8)
    assert device.store.get("cursor") == 8814
    assert [row["sha256"] for row in device.blobs.waiting()] == [photo]
    assert device.warnings() == []


def test_the_receipt_of_the_exchange_is_proven(device: Client, jpeg) -> None:
    _work(device, jpeg)
    device.exchange()
    receipts = device.receipts.all()
    assert [receipt.no for receipt in receipts] == [1]
    assert check(receipts, decode_base64(device.store.need("server_key"))) == []


def test_receipts_that_are_given_again_are_proven() -> None:
    receipts = [
        Receipt.read(given, epoch=given["epoch"], install=given["install"], lines=given["lines"])
        for given in golden("receipts_answer.json")["receipts"]
    ]
    assert [receipt.no for receipt in receipts] == [1, 2]
    assert check(receipts, decode_base64(golden("key_answer.json")["key"])) == []


def test_the_golden_day_is_within_the_budget() -> None:
    lines = (CONTRACT / "exchange_request.ndjson").read_bytes().splitlines()
    assert max(map(len, lines)) < 1000
    assert datetime.fromisoformat(json.loads(lines[0])["sent_at"]) > datetime(
        2026, 11, 22, tzinfo=UTC
    )
