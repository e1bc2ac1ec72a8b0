"""A real S3 server for tests: OpenStack Swift with its `s3api`, from wheels.

One proxy, one account, one container and one object server, each a process of its own, keep one
copy of everything in one folder. Its file system must have extended attributes.
"""

import getpass
import importlib.util
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

ACCESS, SECRET = "test:gewu", "an-invented-secret"
REGION = "us-east-1"
BIN = Path(sys.executable).parent
SLOWEST_START_S = 60.0
KINDS = ("account", "container", "object")

_SHARED = """
[DEFAULT]
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
user = {user}
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
log_level = ERROR
log_address = {folder}/no-log
"""
_STORAGE = """
[pipeline:main]
pipeline = {kind}-server

[app:{kind}-server]
use = egg:swift#{kind}
"""
_PROXY = """
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck listing_formats s3api tempauth bulk slo proxy-server

[app:proxy-server]
use = egg:swift#proxy
allow_account_management = true
account_autocreate = true

[filter:catch_errors]
use = egg:swift#catch_errors

[filter:gatekeeper]
use = egg:swift#gatekeeper

[filter:healthcheck]
use = egg:swift#healthcheck

[filter:listing_formats]
use = egg:swift#listing_formats

[filter:s3api]
use = egg:swift#s3api
s3_acl = false
location = {region}
min_segment_size = 5242880

[filter:tempauth]
use = egg:swift#tempauth
user_test_gewu = {secret} .admin

[filter:bulk]
use = egg:swift#bulk

[filter:slo]
use = egg:swift#slo
"""
_RINGS = "[swift-hash]\nswift_hash_path_suffix = gewu\nswift_hash_path_prefix = gewu\n"


def reason_missing() -> str:
    """Why the server cannot run here; empty if it can."""
    return "" if importlib.util.find_spec("swift") else "OpenStack Swift is not installed"


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """A server with its data in `folder`; gives its address, stops it on leaving."""
    (folder / "devices" / "d1").mkdir(parents=True)
    (folder / "swift.conf").write_text(_RINGS)
    ports = {kind: _free_port() for kind in (*KINDS, "proxy")}
    for kind in KINDS:
        _make_ring(folder, kind, ports[kind])
    processes = [_start(folder, kind, port) for kind, port in ports.items()]
    try:
        url = f"http://127.0.0.1:{ports['proxy']}"
        _await(url, processes)
        yield url
    finally:
        for process in processes:
            _stop(process)


def _make_ring(folder: Path, kind: str, port: int) -> None:
    """A ring of one device that holds the one copy."""
    builder = folder / f"{kind}.builder"
    device = f"r1z1-127.0.0.1:{port}/d1"
    for step in (["create", "4", "1", "0"], ["add", device, "1"], ["rebalance"]):
        command = [sys.executable, BIN / "swift-ring-builder", builder, *step]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _start(folder: Path, kind: str, port: int) -> "subprocess.Popen[bytes]":
    config = folder / f"{kind}.conf"
    text = _SHARED + (_PROXY if kind == "proxy" else _STORAGE)
    config.write_text(
        text.format(
            folder=folder,
            user=getpass.getuser(),
            port=port,
            kind=kind,
            region=REGION,
            secret=SECRET,
        )
    )
    config.chmod(0o600)
    with (folder / f"{kind}.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, BIN / f"swift-{kind}-server", config],
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def _await(url: str, processes: "list[subprocess.Popen[bytes]]") -> None:
    ends = time.monotonic() + SLOWEST_START_S
    while not _answers(url):
        if any(process.poll() is not None for process in processes):
            raise RuntimeError("Swift ended")
        if time.monotonic() > ends:
            raise RuntimeError("Swift did not start")
        time.sleep(0.1)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthcheck", timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, ConnectionError):
        return False


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
