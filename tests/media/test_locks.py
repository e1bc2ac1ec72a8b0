"""Locks among threads and processes, as files and in the database."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine

from server.media.locks import DatabaseLocks, FileLocks, Locks, Taken
from tests.conftest import FreshDatabase

Opened = Callable[[], Locks]


@pytest.fixture(params=["file", "database"])
def opened(request: pytest.FixtureRequest, tmp_path: Path, fresh_database: FreshDatabase) -> Opened:
    """Opens the locks of the test as another process would."""
    if request.param == "file":
        return lambda: FileLocks(tmp_path / "locks")
    url = fresh_database("postgresql")
    return lambda: DatabaseLocks(create_engine(url, poolclass=NullPool))


def test_a_lock_is_for_one(opened: Opened) -> None:
    locks = opened()
    with locks.held("a"), locks.held("b"), pytest.raises(Taken), opened().held("a"):
        pass
    with locks.held("a"):
        pass


def test_files_of_locks_do_not_pile_up(tmp_path: Path) -> None:
    with FileLocks(tmp_path / "locks").held("a"):
        pass
    assert list((tmp_path / "locks").iterdir()) == []


def test_a_lock_is_let_go_when_its_block_fails(opened: Opened) -> None:
    with pytest.raises(KeyError), opened().held("a"):
        raise KeyError
    with opened().held("a"):
        pass


def test_a_lock_is_free_before_its_connection_is_closed(fresh_database: FreshDatabase) -> None:
    """PostgreSQL notices later that a connection was closed: who comes next would find it taken."""
    url = fresh_database("postgresql")
    keeps = create_engine(url)
    with DatabaseLocks(keeps).held("a"):
        pass
    with DatabaseLocks(create_engine(url, poolclass=NullPool)).held("a"):
        pass
    keeps.dispose()


def test_another_process_is_kept_out(opened: Opened) -> None:
    with opened().held("a"):
        child = os.fork()
        if child == 0:
            try:
                with opened().held("a"):
                    os._exit(0)
            except Taken:
                os._exit(3)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3


def test_a_lock_goes_with_its_process(opened: Opened) -> None:
    child = os.fork()
    if child == 0:
        with opened().held("a"):
            os._exit(9)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    with opened().held("a", wait=True):
        pass


def test_those_who_wait_are_alone_in_turn(opened: Opened) -> None:
    locks, inside, counts = opened(), [], []

    def work() -> None:
        for _ in range(20):
            with locks.held("a", wait=True):
                inside.append(1)
                counts.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [1] * 80
