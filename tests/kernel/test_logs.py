"""Logs of the programs: JSON lines to standard error, without the values of failing code."""

import json
import subprocess
import sys

PROGRAM = """
import structlog
from server.kernel import logs
logs.configure()
log = structlog.get_logger()
log.info("起动", jobs=3)
log.debug("not shown")
def act(phone):
    raise KeyError("phone")
log.info("broken \\ud800", at={1: object})
try:
    act("13800008000")
except KeyError:
    log.exception("job_failed")
"""


def test_one_json_object_a_line_without_local_values() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, check=True)
    assert done.stdout == b""
    first, broken, second = (json.loads(line) for line in done.stderr.decode().splitlines())
    assert (first["event"], first["jobs"], first["level"]) == ("起动", 3, "info")
    assert first["timestamp"].endswith("Z")
    assert (broken["event"], broken["at"]) == ("broken \ud800", {"1": "<class 'object'>"})
    assert second["exception"][0]["exc_type"] == "KeyError"
    assert b"13800008000" not in done.stderr
