import json
from datetime import datetime
from pathlib import Path

import pytest

from fieldkit.cli.tasks import short_length
from fieldkit.store import Store
from tests.fieldkit.cli.conftest import Run
from tests.fieldkit.fakeserver import FakeServer

NEAR = "0199c0de-0000-7000-8000-000000000001"
LATER = "0199ffff-0000-7000-8000-000000000002"


@pytest.fixture
def with_tasks(enrolled: Run, server: FakeServer) -> Run:
    """Two tasks are on the device."""
    late = {"title": "清理小广告", "state": "assigned", "due": "2026-12-01T18:00:00+08:00"}
    soon = {"title": "更换井盖", "state": "assigned", "due": "2026-11-23T18:00:00+08:00"}
    server.put("task", LATER, late | {"assignment": 1})
    server.put("task", NEAR, soon | {"assignment": 2})
    enrolled("sync")
    return enrolled


def test_tasks_by_due_time(with_tasks: Run) -> None:
    first, second = with_tasks("tasks").output.splitlines()
    assert first.startswith("0199c0de ") and "更换井盖" in first
    assert second.startswith("0199ffff ") and "清理小广告" in second


def test_no_tasks(enrolled: Run) -> None:
    assert enrolled("tasks").output == "没有。\n"


def test_an_action_is_captured_and_shown_as_pending(with_tasks: Run, kept: Store) -> None:
    with_tasks("do", NEAR[:8], "accept")
    with_tasks("do", NEAR[:8], "complete", "--note", "已更换")
    line = json.loads(kept.row("SELECT line FROM items ORDER BY n DESC")["line"])
    assert line["task"] == NEAR
    assert line["body"] == {
        "task": NEAR,
        "assignment": 2,
        "base_version": 1,
        "action": "complete",
        "result": "已更换",
        "evidence": [],
    }
    assert with_tasks("tasks").output.splitlines()[0].endswith("→ accept complete")
    with_tasks("sync")
    assert "→" not in with_tasks("tasks").output


def test_declining_with_a_reason_and_a_photo(with_tasks: Run, kept: Store, jpeg) -> None:
    photo: Path = jpeg()
    with_tasks("do", LATER, "decline", "--reason", "不在本网格", "--photo", photo)
    line = json.loads(kept.row("SELECT line FROM items")["line"])
    assert line["body"]["reason"] == "不在本网格"
    assert len(line["media"]) == 1


@pytest.mark.parametrize(("task", "said"), [("0199", "2 个任务"), ("ffff", "没有任务")])
def test_which_task_is_meant(with_tasks: Run, kept: Store, task: str, said: str) -> None:
    assert said in with_tasks("do", task, "accept", ok=False).output
    assert kept.count("SELECT COUNT(*) FROM items") == 0


def test_an_unheard_of_action(with_tasks: Run) -> None:
    with_tasks("do", NEAR, "ignore", ok=False)


def test_a_locked_device_shows_and_does_nothing(with_tasks: Run, server: FakeServer) -> None:
    server.put("command", "c", {"command": "lock"})
    assert "锁定" in with_tasks("sync").output
    assert "锁定" in with_tasks("tasks", ok=False).output
    assert "锁定" in with_tasks("do", NEAR, "accept", ok=False).output


@pytest.mark.parametrize(
    ("ids", "length"),
    [
        ([], 8),
        ([NEAR], 8),
        ([NEAR, LATER], 8),
        ([NEAR, NEAR[:9] + "1" + NEAR[10:]], 13),
        ([NEAR, NEAR[:-1] + "9"], 36),
    ],
)
def test_ids_are_shown_as_short_as_they_can_be_told_apart(ids: list[str], length: int) -> None:
    assert short_length(ids) == length


def test_asking_for_more_time_and_for_somebody_else(with_tasks: Run, kept: Store) -> None:
    until = "2026-12-05T18:00:00+08:00"
    with_tasks("do", NEAR, "request_extension", "--until", until, "--reason", "等配件")
    body = json.loads(kept.row("SELECT line FROM items ORDER BY n DESC")["line"])["body"]
    assert datetime.fromisoformat(body["until"]) == datetime.fromisoformat(until)
    with_tasks("do", NEAR, "request_transfer", "--to", LATER)
    body = json.loads(kept.row("SELECT line FROM items ORDER BY n DESC")["line"])["body"]
    assert (body["to"], "until" in body) == (LATER, False)
    said = with_tasks("do", NEAR, "request_extension", "--until", "tomorrow", ok=False).output
    assert "tomorrow" in said


def test_completing_with_photos_of_both_views_and_evidence(
    with_tasks: Run, kept: Store, jpeg
) -> None:
    photo: Path = jpeg()
    with_tasks("do", NEAR, "complete", "--near", photo, "--far", photo, "--evidence", LATER)
    line = json.loads(kept.row("SELECT line FROM items ORDER BY n DESC")["line"])
    assert [file["role"] for file in line["media"]] == ["near", "far"]
    assert line["body"]["evidence"] == [LATER]


def test_completing_with_photos_of_before_and_after(with_tasks: Run, kept: Store, jpeg) -> None:
    photo: Path = jpeg()
    with_tasks("do", NEAR, "complete", "--before", photo, "--after", photo)
    line = json.loads(kept.row("SELECT line FROM items ORDER BY n DESC")["line"])
    assert [file["role"] for file in line["media"]] == ["before", "after"]


def test_what_is_to_be_mended_and_explained_is_shown(enrolled: Run, server: FakeServer) -> None:
    task = {
        "title": "更换井盖",
        "state": "returned",
        "assignment": 1,
        "marks": [{"point": "photo", "text": "缺远景"}],
        "flags": ["explanation_asked"],
    }
    server.put("task", NEAR, task)
    enrolled("sync")
    shown = enrolled("tasks").output
    assert "待改 photo：缺远景" in shown and "explain" in shown
    assert "--reason" in enrolled("do", NEAR, "explain", ok=False).output
    silent = enrolled("do", NEAR, "decline", "--reason", " ", ok=False)
    assert "--reason" in silent.output
    enrolled("do", NEAR, "explain", "--reason", "连日暴雨")
    assert "→ explain" in enrolled("tasks").output
