"""Jobs are done by what `work` names; failures are tried again, given up, and stop nobody."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.jobs.consumer import Consumer, do_next
from server.jobs.work import Work
from server.kernel import clock, queue
from server.kernel.database import db, reading, writing
from server.kernel.queue import Claimed, Job


class Room:
    """A room whose jobs go well, unless `raises` says what befalls them."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.given_up: list[tuple[str, str]] = []
        self.raises: Exception | None = None
        self.work = {"photo": Work(self._do, self._give_up)}

    def _do(self, job: Claimed) -> None:
        if self.raises is not None:
            raise self.raises
        with queue.ending(job):
            self.done.append(job.key)

    def _give_up(self, session: Session, job: Claimed, word: str) -> None:
        self.given_up.append((job.key, word))


@pytest.fixture
def room() -> Room:
    return Room()


def put(key: str, most_tries: int = 1) -> None:
    with writing() as session:
        queue.put(session, "photo", key, most_tries=most_tries)


def states() -> dict[str, tuple[str, str | None]]:
    with reading() as session:
        return {job.key: (job.state, job.error) for job in session.scalars(select(Job))}


def test_does_what_there_is(app: Flask, room: Room) -> None:
    assert not do_next(room.work)
    put("a")
    assert do_next(room.work)
    assert not do_next(room.work)
    assert (room.done, states()) == (["a"], {"a": ("done", None)})


@pytest.mark.parametrize(
    ("error", "word"),
    [(KeyError("13800008000"), "KeyError"), (queue.TryFailed("too_slow"), "too_slow")],
)
def test_a_failure_is_kept_as_a_word(app: Flask, room: Room, error: Exception, word: str) -> None:
    room.raises = error
    put("a", most_tries=2)
    assert do_next(room.work)
    assert (room.given_up, states()) == ([], {"a": ("waiting", word)})
    with clock.standing_at(clock.now() + timedelta(minutes=1)):
        assert do_next(room.work)
    assert (room.given_up, states()) == ([("a", word)], {"a": ("failed", word)})


def test_a_failed_job_stops_nobody(app: Flask, room: Room) -> None:
    put("a")
    room.raises = KeyError()
    do_next(room.work)
    room.raises = None
    put("b")
    assert do_next(room.work)
    assert room.done == ["b"]


def test_whose_workers_were_killed_is_given_up_and_the_next_is_done(app: Flask, room: Room) -> None:
    put("killer")
    with writing() as session:
        killed = clock.now() - timedelta(hours=1)
        lease = timedelta(minutes=5)
        session.execute(select(Job)).scalar_one().due_at = killed
        session.flush()
        assert queue.claim(session, ["photo"], "killed", killed, lease) is not None
    put("b")
    assert do_next(room.work)
    assert (room.given_up, room.done) == ([("killer", "lease_ran_out")], ["b"])


def test_a_worker_that_lost_its_job_writes_nothing(app: Flask, room: Room) -> None:
    put("a", most_tries=2)

    def slow(job: Claimed) -> None:
        with writing() as session:
            later = clock.now() + timedelta(days=1)
            assert queue.claim(session, ["photo"], "other", later, timedelta(minutes=5))
        raise KeyError

    do_next({"photo": Work(slow, room._give_up)})
    assert (room.given_up, states()) == ([], {"a": ("running", None)})


@pytest.fixture
def consumer(app: Flask, room: Room) -> Iterator[Consumer]:
    stop = threading.Event()
    consumer = Consumer(app, stop, room.work)
    consumer.start()
    yield consumer
    stop.set()
    consumer.join()


def test_the_consumer_goes_on_until_told(app: Flask, room: Room, consumer: Consumer) -> None:
    put("a")
    put("b")
    waited = threading.Event()
    for _ in range(600):
        db.session.rollback()
        if len(room.done) == 2:
            break
        waited.wait(0.1)
    assert sorted(room.done) == ["a", "b"]
    assert consumer.is_alive()
