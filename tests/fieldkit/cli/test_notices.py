"""`fieldkit notices`."""

from tests.fieldkit.cli.conftest import Run
from tests.fieldkit.fakeserver import FakeServer

FIRST = "0199c0de-0000-7000-8000-000000000001"
SECOND = "0199ffff-0000-7000-8000-000000000002"


def test_notices_in_order_those_that_were_read_on_demand(enrolled: Run, server: FakeServer) -> None:
    assert enrolled("notices").output == "没有。\n"
    read = "2026-12-01T03:00:00.000Z"
    late = {"text": "红灯：检查井盖", "at": "2026-12-01T02:00:00.000Z", "read_at": None}
    early = {"text": "黄灯：检查井盖", "at": "2026-12-01T01:00:00.000Z", "read_at": read}
    server.put("notice", SECOND, late)
    server.put("notice", FIRST, early)
    enrolled("sync")
    assert enrolled("notices").output == "2026-12-01T02:00:00.000Z  红灯：检查井盖\n"
    assert [line[-7:] for line in enrolled("notices", "--all").output.splitlines()] == [
        *("黄灯：检查井盖", "红灯：检查井盖")
    ]


def test_what_is_shown_is_marked_as_read_on_demand(enrolled: Run, server: FakeServer) -> None:
    server.put("notice", FIRST, {"text": "红灯：检查井盖", "at": "2026-12-01T02:00:00.000Z"})
    enrolled("sync")
    for _ in range(2):
        assert "红灯：检查井盖" in enrolled("notices").output
    assert "红灯：检查井盖" in enrolled("notices", "--read").output
    assert enrolled("notices").output == "没有。\n"
    assert enrolled("notices", "--read").output == "没有。\n"
    enrolled("sync")
    assert server.reads == [FIRST]
