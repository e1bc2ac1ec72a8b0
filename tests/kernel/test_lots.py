"""Work in lots: what is found is done once, and what breaks stops nothing else."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from server.jobs.models import WorkerHeartbeat
from server.kernel import clock, lots
from server.kernel.database import reading


class Row(NamedTuple):
    id: str
    of: str


ROWS = [Row(f"{number}", "abc"[number % 3]) for number in range(8)]


def find(session: Session, after: Row | None) -> Sequence[Row]:
    begin = 0 if after is None else ROWS.index(after) + 1
    return ROWS[begin : begin + 3]


class _Work:
    """Writes a row for each id, and then breaks on some."""

    def __init__(self, breaks: Sequence[str] = (), error: Exception | None = None) -> None:
        self.breaks, self.error = breaks, error or KeyError("secret")
        self.lots: list[list[str]] = []

    def __call__(self, session: Session, ids: Sequence[str]) -> int:
        self.lots.append(list(ids))
        session.add_all(WorkerHeartbeat(job=id_, ran_at=clock.now(), error="") for id_ in ids)
        session.flush()
        if set(ids) & set(self.breaks):
            raise self.error
        return len(ids)


def written() -> list[str]:
    with reading() as session:
        return list(session.scalars(select(WorkerHeartbeat.job).order_by(WorkerHeartbeat.job)))


def failures(logs: Sequence[Any]) -> list[tuple[str, str, int]]:
    return [(log["job"], log["of"], log["number"]) for log in logs if log["event"] == "part_failed"]


def test_everything_found_is_done_some_at_a_time(app: Flask) -> None:
    work = _Work()
    assert lots.work_off("job", find, work, 3) == 8
    assert work.lots == [["0", "1", "2"], ["3", "4", "5"], ["6", "7"]]
    assert written() == [row.id for row in ROWS]


def test_of_a_lot_that_breaks_only_the_broken_part_is_left(app: Flask) -> None:
    work = _Work(breaks=["4"])
    with capture_logs() as logs:
        assert lots.work_off("job", find, work, 3) == 7
    assert failures(logs) == [("job", "b", 1)]
    assert written() == [row.id for row in ROWS if row.id != "4"]


def test_what_belongs_together_fails_together(app: Flask) -> None:
    rows = [Row("0", "a"), Row("1", "b"), Row("2", "a")]
    with capture_logs() as logs:
        assert lots.do_lot("job", rows, _Work(breaks=["2"])) == (1, [[rows[0], rows[2]]])
    assert failures(logs) == [("job", "a", 2)]
    assert written() == ["1"]


def test_each_alone_fails_alone(app: Flask) -> None:
    work = _Work(breaks=["1"])
    with capture_logs() as logs:
        done = lots.each_alone("job", ["0", "1", "2"], lambda s, id_: work(s, [id_]))
    assert (done, failures(logs), written()) == (2, [("job", "1", 1)], ["0", "2"])


def test_a_database_that_is_away_breaks_the_job(app: Flask) -> None:
    away = OperationalError("select", None, Exception())
    work = _Work(breaks=["1"], error=away)
    with pytest.raises(OperationalError):
        lots.work_off("job", find, work, 3)
    assert (work.lots, written()) == ([["0", "1", "2"]], [])


def test_nothing_found_asks_for_no_writer(app: Flask) -> None:
    work = _Work()
    assert lots.work_off("job", lambda session, after: [], work, 3) == 0
    assert work.lots == []
