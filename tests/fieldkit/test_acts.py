import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fieldkit.acts import Acts
from fieldkit.client import Client
from fieldkit.errors import InputError
from fieldkit.gpx import CHUNK_POINTS, Fix
from fieldkit.outbox import Captured
from fieldkit.store import Store
from tests.fieldkit.fakeserver import FakeServer

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@pytest.fixture
def acts(client: Client, store: Store) -> Acts:
    return Acts(store, client.outbox)


def _line(store: Store, captured: Captured) -> dict[str, Any]:
    row = store.row("SELECT line FROM items WHERE id = ?", (captured.id,))
    return json.loads(row["line"])


def test_a_shift_is_remembered_between_its_ends(acts: Acts, store: Store) -> None:
    start = _line(store, acts.start_shift(at=AT, note="晴", loc={"lat": 30.0, "lon": 120.0}))
    end = _line(store, acts.end_shift(at=AT + timedelta(hours=8)))
    assert (start["kind"], end["kind"]) == ("shift_start", "shift_end")
    assert start["body"]["shift"] == end["body"]["shift"]
    assert start["body"] == {"shift": end["body"]["shift"], "plan": [], "note": "晴"}
    assert end["body"] == {"shift": start["body"]["shift"], "results": []}


def test_a_second_start_is_refused_and_captures_nothing(acts: Acts, client: Client) -> None:
    acts.start_shift(at=AT)
    with pytest.raises(InputError) as caught:
        acts.start_shift(at=AT)
    assert caught.value.key == "shift_open"
    assert "2026-11-22" in str(caught.value)
    assert len(client.outbox.waiting()) == 1


def test_an_end_without_a_start_needs_force(acts: Acts, store: Store) -> None:
    with pytest.raises(InputError) as caught:
        acts.end_shift(at=AT)
    assert caught.value.key == "no_shift_to_end"
    assert _line(store, acts.end_shift(at=AT, force=True))["body"]["shift"]


def test_a_shift_ends_once(acts: Acts, store: Store) -> None:
    first = _line(store, acts.start_shift(at=AT))
    acts.end_shift(at=AT)
    with pytest.raises(InputError):
        acts.end_shift(at=AT)
    again = _line(store, acts.end_shift(at=AT, force=True))
    assert again["body"]["shift"] != first["body"]["shift"]
    assert _line(store, acts.start_shift(at=AT))["kind"] == "shift_start"


def test_a_report_leaves_out_what_is_not_known(acts: Acts, store: Store) -> None:
    line = _line(store, acts.report("0103", "井盖破损"))
    assert line["body"] == {"category": "0103", "text": "井盖破损", "self_fixed": False}
    assert "loc" not in line and "media" not in line


def test_a_track_belongs_to_the_latest_shift(acts: Acts, store: Store) -> None:
    fixes = [Fix(AT + timedelta(seconds=s), 30, 120, 5.0) for s in range(CHUNK_POINTS + 1)]
    with pytest.raises(InputError) as caught:
        acts.track(fixes)
    assert caught.value.key == "no_shift"
    shift = _line(store, acts.start_shift(at=AT))["body"]["shift"]
    acts.end_shift(at=AT)
    lines = [_line(store, captured) for captured in acts.track(fixes)]
    assert [line["body"]["shift"] for line in lines] == [shift, shift]
    assert len(lines[0]["body"]["points"]) == CHUNK_POINTS
    assert datetime.fromisoformat(lines[1]["at"]) == fixes[-1].at


@pytest.mark.parametrize(("subject", "base"), [(None, None), ("s1", 3), ("unknown", None)])
def test_a_form_says_on_which_version_it_was_filled(
    acts: Acts, client: Client, store: Store, subject: str | None, base: int | None
) -> None:
    change = {"seq": 1, "kind": "subject", "id": "s1", "op": "put", "version": 3, "body": {}}
    client.inbox.apply([change], 1, more=False)
    line = _line(store, acts.form("household", "2", {"people": 4}, subject=subject))
    assert line["body"] == {
        "form": "household",
        "version": "2",
        "subject": subject,
        "base_version": base,
        "data": {"people": 4},
    }


def test_a_visit(acts: Acts, store: Store) -> None:
    ended = AT + timedelta(minutes=12)
    line = _line(store, acts.visit("s1", started=AT, ended=ended, checklist="fire"))
    assert line["body"] == {
        "subject": "s1",
        "checklist": "fire",
        "started": "2026-11-22T08:00:00.000+00:00",
        "ended": "2026-11-22T08:12:00.000+00:00",
        "answers": {},
    }


def test_an_action_names_the_task_s_assignment_and_version(
    acts: Acts, client: Client, server: FakeServer, store: Store
) -> None:
    server.put("task", "task-1", {"assignment": 2, "title": "井盖"})
    client.sync()
    line = _line(store, acts.act_on(acts.find_task("task-1"), "accept"))
    assert line["task"] == "task-1"
    assert line["body"] == {
        "task": "task-1",
        "assignment": 2,
        "base_version": 1,
        "action": "accept",
        "evidence": [],
    }


@pytest.mark.parametrize(
    ("prefix", "key"), [("x", "unknown_task"), ("ab", "ambiguous_task"), ("abd", None)]
)
def test_a_task_is_found_by_the_beginning_of_its_id(
    acts: Acts, client: Client, server: FakeServer, prefix: str, key: str | None
) -> None:
    for task in ("abc", "abd", "zzz"):
        server.put("task", task, {})
    client.sync()
    if key is None:
        assert acts.find_task(prefix)["id"] == "abd"
        return
    with pytest.raises(InputError) as caught:
        acts.find_task(prefix)
    assert caught.value.key == key


def test_a_task_that_was_taken_away_is_not_found(
    acts: Acts, client: Client, server: FakeServer
) -> None:
    server.put("task", "abc", {})
    server.put("task", "abc", None, op="remove")
    client.sync()
    with pytest.raises(InputError):
        acts.find_task("abc")
