import pytest

from fieldkit.store import Store
from tests.fieldkit.cli.conftest import Run
from tests.fieldkit.fakeserver import FakeServer


def _report(run: Run, *more: object) -> None:
    run("report", "--category", "1", "--text", "x", *more)


def test_sent_shows_what_the_server_took(enrolled: Run) -> None:
    assert enrolled("sent").output == "没有。\n"
    _report(enrolled)
    enrolled("sync")
    line = enrolled("sent").output
    assert "report" in line and "accepted" in line
    assert enrolled("tray").output == "没有。\n"


@pytest.mark.parametrize("status", ["quarantined", "stale"])
def test_the_tray_shows_what_needs_attention(
    enrolled: Run, server: FakeServer, status: str
) -> None:
    server.verdict = lambda item: status
    _report(enrolled)
    assert "需处理 1 条" in enrolled("sync").output
    assert status in enrolled("tray").output
    assert "需处理：1 条" in enrolled("status").output


def test_refused_items_and_photos_may_be_tried_again(
    enrolled: Run, server: FakeServer, jpeg
) -> None:
    server.body_limit = 3000
    _report(enrolled, "--address", "x" * 5000)
    _report(enrolled, "--photo", jpeg(size=9000))
    handle = server.handle

    def refuse_photos(method, target, headers, body):
        if target.startswith("/api/v1/media"):
            return server.problem(415, "not_wanted")
        return handle(method, target, headers, body)

    server.handle = refuse_photos
    enrolled("sync")
    listed = enrolled("tray").output
    assert "unsent" in listed and "problem not_wanted" in listed
    server.handle, server.body_limit = handle, 1 << 20
    assert "2 条重新排队" in enrolled("tray", "--retry").output
    assert "全部已上传" in enrolled("sync").output


def test_status_from_the_first_day_on(enrolled: Run, base: str, server: FakeServer) -> None:
    said = enrolled("status").output
    for part in ("王网格", base, "未签到", "从未", "0 条"):
        assert part in said
    enrolled("shift", "start")
    enrolled("sync")
    said = enrolled("status").output
    assert "上次同步：20" in said and "开始" in said


def test_status_tells_of_another_member_s_work_and_of_lost_photos(
    enrolled: Run, base: str, server: FakeServer, kept: Store, jpeg
) -> None:
    _report(enrolled, "--photo", jpeg())
    (photo,) = kept.media_folder.iterdir()
    server.member = {"id": "another", "name": "李网格"}
    server.codes.add("SECOND")
    enrolled("enroll", base, "SECOND")
    assert "另有 1 条属于其他人员" in enrolled("status").output
    server.member = {"id": kept.row("SELECT member FROM items")["member"]}
    server.codes.add("THIRD")
    enrolled("enroll", base, "THIRD")
    photo.unlink()
    enrolled("sync")
    assert "文件不见了" in enrolled("status").output
