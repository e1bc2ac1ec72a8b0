"""The queue of jobs: once per key, leased, retried with pauses, kept when given up."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from server.kernel import queue
from server.kernel.clock import standing_at
from server.kernel.database import db, reading, writing
from server.kernel.queue import Claimed, Job

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
LEASE = timedelta(minutes=5)
KINDS = ("photo", "mail")


def after(**given: float) -> datetime:
    return NOON + timedelta(**given)


def put(kind: str, key: str, *args: object, now: datetime = NOON, **given: int) -> None:
    with standing_at(now), writing() as session:
        queue.put(session, kind, key, *args, **given)  # type: ignore[arg-type]


def claim(now: datetime = NOON, who: str = "one") -> Claimed | None:
    with writing() as session:
        return queue.claim(session, KINDS, who, now, LEASE)


def claimed(now: datetime = NOON, who: str = "one") -> Claimed:
    job = claim(now, who)
    assert job is not None
    return job


def finish(job: Claimed) -> None:
    with queue.ending(job):
        pass


def fail(job: Claimed, now: datetime = NOON, error: str = "broken") -> None:
    with writing() as session:
        queue.fail(session, job, error, now)


def rows(*states: str) -> list[Job]:
    with reading() as session:
        found = select(Job).where(Job.state.in_(states)) if states else select(Job)
        return list(session.scalars(found.order_by(Job.id)))


def test_a_job_is_given_once_with_what_it_was_put_with(app: Flask) -> None:
    put("photo", "a", {"size": 3})
    job = claimed()
    assert (job.kind, job.key, job.payload, job.tries) == ("photo", "a", {"size": 3}, 1)
    assert claim() is None


def test_a_job_is_there_only_if_its_transaction_is_committed(app: Flask) -> None:
    with pytest.raises(KeyError), writing() as session:
        queue.put(session, "photo", "a")
        raise KeyError
    assert rows() == []


def test_what_waits_already_is_not_put_twice_and_comes_at_the_sooner_time(app: Flask) -> None:
    put("photo", "a", 1, after(hours=1))
    put("photo", "a", 2, after(minutes=1))
    put("photo", "a", 3, after(hours=2))
    put("mail", "a")
    assert [(job.kind, job.payload, job.due_at) for job in rows()] == [
        ("photo", 3, after(minutes=1)),
        ("mail", None, NOON),
    ]


def test_the_job_that_is_due_longest_comes_first_and_none_before_its_time(app: Flask) -> None:
    put("photo", "late", None, after(seconds=2))
    put("photo", "soon", None, after(seconds=1))
    assert claim() is None
    with reading() as session:
        assert not queue.is_any_due(session, KINDS, NOON)
        assert queue.is_any_due(session, KINDS, after(seconds=1))
    assert claimed(after(seconds=2)).key == "soon"


def test_other_kinds_are_left_to_those_who_know_them(app: Flask) -> None:
    put("unknown", "a")
    assert claim() is None
    with reading() as session:
        assert not queue.is_any_due(session, KINDS, NOON)


def test_put_again_while_it_runs_it_runs_once_more_after_it(app: Flask) -> None:
    put("photo", "a")
    first = claimed()
    put("photo", "a")
    put("photo", "a")
    assert claim(who="two") is None
    finish(first)
    second = claimed(who="two")
    assert (second.key, second.tries, second.id != first.id) == ("a", 1, True)
    finish(second)
    assert claim() is None


def test_put_again_after_it_was_done_it_runs_again(app: Flask) -> None:
    put("photo", "a")
    finish(claimed())
    put("photo", "a")
    assert claimed().tries == 1


def test_the_end_and_the_effect_come_together(app: Flask) -> None:
    put("photo", "a")
    job = claimed()
    with pytest.raises(KeyError), queue.ending(job) as session:
        queue.put(session, "mail", "effect")
        raise KeyError
    assert [row.state for row in rows()] == ["running"]
    with queue.ending(job) as session:
        queue.put(session, "mail", "effect")
    assert sorted(row.state for row in rows()) == ["done", "waiting"]


def test_a_lease_that_ran_out_gives_the_job_to_another_and_the_first_is_too_late(
    app: Flask,
) -> None:
    put("photo", "a")
    slow = claimed()
    assert claim(after(minutes=4), "two") is None
    quick = claimed(after(minutes=5), "two")
    assert (quick.id, quick.tries) == (slow.id, 2)
    with pytest.raises(queue.Lost):
        fail(slow)
    with pytest.raises(queue.Lost), queue.ending(slow) as session:
        queue.put(session, "mail", "twice")
    finish(quick)
    assert [row.state for row in rows()] == ["done"]


def test_one_and_the_same_worker_is_too_late_for_its_own_earlier_try(app: Flask) -> None:
    put("photo", "a")
    first = claimed()
    second = claimed(after(minutes=5))
    with pytest.raises(queue.Lost):
        finish(first)
    finish(second)


def test_a_failure_waits_longer_each_time_and_is_kept_after_the_last(app: Flask) -> None:
    put("photo", "a", most_tries=3)
    now, pauses = NOON, []
    for _ in range(2):
        fail(claimed(now), now)
        (row,) = rows("waiting")
        pauses.append((row.due_at - now).total_seconds())
        assert claim(row.due_at - timedelta(seconds=1)) is None
        now = row.due_at
    last = claimed(now)
    assert last.is_last
    fail(last, now, "too_slow")
    assert pauses == [10, 40]
    (row,) = rows()
    assert (row.state, row.tries, row.error, row.done_at) == ("failed", 3, "too_slow", now)
    assert claim(after(days=9)) is None


def test_pauses_end_at_an_hour() -> None:
    pauses = [queue.pause(tries).total_seconds() for tries in range(1, 40)]
    assert pauses[:5] == [10, 40, 160, 640, 2560]
    assert set(pauses[5:]) == {3600}


def test_what_kills_its_worker_each_time_is_given_up(app: Flask) -> None:
    put("photo", "a", most_tries=2)
    claimed()
    claimed(after(minutes=5))
    with writing() as session:
        assert queue.give_up_lost(session, KINDS, after(minutes=9)) == []
        (given_up,) = queue.give_up_lost(session, KINDS, after(minutes=10))
    assert (given_up.key, given_up.is_last) == ("a", True)
    assert [(row.state, row.error) for row in rows()] == [("failed", "lease_ran_out")]
    assert claim(after(minutes=20)) is None


def test_a_try_that_failed_while_it_was_put_again_leaves_one_job(app: Flask) -> None:
    put("photo", "a")
    first = claimed()
    put("photo", "a", "newer")
    fail(first)
    (row,) = rows()
    assert (row.state, row.tries, row.payload) == ("waiting", 0, "newer")


def test_a_failed_job_is_retried_as_often_as_a_new_one(app: Flask) -> None:
    put("photo", "a", most_tries=1)
    fail(claimed())
    (job,) = rows("failed")
    with writing() as session:
        assert queue.retry(session, job.id, after(minutes=1))
        assert not queue.retry(session, job.id, after(minutes=1))
    again = claimed(after(minutes=1))
    assert (again.id, again.tries) == (job.id, 1)


def test_only_what_was_done_long_ago_is_swept(app: Flask) -> None:
    for key in ("old", "new", "failed"):
        put("photo", key, most_tries=1)
        with standing_at(after(days=1) if key == "new" else NOON):
            fail(claimed()) if key == "failed" else finish(claimed())
    put("photo", "waits")
    with writing() as session:
        assert queue.sweep(session, after(hours=1)) == 1
    assert sorted(row.key for row in rows()) == ["failed", "new", "waits"]


def test_counts_and_failures_for_people(app: Flask) -> None:
    put("photo", "a", most_tries=1)
    fail(claimed())
    put("photo", "b", now=after(hours=1))
    put("photo", "c", now=after(hours=2))
    with reading() as session:
        counted = [(c.kind, c.state, c.jobs, c.oldest) for c in queue.counts(session)]
        assert [job.key for job in queue.failed(session, 10)] == ["a"]
    assert counted == [("photo", "failed", 1, NOON), ("photo", "waiting", 2, after(hours=1))]


def _at_once(app: Flask, acts: list[Callable[[], None]]) -> None:
    def inside(act: Callable[[], None]) -> None:
        with app.app_context():
            act()
            db.session.remove()

    threads = [threading.Thread(target=inside, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_four_workers_at_once_do_each_job_once(app: Flask) -> None:
    with standing_at(NOON), writing() as session:
        queue.put_all(session, "photo", {f"{number:03}": None for number in range(60)})
    done: list[str] = []

    def work(who: str) -> None:
        # With several at work, finding none is not yet the end: another may hold the row just read.
        while rows("waiting"):
            job = claim(who=who)
            if job is not None:
                finish(job)
                done.append(job.key)

    _at_once(app, [lambda who=f"w{n}": work(who) for n in range(4)])  # type: ignore[misc]
    assert sorted(done) == [f"{number:03}" for number in range(60)]
    assert {row.state for row in rows()} == {"done"}


def test_put_at_once_with_work_nothing_is_missed(app: Flask) -> None:
    """After each put there is a run that began later: what was put last is seen."""
    ended = threading.Event()
    seen = [0]

    def putter() -> None:
        for number in range(1, 41):
            put("photo", "a", number)
        ended.set()

    def worker(who: str) -> None:
        while not ended.is_set() or rows("waiting"):
            job = claim(who=who)
            if job is not None:
                seen.append(job.payload)
                finish(job)

    _at_once(app, [putter, lambda: worker("one"), lambda: worker("two")])
    assert max(seen) == 40
    assert {row.state for row in rows()} == {"done"}
