"""Marks: each change is found by whoever reads from its horizon on, however late it commits."""

import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from server.kernel import marks
from server.kernel.database import db, reading, writing
from server.kernel.ids import uuid7
from server.kernel.state import rotate_epoch
from tests.journeys.at_once import all_at_once

NO_END = 1 << 30


def touch(*areas: str | None, kind: str = "item") -> None:
    with writing() as session:
        marks.touch(session, kind, areas)


def horizon() -> int:
    with reading() as session:
        return marks.horizon(session)


def found(since: int) -> list[tuple[str, str]]:
    with reading() as session:
        return sorted((mark.area, mark.kind) for mark in marks.since(session, since, NO_END))


def test_what_was_touched_is_found_from_the_horizon_before_it(app: Flask) -> None:
    before, area, other = horizon(), uuid7(), uuid7()
    touch(area, other, area)
    touch(area, kind="task")
    assert found(before) == sorted([(area, "item"), (other, "item"), (area, "task")])
    assert found(horizon()) == []


def test_what_lies_in_no_area_is_marked_as_nowhere(app: Flask) -> None:
    before = horizon()
    touch(None)
    assert found(before) == [(marks.NOWHERE, "item")]


def test_an_act_that_fails_leaves_no_mark(app: Flask) -> None:
    before = horizon()
    with pytest.raises(ZeroDivisionError), writing() as session:
        marks.touch(session, "item", [uuid7()])
        _ = 1 // 0
    touch(area := uuid7())
    assert found(before) == [(area, "item")]


class Slow:
    """A write transaction in a thread of its own, which commits when it is let."""

    def __init__(self, app: Flask, area: str) -> None:
        self._app, self._area = app, area
        self._begun, self._go = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._begun.wait(60)

    def _run(self) -> None:
        with self._app.app_context(), writing() as session:
            marks.touch(session, "item", [self._area])
            marks.write(session)
            self._begun.set()
            self._go.wait(60)

    def commit(self) -> None:
        self._go.set()
        self._thread.join()


@pytest.fixture
def on_postgresql(app: Flask) -> Flask:
    if db.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer")
    return app


def test_a_late_commit_is_not_passed_over(on_postgresql: Flask) -> None:
    slow = Slow(on_postgresql, late := uuid7())
    touch(early := uuid7())
    position = horizon()
    assert (early, "item") in found(position), "told again, because the slow one is still open"
    assert (late, "item") not in found(position)
    slow.commit()
    assert (late, "item") in found(position)
    assert horizon() > position
    assert found(horizon()) == []


def test_two_hand_ins_of_one_area_do_not_wait_for_each_other(on_postgresql: Flask) -> None:
    slow = Slow(on_postgresql, area := uuid7())
    touch(area)
    slow.commit()


def test_a_reader_misses_nothing_of_many_writers(on_postgresql: Flask) -> None:
    areas = [[uuid7() for _ in range(20)] for _ in range(4)]
    heard: set[str] = set()
    done = threading.Event()

    def write(mine: list[str]) -> Callable[[], None]:
        def act() -> None:
            for area in mine:
                with on_postgresql.app_context():
                    touch(area)

        return act

    def listen() -> None:
        position = start
        while True:
            was_done = done.is_set()
            with on_postgresql.app_context(), reading() as session:
                upto = marks.horizon(session)
                heard.update(mark.area for mark in marks.since(session, position, NO_END))
            position = upto
            if was_done:
                return

    start = horizon()
    listener = threading.Thread(target=listen)
    listener.start()
    all_at_once([write(mine) for mine in areas])
    done.set()
    listener.join()
    assert heard == {area for mine in areas for area in mine}


def is_known(session: Session, number: int) -> bool:
    return marks.is_known(session, number, marks.horizon(session))


def test_a_sweep_leaves_the_newest(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marks, "KEPT", 3)
    positions = []
    for _ in range(6):
        positions.append(horizon())
        touch(uuid7())
    with writing() as session:
        assert marks.sweep(session) == 2
    assert len(found(0)) == 4
    with reading() as session:
        known = [is_known(session, position) for position in positions]
        assert known == [False, False, True, True, True, True]
        assert not is_known(session, marks.horizon(session) + 1), "a position of another life"


def test_a_sweep_takes_nothing_that_may_yet_be_told(
    on_postgresql: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marks, "KEPT", 1)
    slow = Slow(on_postgresql, late := uuid7())
    position = horizon()
    areas = [uuid7() for _ in range(4)]
    for area in areas:
        touch(area)
    with writing() as session:
        marks.sweep(session)
    slow.commit()
    with reading() as session:
        assert is_known(session, position)
    assert found(position) == sorted((area, "item") for area in [late, *areas])


def test_a_database_that_was_put_back_begins_anew(app: Flask) -> None:
    touch(uuid7())
    with writing() as session:
        rotate_epoch(session)
    assert found(0) == []
