import pytest

from fieldkit.cli import base as base_module
from fieldkit.store import Store
from tests.fieldkit.cli.conftest import Run
from tests.fieldkit.fakeserver import DirectTransport, FakeServer


def test_with_the_qr_s_address(run: Run, base: str, kept: Store) -> None:
    assert "已接入：王网格" in run("enroll", f"{base}/app#enrol=K7Q2").output
    assert kept.need("url") == base


def test_with_address_and_code_in_english(run: Run, base: str) -> None:
    assert "Enrolled: 王网格" in run("--lang", "en", "enroll", base, "K7Q2").output


@pytest.mark.parametrize("words", [["ftp://x", "K7Q2"], ["https://gewu.example"]])
def test_what_cannot_be_an_enrolment(run: Run, words: list[str]) -> None:
    run("enroll", *words, ok=False)


def test_a_used_code(run: Run, base: str, server: FakeServer) -> None:
    run("enroll", base, "K7Q2")
    assert "code_used" in run("enroll", base, "K7Q2", ok=False).output


@pytest.mark.parametrize(
    ("address", "warned"), [("http://10.0.0.5:8000", True), ("https://10.0.0.5:8000", False)]
)
def test_an_unencrypted_address_is_warned_of(
    run: Run, server: FakeServer, monkeypatch, address: str, warned: bool
) -> None:
    monkeypatch.setattr(base_module, "HttpTransport", lambda ca_file: DirectTransport(server))
    assert ("没有加密" in run("enroll", address, "K7Q2").output) == warned
