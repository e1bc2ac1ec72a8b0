from fieldkit.clock import SystemClock
from fieldkit.store import Store
from tests.fieldkit.cli.conftest import Run
from tests.fieldkit.fakeserver import FakeServer


def _report(run: Run, *more: object) -> None:
    run("report", "--category", "1", "--text", "x", *more)


def test_what_was_captured_is_handed_in(enrolled: Run, server: FakeServer, jpeg) -> None:
    _report(enrolled, "--photo", jpeg())
    said = enrolled("sync").output
    assert "已收到 1 条" in said
    assert "照片 1 张" in said
    assert "全部已上传" in said
    assert len(server.effects) == len(server.blobs) == 1


def test_what_is_still_here_is_told(enrolled: Run, server: FakeServer, jpeg) -> None:
    server.verdict = lambda item: "later"
    _report(enrolled)
    assert "还在手机里：1 条" in enrolled("sync").output


def test_a_server_that_is_away_loses_nothing(enrolled: Run, server: FakeServer) -> None:
    _report(enrolled)
    server.faults.append((0, {}, b""))
    assert "数据都在手机里" in enrolled("sync", ok=False).output
    assert "已收到 1 条" in enrolled("sync").output


def test_a_revoked_device_is_told_what_to_do(enrolled: Run, server: FakeServer) -> None:
    _report(enrolled)
    server.installs.clear()
    assert "接入码" in enrolled("sync", ok=False).output
    assert "还在手机里：1 条" in enrolled("status").output


def test_a_wrong_clock_is_told(enrolled: Run, server: FakeServer) -> None:
    server.extra = {"offset_ms": -181_000}
    assert "差了 181 秒" in enrolled("sync").output


def test_a_wipe_ends_the_watch(enrolled: Run, server: FakeServer, kept: Store, monkeypatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(SystemClock, "sleep", lambda self, seconds: waits.append(seconds))
    server.faults.append(server.problem(503, "busy", **{"retry-after": "40"}))
    server.put("command", "w", {"command": "wipe"})
    said = enrolled("sync", "--watch").output
    assert "服务器忙" in said
    assert "已按服务器命令清除" in said
    assert waits[0] >= 40
    assert kept.get("token") is None
