import pytest

from fieldkit.client import Client
from fieldkit.inbox import Inbox
from fieldkit.store import Store


@pytest.fixture
def inbox(store: Store) -> Inbox:
    return Inbox(store)


def _put(seq: int, object_id: str, version: int = 1, kind: str = "task", **body) -> dict:
    return {
        "seq": seq,
        "kind": kind,
        "id": object_id,
        "op": "put",
        "version": version,
        "body": body,
    }


def _remove(seq: int, object_id: str, version: int = 2) -> dict:
    return {
        "seq": seq,
        "kind": "task",
        "id": object_id,
        "op": "remove",
        "version": version,
        "reason": "reassigned",
    }


def test_put_replace_and_remove(inbox: Inbox) -> None:
    inbox.apply([_put(1, "a", title="井盖"), _put(2, "b")], 2, more=False)
    inbox.apply([_put(3, "a", 2, title="路灯"), _remove(4, "b")], 4, more=False)
    assert inbox.objects("task") == [{"title": "路灯", "id": "a", "version": 2}]
    assert inbox.get("task", "b") is None
    assert inbox.get("case", "a") is None


def test_a_page_and_its_cursor_are_one_transaction(inbox: Inbox, store: Store) -> None:
    with pytest.raises(KeyError):
        inbox.apply([_put(1, "a"), {"seq": 2, "kind": "task", "id": "b"}], 2, more=False)
    assert inbox.objects("task") == []
    assert store.get("cursor") is None


def test_a_late_answer_of_another_process_does_not_turn_time_back(
    inbox: Inbox, store: Store
) -> None:
    inbox.apply([_put(5, "a", 2, title="new")], 5, more=False)
    assert inbox.apply([_put(3, "a", 1, title="old")], 3, more=False) == 0
    assert inbox.objects("task")[0]["title"] == "new"
    assert store.get("cursor") == 5


def test_number_0_stands_outside_the_feed(inbox: Inbox, store: Store) -> None:
    inbox.apply([_put(9, "a")], 9, more=False)
    inbox.apply([_put(0, "w", kind="command", command="wipe")], 9, more=False)
    assert inbox.ordered("wipe")
    assert not inbox.ordered("lock")
    assert store.get("cursor") == 9


def test_after_a_restart_the_old_stays_readable_until_the_feed_came_round(inbox: Inbox) -> None:
    inbox.apply([_put(1, "gone"), _put(2, "kept", title="old")], 2, more=False)
    inbox.restart()
    inbox.apply([_put(1, "kept", title="new")], 1, more=True)
    assert {task["id"] for task in inbox.objects("task")} == {"gone", "kept"}
    inbox.apply([], 1, more=False)
    assert inbox.objects("task") == [{"title": "new", "id": "kept", "version": 1}]


def test_clear_forgets_all_and_starts_at_0(inbox: Inbox, store: Store) -> None:
    inbox.apply([_put(1, "a")], 1, more=False)
    inbox.clear()
    assert inbox.objects("task") == []
    assert store.get("cursor") == 0


@pytest.mark.parametrize(
    ("verdict", "state", "status"),
    [
        ({"status": "accepted", "flags": ["replayed"]}, "sent", "accepted"),
        ({"status": "quarantined", "code": "forbidden"}, "tray", "quarantined"),
        ({"status": "unheard_of"}, "sent", "accepted"),
        ({}, "sent", "accepted"),
    ],
)
def test_a_later_verdict_moves_a_settled_item(
    client: Client, store: Store, verdict: dict, state: str, status: str
) -> None:
    item = client.outbox.capture("report", {})
    client.sync()
    client.inbox.apply([_put(1, item.id, kind="item", **verdict)], 1, more=False)
    row = store.row("SELECT state, status FROM items")
    assert tuple(row) == (state, status)


def test_a_verdict_never_empties_the_queue(client: Client) -> None:
    item = client.outbox.capture("report", {})
    client.inbox.apply([_put(1, item.id, kind="item", status="accepted")], 1, more=False)
    assert len(client.outbox.waiting()) == 1
