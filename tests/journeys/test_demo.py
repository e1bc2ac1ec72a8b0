"""`gewu demo` from the empty folder to the table, as a user runs it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from tests.cli.conftest import answers, free_port

GEWU = [sys.executable, "-m", "server.cli"]
DEVICES = 3
STAYS = "Ctrl-C ends it"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """What to set for a database that nobody uses."""
    if request.param == "sqlite":
        yield {}
        return
    server = request.getfixturevalue("postgres_url")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE demo")
    yield {"GEWU_DATABASE_URL": make_url(server).set(database="demo").render_as_string(False)}
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("DROP DATABASE demo WITH (FORCE)")


def environ(**given: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GEWU_")}
    return clean | {"GEWU_LANG": "en", "GEWU_FREE_BYTES": "0"} | given


def table(output: str) -> dict[str, str]:
    """The rows of the table of numbers: what → count."""
    cells = [line.split("│") for line in output.splitlines() if line.startswith("│")]
    return {row[1].strip(): row[2].strip() for row in cells if len(row) == 4}


def broad(output: str, columns: int) -> list[list[str]]:
    """The rows of the tables with so many columns."""
    rows = [line.split("│")[1:-1] for line in output.splitlines() if line.startswith("│")]
    return [[cell.strip() for cell in row] for row in rows if len(row) == columns]


def test_once_gives_the_numbers_and_all_holds(database: dict[str, str], tmp_path: Path) -> None:
    options = ["--once", "--devices", str(DEVICES), "--reports", "6", "--port", str(free_port())]
    result = subprocess.run(
        [*GEWU, "demo", "--data", str(tmp_path / "demo"), *options],
        env=environ(**database),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout
    assert (result.stdout.count("✓"), result.stdout.count("✗")) == (9, 0)
    rows = table(result.stdout)
    stored = {what[7:]: int(rows[what]) for what in rows if what.startswith("stored ")}
    assert int(rows[f"Captured by {DEVICES} devices"]) == sum(stored.values()) + int(
        rows["Set aside"]
    )
    assert stored["shift_start"] == stored["shift_end"] == DEVICES
    assert rows["kind_unknown"] == rows["schema_invalid"] == str(DEVICES)
    assert rows["Duplicate content, flagged"] == rows["Flagged mock_location"] == str(DEVICES)
    assert rows["Flagged outside_area"] == str(DEVICES)
    assert rows["Conflicts"] == "0"
    assert rows["Flagged done_after_cancel"] == rows["Flagged double_work"] == "1"
    assert rows["Tasks cancelled"] == rows["Tasks in_progress"] == "1"
    assert int(rows["Tasks verified"]) > 3 * DEVICES - 2
    complete, pending = rows["Photos complete / pending"].split(" / ")
    assert (int(complete) > 6 * DEVICES, pending) == (True, "0")
    thumbs, stamped = rows["Copies of photos thumb / stamped"].split(" / ")
    assert 0 < int(thumbs) == int(stamped) <= int(complete)
    verified, held = rows["Receipts verified / all"].split(" / ")
    assert verified == held
    check_rules(result.stdout)


def check_rules(output: str) -> None:
    """Under the pack there is each light; plans ran and come again; people are told."""
    all_, *areas = reversed(broad(output, 7))
    green, yellow, red, on_time, late, overdue = map(int, all_[1:])
    # How many depends on the day of the week: what plans gave turns yellow too.
    assert min(green, yellow, red, on_time, late) > 0
    assert overdue == red
    assert [sum(column) for column in zip(*[map(int, row[1:]) for row in areas], strict=True)] == [
        *(green, yellow, red, on_time, late, overdue)
    ]
    plans = {row[0]: row[1:] for row in broad(output, 5)}
    assert len(plans) == 5
    assert all(ran for name, (ran, *_) in plans.items() if not name.startswith("每月"))
    friday = plans["周五上午社区例会"]
    assert (friday[1], friday[3]) == ("6", "6")
    assert friday[0][11:] == friday[2][11:] == "09:00:00"
    assert "of red lights" in output and "The newest: " in output


def test_it_stays_until_ctrl_c_and_is_cleaned_away(tmp_path: Path) -> None:
    data, port = tmp_path / "demo", free_port()
    options = ["--devices", "1", "--reports", "6", "--port", str(port)]
    with subprocess.Popen(
        [*GEWU, "demo", "--data", str(data), *options],
        env=environ(PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdout is not None
        said = []
        for line in program.stdout:
            said.append(line)
            if STAYS in line:
                break
        assert STAYS in said[-1], "".join(said)
        assert answers(f"http://127.0.0.1:{port}/readyz")
        program.send_signal(signal.SIGINT)
        rest = program.stdout.read()
    assert program.returncode == 0, rest
    assert "was stopped" in rest
    assert not answers(f"http://127.0.0.1:{port}/readyz")
    clean = subprocess.run([*GEWU, "demo", "--data", str(data), "--clean"], env=environ())
    assert (clean.returncode, data.exists()) == (0, False)
