"""`gewu serve` as the program it is: starts, answers, counts, logs no secrets, stops."""

import json
import signal
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from server.cli.serve import _public_url
from server.config import load
from tests.cli.conftest import ADMIN, PASSWORD, Deployment, answers, free_port, wait_until


def post(url: str, body: Any, **headers: str) -> Any:
    named = {"Content-Type": "application/json"} | headers
    request = urllib.request.Request(url, json.dumps(body).encode(), named)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def get(url: str) -> str:
    with urllib.request.urlopen(url) as answer:
        return str(answer.read().decode())


def test_serves_until_it_is_told_to_stop(deployment: Deployment) -> None:
    base = f"http://127.0.0.1:{(port := free_port())}"
    server = deployment.start("serve", "--port", str(port), "--workers", "2", "--threads", "2")
    wait_until(lambda: answers(f"{base}/readyz"), server)
    token = post(f"{base}/api/v1/sessions", {"username": ADMIN, "password": PASSWORD})["token"]
    assert get(f"{base}/healthz?secret=shibboleth")
    code = post(
        f"{base}/api/v1/enrolments",
        {"member": _admin(base, token)},
        Authorization=f"Bearer {token}",
    )
    assert code["url"].startswith(f"{base}/app#enrol=")
    counted = get(f"{base}/metrics")
    assert 'gewu_requests_total{method="GET",rule="/healthz",status="200"} 1.0' in counted
    server.terminate()
    assert server.wait() == 0
    log = deployment.log(server)
    assert '"path":"/healthz"' in log
    for secret in ("shibboleth", token, PASSWORD, code["code"]):
        assert secret not in log


def _admin(base: str, token: str) -> str:
    request = urllib.request.Request(
        f"{base}/api/v1/members", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request) as answer:
        return str(json.load(answer)["results"][0]["id"])


def test_a_killed_process_is_replaced_and_counters_start_anew(on_sqlite: Deployment) -> None:
    stale = on_sqlite.data / "metrics" / str(port := free_port()) / "counter_1.db"
    stale.parent.mkdir(parents=True)
    stale.write_bytes(b"stale")
    server = on_sqlite.start("serve", "--port", str(port), "--workers", "1", "--threads", "1")
    wait_until(lambda: answers(f"http://127.0.0.1:{port}/readyz"), server)
    assert not stale.exists()
    server.send_signal(signal.SIGINT)
    assert server.wait() == 0


@pytest.mark.parametrize("key", ["signing.pem", "field.key"])
@pytest.mark.parametrize("command", ["serve", "worker"])
def test_without_a_key_it_does_not_start(on_sqlite: Deployment, command: str, key: str) -> None:
    (on_sqlite.data / "keys" / key).unlink()
    result = on_sqlite.gewu(command)
    assert result.exit_code == 1
    assert key in result.output
    assert "gewu init" in result.output


@pytest.mark.parametrize("key", ["signing.pem", "field.key"])
def test_a_spoilt_key_is_named_but_not_shown(on_sqlite: Deployment, key: str) -> None:
    (on_sqlite.data / "keys" / key).write_text("shibboleth\n")
    result = on_sqlite.gewu("serve")
    assert result.exit_code == 1
    assert key in result.output
    assert "shibboleth" not in result.output


@pytest.mark.parametrize("option", [("--port", "0"), ("--port", "70000"), ("--workers", "0")])
def test_numbers_out_of_range_are_refused(on_sqlite: Deployment, option: tuple[str, str]) -> None:
    assert on_sqlite.gewu("serve", *option).exit_code == 2


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:81"),
        ("0.0.0.0", "http://127.0.0.1:81"),
        ("::", "http://[::1]:81"),
        ("fd00::1", "http://[fd00::1]:81"),
        ("gewu.example", "http://gewu.example:81"),
    ],
)
def test_the_public_address_follows_what_is_listened_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, host: str, url: str
) -> None:
    monkeypatch.delenv("GEWU_PUBLIC_URL", raising=False)
    assert _public_url(load({}, data=tmp_path), host, 81) == url


def test_a_public_address_that_is_set_stands(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GEWU_PUBLIC_URL", "https://gewu.example")
    assert _public_url(load(data=tmp_path), "127.0.0.1", 81) == "https://gewu.example"
