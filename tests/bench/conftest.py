"""One quick run of the whole bench for all tests, whoever comes first."""

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> dict[str, Any]:
    """What `python -m bench --quick` wrote, where no peer is installed; `said` is its stderr."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    results, said = shared / "bench.json", shared / "bench.stderr"
    with (shared / "bench.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not results.exists():
            draft = shared / "bench.draft"
            command = [sys.executable, "-m", "bench", "--quick", "--results", str(draft)]
            nowhere = os.environ | {"XDG_CACHE_HOME": str(shared / "no-peers")}
            run = subprocess.run(command, cwd=ROOT, env=nowhere, capture_output=True, text=True)
            assert run.returncode == 0, run.stderr
            said.write_text(run.stderr)
            draft.rename(results)
    written: dict[str, Any] = json.loads(results.read_text())
    return written | {"said": said.read_text()}
