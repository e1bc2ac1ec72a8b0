"""The fair queue: order of arrival, giving up, exclusion among threads and processes."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from server.kernel.writelock import WriteLock, WriteQueueFull
from tests.journeys.at_once import all_at_once

LONG = 60.0
COUNTING = """
import sys
from server.kernel.writelock import WriteLock
lock, counter = WriteLock(sys.argv[1]), sys.argv[2]
for _ in range(50):
    with lock.turn(60):
        number = int(open(counter).read())
        open(counter, "w").write(str(number + 1))
"""
HOLDING = """
import sys
from server.kernel.writelock import WriteLock
with WriteLock(sys.argv[1]).turn(60):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "db.lock")


@pytest.fixture
def lock(path: str) -> WriteLock:
    return WriteLock(path)


def start_waiting(lock: WriteLock, waiting: int, act: object) -> threading.Thread:
    """A thread that runs `act`, begun and in the queue as number `waiting`."""
    thread = threading.Thread(target=act)  # type: ignore[arg-type]
    thread.start()
    while len(lock._waiting) < waiting:
        thread.join(0.001)
        assert thread.is_alive()
    return thread


def test_first_come_first_served(lock: WriteLock) -> None:
    served: list[int] = []

    def wait(number: int) -> None:
        with lock.turn(LONG):
            served.append(number)

    with lock.turn(LONG):
        threads = [start_waiting(lock, n, partial(wait, n)) for n in range(1, 9)]
    for thread in threads:
        thread.join()
    assert served == list(range(1, 9))


def test_who_gives_up_leaves_the_queue_as_it_was(lock: WriteLock) -> None:
    served: list[str] = []

    def wait() -> None:
        with lock.turn(LONG):
            served.append("patient")

    with lock.turn(LONG):
        patient = start_waiting(lock, 1, wait)
        with pytest.raises(WriteQueueFull), lock.turn(0.001):
            served.append("impatient")
        assert len(lock._waiting) == 1
    patient.join()
    with lock.turn(0):
        served.append("next")
    assert served == ["patient", "next"]


def test_an_error_inside_gives_the_lock_back(lock: WriteLock) -> None:
    with pytest.raises(ZeroDivisionError), lock.turn(LONG):
        raise ZeroDivisionError
    with lock.turn(0):
        assert not lock._waiting


def test_a_path_that_cannot_be_opened_gives_the_turn_back(tmp_path: Path) -> None:
    lock = WriteLock(str(tmp_path / "nowhere" / "db.lock"))
    for _ in range(2):
        with pytest.raises(FileNotFoundError), lock.turn(0):
            pytest.fail("entered")


def test_many_impatient_threads_exclude_each_other_and_lose_no_turn(lock: WriteLock) -> None:
    inside: list[int] = []

    def hurry() -> int:
        served = 0
        for _ in range(100):
            try:
                with lock.turn(0.0005):
                    inside.append(1)
                    assert inside == [1]
                    inside.pop()
                    served += 1
            except WriteQueueFull:
                continue
        return served

    assert sum(all_at_once([hurry] * 8)) > 0
    with lock.turn(0):
        assert not lock._waiting


def test_processes_exclude_each_other(path: str, tmp_path: Path) -> None:
    counter = tmp_path / "counter"
    counter.write_text("0")
    command = [sys.executable, "-c", COUNTING, path, str(counter)]
    for process in [subprocess.Popen(command) for _ in range(3)]:
        assert process.wait() == 0
    assert counter.read_text() == "150"


@pytest.fixture
def holder(path: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the lock."""
    command = [sys.executable, "-c", HOLDING, path]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_killed_process_gives_its_lock_back(
    lock: WriteLock, holder: subprocess.Popen[str]
) -> None:
    served: list[str] = []

    def wait() -> None:
        with lock.turn(LONG):
            served.append("after")

    thread = threading.Thread(target=wait)
    thread.start()
    thread.join(0.2)
    served.append("killed")
    holder.kill()
    thread.join()
    assert served == ["killed", "after"]
