import json
import sqlite3
from collections import Counter

import pytest

from fieldkit.capture import take_in
from fieldkit.client import Client
from fieldkit.errors import BadAnswer, Busy, NotOurServer, Offline, Unauthorized, UpgradeNeeded
from fieldkit.store import Store
from tests.fieldkit.fakeserver import FakeServer, LossyTransport


def _states(store: Store) -> Counter[str]:
    return Counter(row["state"] for row in store.rows("SELECT state FROM items"))


def test_one_sync_hands_in_and_takes_what_is_new(client: Client, server: FakeServer) -> None:
    server.put("task", "t1", {"title": "井盖"})
    client.outbox.capture("report", {"text": "x"})
    report = client.sync()
    assert (report.sent, report.tray, report.taken, report.warnings) == (1, 0, 1, [])
    assert report.next_after_s == 900
    assert client.inbox.objects("task")[0]["title"] == "井盖"


def test_the_envelope_tells_the_server_how_the_device_stands(
    client: Client, server: FakeServer, store: Store, clock
) -> None:
    server.put("task", "t1", {})
    client.outbox.capture("report", {})
    client.sync()
    client.exchange()
    first, last = server.envelopes[0], server.envelopes[-1]
    assert first["install"] == store.need("install")
    assert first["outbox"]["items"] == 1 and "oldest" in first["outbox"]
    assert (first["cursor"], last["cursor"]) == (0, 1)
    assert (first["receipt"], last["receipt"]) == (0, 1)
    assert last["outbox"] == {"items": 0, "media": 0}
    assert last["want"] == {"bytes": 24_000}
    assert (last["mono"], last["boot"], last["epoch"]) == (
        clock.mono(),
        clock.boot(),
        server.epoch,
    )


def test_many_items_and_many_pages_take_as_many_exchanges_as_needed(
    client: Client, server: FakeServer, store: Store
) -> None:
    store.set("limits", {"batch_items": 10})
    server.page = 3
    for number in range(25):
        client.outbox.capture("report", {"n": number})
    for number in range(20):
        server.put("task", f"t{number}", {})
    report = client.sync()
    assert (report.sent, report.taken) == (25, 20)
    assert len(server.envelopes) == 7


def test_an_idle_exchange_is_small(client: Client, server: FakeServer, network) -> None:
    sizes: list[int] = []
    send = network.send

    def measured(request):
        response = send(request)
        sizes.append(len(request.body) + len(response.body))
        return response

    network.send = measured
    client.sync()
    assert sizes[0] <= 600


@pytest.mark.parametrize(
    ("status", "error"), [(401, Unauthorized), (426, UpgradeNeeded), (503, Busy), (507, Busy)]
)
def test_when_the_server_declines_the_queue_stays(
    client: Client, server: FakeServer, store: Store, status: int, error: type
) -> None:
    client.outbox.capture("report", {})
    server.faults.append(server.problem(status, "declined", **{"retry-after": "30"}))
    with pytest.raises(error) as caught:
        client.sync()
    assert caught.value.retry_after == 30
    assert _states(store) == {"queued": 1}
    assert client.sync().sent == 1


def test_a_captive_portal_s_200_settles_nothing(
    client: Client, server: FakeServer, store: Store
) -> None:
    item = client.outbox.capture("report", {})
    lie = {"epoch": "e", "cursor": 9, "results": [{"sha256": item.sha256, "status": "accepted"}]}
    server.faults.append((200, {"content-type": "text/html"}, json.dumps(lie).encode()))
    with pytest.raises(NotOurServer):
        client.sync()
    assert _states(store) == {"queued": 1}


def test_an_unreadable_answer_applies_nothing(
    client: Client, server: FakeServer, store: Store
) -> None:
    item = client.outbox.capture("report", {})
    good = {"sha256": item.sha256, "status": "accepted"}
    broken = {"epoch": server.epoch, "cursor": 1, "results": [good], "receipt": {"no": "x"}}
    server.faults.append(server.ok(broken))
    with pytest.raises(BadAnswer):
        client.sync()
    assert _states(store) == {"queued": 1}
    assert store.get("cursor") == 0


def test_an_answer_is_applied_whole_or_not_at_all(
    client: Client, server: FakeServer, store: Store
) -> None:
    """The last write of the answer fails; its results and its page must not stay either."""
    client.outbox.capture("report", {})
    server.put("task", "t1", {})
    store.db.execute(
        "CREATE TRIGGER broken BEFORE INSERT ON settings WHEN NEW.key = 'last_sync' "
        "BEGIN SELECT RAISE(ABORT, 'broken'); END"
    )
    with pytest.raises(sqlite3.IntegrityError):
        client.sync()
    store.db.execute("DROP TRIGGER broken")
    assert _states(store) == {"queued": 1}
    assert (client.inbox.objects("task"), client.receipts.all()) == ([], [])
    report = client.sync()
    assert (report.sent, report.taken) == (1, 1)
    assert len(server.effects) == 1


def test_a_lost_answer_is_asked_for_again_and_applied_once(
    client: Client, server: FakeServer, network: LossyTransport
) -> None:
    client.outbox.capture("report", {})
    network.script.append("unanswered")
    with pytest.raises(Offline):
        client.sync()
    assert client.sync().sent == 1
    assert len(server.effects) == 1
    assert server.lines[0] == server.lines[1]


def test_too_large_a_batch_is_halved_until_it_fits(
    client: Client, server: FakeServer, store: Store
) -> None:
    server.body_limit = 3000
    for _ in range(9):
        client.outbox.capture("report", {"text": "x" * 500})
    assert client.sync().sent == 9


def test_one_line_too_large_goes_to_the_tray_and_the_rest_goes_on(
    client: Client, server: FakeServer, store: Store
) -> None:
    server.body_limit = 3000
    client.outbox.capture("report", {"text": "x" * 5000})
    client.outbox.capture("report", {"text": "small"})
    report = client.sync()
    assert (report.sent, report.tray) == (1, 1)
    (row,) = client.outbox.tray()
    assert (row["status"], row["code"]) == ("unsent", "too_large")
    assert client.outbox.counters()["items"] == 1


def test_an_unknown_status_blocks_no_neighbour_and_ends(
    client: Client, server: FakeServer, store: Store
) -> None:
    store.set("limits", {"batch_items": 2})
    server.verdict = lambda item: "accepted" if item["seq"] > 3 else "later"
    for _ in range(5):
        client.outbox.capture("report", {})
    assert client.sync().sent == 2
    assert _states(store) == {"queued": 3, "sent": 2}
    assert {row["attempts"] for row in client.outbox.waiting()} == {1}


def test_more_without_a_page_does_not_keep_the_device_busy(
    client: Client, server: FakeServer
) -> None:
    server.extra = {"more": True}
    client.sync()
    assert len(server.envelopes) == 1


def test_after_a_restore_lost_items_are_handed_in_again(
    client: Client, server: FakeServer, store: Store
) -> None:
    items = [client.outbox.capture("report", {"n": number}) for number in range(4)]
    server.put("task", "t1", {})
    client.sync()
    first_lines = list(server.lines)
    server.forget(items[1].id, items[3].id)
    server.feed.clear()
    server.put("task", "t2", {})
    report = client.sync()
    assert report.sent == 2
    assert sorted(server.lines[4:]) == sorted([first_lines[1], first_lines[3]])
    assert [task["id"] for task in client.inbox.objects("task")] == ["t2"]
    assert store.get("epoch") == server.epoch
    assert _states(store) == {"sent": 4}


def test_offering_held_items_is_resumed_after_a_cut(
    client: Client, server: FakeServer, network: LossyTransport
) -> None:
    item = client.outbox.capture("report", {})
    client.sync()
    server.forget(item.id)
    network.script.extend(["well", "lost"])
    with pytest.raises(Offline):
        client.sync()
    assert client.sync().sent == 1
    assert item.id in server.items


def test_more_than_500_held_items_are_offered_in_parts(client: Client, server: FakeServer) -> None:
    items = [client.outbox.capture("report", {}) for _ in range(501)]
    client.sync()
    server.forget(items[0].id, items[500].id)
    assert client.sync().sent == 2
    assert server.requests.count("POST /api/v1/sync/have") == 2


def test_a_reset_without_a_page_starts_the_feed_at_0(
    client: Client, server: FakeServer, store: Store
) -> None:
    server.put("task", "t1", {})
    client.sync()
    empty = {"epoch": server.epoch, "cursor": 1, "reset": True, "changes": [], "results": []}
    server.faults.append(server.ok(empty))
    client.sync()
    assert server.envelopes[-1]["cursor"] == 0
    assert [task["id"] for task in client.inbox.objects("task")] == ["t1"]


def test_a_server_that_always_resets_does_not_trap_the_device(
    client: Client, server: FakeServer
) -> None:
    server.extra = {"reset": True, "changes": [], "more": True}
    client.sync()
    assert len(server.envelopes) == 2


def test_a_draining_device_wipes_only_when_photos_are_sent_too(
    client: Client, server: FakeServer, store: Store, network: LossyTransport, jpeg
) -> None:
    client.outbox.capture("report", {}, media=[take_in(store, jpeg())])
    wipe = {"seq": 0, "kind": "command", "id": "w", "op": "put", "version": 1}
    server.extra = {"changes": [wipe | {"body": {"command": "wipe"}}]}
    network.script.extend(["well", "lost"])
    with pytest.raises(Offline):
        client.sync()
    assert store.member
    server.extra = {}
    assert client.sync().wiped
    assert len(server.blobs) == 1
    assert store.get("token") is None


def test_a_line_the_server_never_took_prevents_the_wipe(
    client: Client, server: FakeServer, store: Store
) -> None:
    item = client.outbox.capture("report", {})
    client.outbox.set_aside(item.sha256, "too_large", "太大")
    server.put("command", "w", {"command": "wipe"})
    assert not client.sync().wiped
    assert len(client.outbox.tray()) == 1


@pytest.mark.parametrize(
    ("extra", "warnings"),
    [
        ({"offset_ms": 120_000}, []),
        ({"offset_ms": -120_001}, ["clock_off"]),
        ({"reenrol": True}, ["reenrol"]),
        ({"min_app": "99.0.0"}, ["update_app"]),
        ({"min_app": "0.0.9"}, []),
        ({"min_app": "nonsense"}, []),
    ],
)
def test_what_the_person_is_told(
    client: Client, server: FakeServer, extra: dict, warnings: list[str]
) -> None:
    server.extra = extra
    assert client.sync().warnings == warnings


def test_a_lock_is_told_and_still_hands_in(client: Client, server: FakeServer) -> None:
    client.outbox.capture("report", {})
    server.put("command", "c", {"command": "lock"})
    report = client.sync()
    assert (report.sent, report.warnings) == (1, ["locked"])


def test_photos_that_the_server_misses_are_sent_again(
    client: Client, server: FakeServer, store: Store, jpeg
) -> None:
    photo = take_in(store, jpeg())
    client.outbox.capture("report", {}, media=[photo])
    client.sync()
    server.blobs.clear()
    server.partial.clear()
    server.extra = {"media": [{"sha256": photo.sha256, "state": "missing", "offset": 0}]}
    assert client.sync().uploaded == 1
    assert photo.sha256 in server.blobs


def test_two_processes_may_sync_the_same_outbox(
    client: Client, server: FakeServer, store: Store, network, clock
) -> None:
    """The second process sends a batch that the first has settled meanwhile."""
    client.outbox.capture("report", {})
    with Store(store.home) as other_store:
        other = Client(other_store, network, clock)
        send = network.send

        def overtaken(request):
            network.send = send
            other.sync()
            return send(request)

        network.send = overtaken
        client.sync()
    assert len(server.effects) == 1
    assert _states(store) == {"sent": 1}
    assert client.receipts.last(store.need("install")) == 2
