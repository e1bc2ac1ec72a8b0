"""`gewu demo` where it does not even begin, and `--clean`. The whole of it: tests/journeys."""

import socket
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from server.cli import main
from server.cli.demo import programs
from server.cli.demo.ground import MARKER

ENGLISH = {"GEWU_LANG": "en"}


def demo(*options: str, **env: str) -> Result:
    return CliRunner().invoke(main, ["demo", *options], env=ENGLISH | env)


def test_a_port_that_is_taken_is_named_before_anything_is_made(tmp_path: Path) -> None:
    data = tmp_path / "demo"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = demo("--data", str(data), "--port", port)
    assert result.exit_code == 1
    assert f"Port {port}" in result.output
    assert not data.exists()


def test_the_folder_of_others_is_refused(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine")
    for options in (("--clean",), ("--once", "--port", _free_port())):
        result = demo("--data", str(tmp_path), *options)
        assert result.exit_code == 1
        assert "left alone" in result.output
    assert (tmp_path / "precious.txt").read_text() == "mine"


def test_the_setting_of_a_real_deployment_is_not_its_folder(tmp_path: Path) -> None:
    real = tmp_path / "real"
    result = demo("--data", str(tmp_path / "demo"), "--clean", GEWU_DATA=str(real))
    assert result.exit_code == 0
    assert str(tmp_path / "demo") in result.output


def test_clean_says_what_stays(tmp_path: Path) -> None:
    data = tmp_path / "demo"
    data.mkdir()
    (data / MARKER).touch()
    url = "postgresql://demo:secret@db.example/gewu"
    result = demo("--data", str(data), "--clean", GEWU_DATABASE_URL=url)
    assert result.exit_code == 0
    assert "Removed" in result.output and "db.example/gewu" in result.output
    assert "secret" not in result.output
    assert not data.exists()


@pytest.mark.parametrize("devices", ["0", "9"])
def test_there_are_as_many_workers_as_there_are(devices: str) -> None:
    assert demo("--devices", devices).exit_code == 2


def test_phones_are_shown_an_address_they_can_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GEWU_PUBLIC_URL", raising=False)
    assert programs.public_url("127.0.0.1", 8000) == "http://127.0.0.1:8000"
    assert "0.0.0.0" not in programs.public_url("0.0.0.0", 8000)
    assert programs.reached_at("0.0.0.0", 8000) == ("127.0.0.1", 8000)
    assert programs.reached_at("192.0.2.7", 8000) == ("192.0.2.7", 8000)
    monkeypatch.setenv("GEWU_PUBLIC_URL", "https://gewu.example")
    assert programs.public_url("0.0.0.0", 8000) == "https://gewu.example"


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])
