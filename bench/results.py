"""What is left of a run: a table, and a file that says where, when, how and on what it ran."""

import json
import os
import platform
import sqlite3
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

import server
from bench.deployment import THREADS, WORKERS
from bench.memory import COUNTED
from bench.room import disk
from tests.postgres import MAJOR_VERSION

FOLDER = Path(__file__).parent / "results"
WIDTH = 130
PACKAGES = ("flask", "gunicorn", "marshmallow", "msgspec", "psycopg", "sqlalchemy")


def about(program: str) -> dict[str, Any]:
    """Where, when, how and on what `program` runs; to be asked before the run."""
    return {
        "command": " ".join([program, *sys.argv[1:]]),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "versions": versions(),
        "served": {"workers": WORKERS, "threads": THREADS},
    }


def write(path: Path, found: Mapping[str, Any]) -> None:
    """Keep what was found as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n")


def show(table: Table) -> None:
    """Print it for people."""
    Console(width=WIDTH).print(table)


def machine() -> dict[str, Any]:
    """Where it runs; `load` is the load average of the last minute, `memory_as` what is counted.

    `disk` is the file system on which databases lie.
    """
    models = [line for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    return {
        "cpu": models[0].partition(":")[2].strip() if models else platform.machine(),
        "cores": os.cpu_count(),
        "memory": _lines("/proc/meminfo")[0].partition(":")[2].strip(),
        "memory_as": COUNTED,
        "disk": disk(Path(tempfile.gettempdir()).resolve()),
        "system": platform.platform(),
        "load": os.getloadavg()[0],
    }


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines()


def versions() -> dict[str, str]:
    """What it runs on."""
    own = {"gewu": server.__version__, "python": platform.python_version()}
    databases = {
        "sqlite": sqlite3.sqlite_version,
        "postgresql": str(MAJOR_VERSION),
    }
    return own | databases | {name: version(name) for name in PACKAGES}
