import pytest

from fieldkit.cli import base as cli_base
from fieldkit.store import Store
from tests.fieldkit.cli.conftest import Run
from tests.fieldkit.fakeserver import FakeServer


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


def test_an_unencrypted_address_is_warned_of(run: Run, base: str, monkeypatch) -> None:
    assert "https" not in run("enroll", base, "K7Q2").output
    monkeypatch.setattr(cli_base, "HttpTransport", _AnyHost)
    _AnyHost.base = base
    server_code = "http://10.0.0.5:8000/app#enrol=SECOND"
    assert "没有加密" in run("enroll", server_code).output


class _AnyHost:
    """Reaches the stand-in whatever host is named."""

    base = ""

    def __init__(self, ca_file: str | None = None) -> None:
        from fieldkit.transport import HttpTransport

        self._inner = HttpTransport(timeout=5, ca_file=ca_file)

    def send(self, request):
        from dataclasses import replace

        return self._inner.send(
            replace(request, url=request.url.replace("http://10.0.0.5:8000", self.base))
        )


@pytest.fixture(autouse=True)
def _second_code(server: FakeServer) -> None:
    server.codes.add("SECOND")
