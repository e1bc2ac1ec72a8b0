"""Rate limits: counted in one file by all processes of a node."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask

from server.app import create_app
from server.http import ratelimits
from server.http.ratelimits import FileStorage, hit
from server.kernel.problems import Problem
from tests.conftest import settings_for
from tests.journeys.at_once import all_at_once


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds at which the counters stand; put another number in to move on."""
    now = [1_000_000.0]
    monkeypatch.setattr(ratelimits, "time", SimpleNamespace(time=lambda: now[0]))
    return now


def make(folder: Path) -> Flask:
    """An app without a database and with a route that counts."""
    app = create_app(settings_for(folder, f"sqlite:///{folder}/none.db"))

    @app.get("/counted")
    def counted() -> str:
        hit("test", "me", 3)
        return "ok"

    return app


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Flask]:
    app = make(tmp_path)
    with app.app_context():
        yield app


def allowed(who: str, per_minute: int, name: str = "exchange") -> bool:
    try:
        hit(name, who, per_minute)
    except Problem as problem:
        assert problem.code == "too_many_requests"
        return False
    return True


def test_above_the_limit_it_is_429_with_the_seconds_to_wait(bare: Flask, now: list[float]) -> None:
    client = bare.test_client()
    assert [client.get("/counted").status_code for _ in range(3)] == [200] * 3
    now[0] += 12.5
    answer = client.get("/counted")
    assert (answer.status_code, answer.json["code"]) == (429, "too_many_requests")
    assert answer.json["retryable"] is True
    assert answer.headers["Retry-After"] == "48"


def test_whoever_waits_that_long_may_go_on(bare: Flask, now: list[float]) -> None:
    assert [allowed("me", 2) for _ in range(2)] == [True, True]
    with pytest.raises(Problem) as caught:
        hit("exchange", "me", 2)
    assert caught.value.retry_after == 60
    now[0] += caught.value.retry_after
    assert [allowed("me", 2) for _ in range(3)] == [True, True, False]


def test_the_window_moves_and_does_not_jump(bare: Flask, now: list[float]) -> None:
    """Two at 0 s and one at 50 s: at 61 s two of three are free again, not three."""
    assert [allowed("me", 3) for _ in range(2)] == [True, True]
    now[0] += 50
    assert allowed("me", 3)
    now[0] += 9
    assert not allowed("me", 3)
    now[0] += 2
    assert [allowed("me", 3) for _ in range(3)] == [True, True, False]


def test_no_minute_has_more_wherever_in_a_second_it_begins(bare: Flask, now: list[float]) -> None:
    now[0] += 0.9
    assert [allowed("me", 2) for _ in range(2)] == [True, True]
    now[0] += 59.9
    assert not allowed("me", 2)
    with pytest.raises(Problem) as caught:
        hit("exchange", "me", 2)
    now[0] += caught.value.retry_after or 0
    assert allowed("me", 2)


def test_what_is_refused_does_not_count(bare: Flask, now: list[float]) -> None:
    assert allowed("me", 1)
    for _ in range(5):
        now[0] += 10
        assert not allowed("me", 1)
    now[0] += 10
    assert allowed("me", 1)


def test_each_caller_and_each_act_counts_for_itself(bare: Flask) -> None:
    assert [allowed("me", 1), allowed("you", 1), allowed("me", 1, "enrol")] == [True] * 3
    assert [allowed("me", 1), allowed("you", 1), allowed("me", 1, "enrol")] == [False] * 3


def test_two_processes_count_together(bare: Flask, tmp_path: Path) -> None:
    assert allowed("me", 2)
    with make(tmp_path).app_context():
        assert [allowed("me", 2), allowed("me", 2)] == [True, False]
    assert not allowed("me", 2)


def test_threads_that_open_the_file_at_one_time_count_right(tmp_path: Path) -> None:
    apps = [make(tmp_path), make(tmp_path)]

    def work(app: Flask) -> int:
        with app.app_context():
            return sum(allowed("me", 50) for _ in range(20))

    assert sum(all_at_once([partial(work, apps[n % 2]) for n in range(8)])) == 50


def test_a_counter_begins_again_when_its_time_is_over(tmp_path: Path, now: list[float]) -> None:
    storage = FileStorage(f"gewu-file://{tmp_path}/limits.db")
    assert [storage.incr("k", 60), storage.incr("k", 60, amount=2)] == [1, 3]
    assert (storage.get("k"), storage.get_expiry("k")) == (3, now[0] + 60)
    now[0] += 60
    assert storage.get("k") == 0
    assert storage.incr("k", 60) == 1
    assert storage.get_expiry("k") == now[0] + 60
    storage.clear("k")
    assert (storage.get("k"), storage.check()) == (0, True)
    assert storage.get_expiry("k") == now[0]


def test_acts_of_a_second_are_one_row_which_goes_after_its_minute(
    tmp_path: Path, now: list[float]
) -> None:
    def rows() -> list[tuple[int, int]]:
        with closing(sqlite3.connect(tmp_path / "limits.db")) as file:
            return file.execute("SELECT second, count FROM act ORDER BY second").fetchall()

    storage = FileStorage(f"gewu-file://{tmp_path}/limits.db")
    for _ in range(ratelimits.SWEEP_EVERY - 1):
        assert storage.acquire_entry("k", 1000, 60)
    assert rows() == [(now[0], ratelimits.SWEEP_EVERY - 1)]
    now[0] += 60
    assert storage.acquire_entry("k", 1000, 60)
    assert rows() == [(now[0], 1)]


def test_more_than_the_limit_at_once_is_refused(tmp_path: Path) -> None:
    storage = FileStorage(f"gewu-file://{tmp_path}/limits.db")
    assert not storage.acquire_entry("k", 3, 60, amount=4)
    assert storage.acquire_entry("k", 3, 60, amount=3)
    assert not storage.acquire_entry("k", 3, 60)
    assert storage.reset() == 3
    assert storage.acquire_entry("k", 3, 60)
