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


FOUND = [
    ({"flag": "exif_far", "number": 1520.4}, "拍摄地点离记录 1,520 米", "taken 1,520 m from"),
    ({"flag": "exif_time", "number": -7200}, "相差 7,200 秒", "taken 7,200 s before or after"),
    ({"flag": "exif_missing", "number": None}, "没有拍摄地点和时间", "neither where nor when"),
    ({"flag": "edited", "number": None}, "像是编辑过", "looks edited"),
    ({"flag": "photo_seen", "number": 0}, "以前交过", "came in before"),
    ({"flag": "of_a_later_server"}, "of_a_later_server", "of_a_later_server"),
]


@pytest.mark.parametrize(("found", "chinese", "english"), FOUND)
def test_what_was_found_on_a_photo_stands_below_its_item(
    enrolled: Run, kept: Store, server: FakeServer, found: dict, chinese: str, english: str
) -> None:
    _report(enrolled)
    enrolled("sync")
    assert "照片" not in enrolled("sent").output
    item = kept.row("SELECT id FROM items")["id"]
    verdict = {"id": item, "status": "accepted", "findings": [found | {"sha256": "ab" * 32}]}
    server.put("item", item, verdict)
    enrolled("sync")
    listed = enrolled("sent").output.splitlines()
    assert item in listed[0]
    assert listed[1].startswith("    照片 abababababab：") and chinese in listed[1]
    assert english in enrolled("--lang", "en", "sent").output
    assert english not in listed[1] or english == found["flag"]


@pytest.mark.parametrize("findings", [None, [], {}, "x", ["x"]])
def test_findings_that_are_none_show_nothing(
    enrolled: Run, kept: Store, server: FakeServer, findings: object
) -> None:
    _report(enrolled)
    enrolled("sync")
    item = kept.row("SELECT id FROM items")["id"]
    verdict = {"id": item, "status": "accepted", "findings": findings}
    server.put("item", item, verdict)
    enrolled("sync")
    assert len(enrolled("sent").output.splitlines()) == 1
