from fieldkit.store import Store
from tests.fieldkit.cli.conftest import Run
from tests.fieldkit.fakeserver import FakeServer


def _hand_in(run: Run) -> None:
    run("report", "--category", "1", "--text", "x")
    run("sync")


def test_receipts_are_checked_without_the_server(enrolled: Run, server: FakeServer) -> None:
    _hand_in(enrolled)
    _hand_in(enrolled)
    asked = len(server.requests)
    assert "2 张回执全部有效" in enrolled("verify").output
    assert len(server.requests) == asked


def test_an_altered_receipt_is_named(enrolled: Run, kept: Store) -> None:
    _hand_in(enrolled)
    kept.db.execute("UPDATE receipts SET at = 'another day'")
    assert "回执 1：签名无效" in enrolled("verify", ok=False).output


def test_a_changed_key_is_told_loudly(enrolled: Run, server: FakeServer) -> None:
    _hand_in(enrolled)
    server.key = FakeServer().key
    server.forget(*server.items)
    said = enrolled("sync").output
    assert "签名公钥变了" in said
    assert "签名公钥变了" in enrolled("verify", ok=False).output


def test_without_the_key_nothing_is_claimed(run: Run) -> None:
    assert "公钥" in run("verify", ok=False).output
