"""Locks among threads and processes."""

import os
import threading
from pathlib import Path

import pytest

from server.media.locks import FileLocks, Taken


def test_a_lock_is_for_one_and_leaves_nothing_behind(tmp_path: Path) -> None:
    locks = FileLocks(tmp_path / "locks")
    with locks.held("a"), locks.held("b"), pytest.raises(Taken), locks.held("a"):
        pass
    with locks.held("a"):
        pass
    assert list((tmp_path / "locks").iterdir()) == []


def test_a_lock_is_let_go_when_its_block_fails(tmp_path: Path) -> None:
    locks = FileLocks(tmp_path)
    with pytest.raises(KeyError), locks.held("a"):
        raise KeyError
    with locks.held("a"):
        pass


def test_another_process_is_kept_out(tmp_path: Path) -> None:
    locks = FileLocks(tmp_path)
    with locks.held("a"):
        child = os.fork()
        if child == 0:
            try:
                with FileLocks(tmp_path).held("a"):
                    os._exit(0)
            except Taken:
                os._exit(3)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3


def test_those_who_wait_are_alone_in_turn(tmp_path: Path) -> None:
    locks, inside, counts = FileLocks(tmp_path), [], []

    def work() -> None:
        for _ in range(50):
            with locks.held("a", wait=True):
                inside.append(1)
                counts.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [1] * 200
