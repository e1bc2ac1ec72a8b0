"""Running a job: what it did is written down, what it failed at too, and neither stops another."""

from datetime import UTC, datetime

from flask import Flask
from sqlalchemy import select
from structlog.testing import capture_logs

from server.config import Settings
from server.grid.models import Tree
from server.jobs.models import WorkerHeartbeat
from server.jobs.running import run
from server.kernel import clock
from server.kernel.database import reading, writing

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)


def row(name: str) -> WorkerHeartbeat:
    with reading() as session:
        return session.scalars(select(WorkerHeartbeat).where(WorkerHeartbeat.job == name)).one()


def fails(settings: Settings, now: datetime) -> int:
    with writing() as session:
        session.add(Tree(code="half", name="写到一半", levels=[]))
        session.flush()
        raise KeyError("13800008000")


def test_what_a_job_did_is_written_down(app: Flask) -> None:
    with clock.standing_at(NOON), capture_logs() as logs:
        assert run(app, "sweep", lambda settings, now: 3)
    found = row("sweep")
    assert (found.ran_at, found.done, found.failed_at, found.error) == (NOON, 3, None, "")
    assert [(log["event"], log["job"], log["done"]) for log in logs] == [("job", "sweep", 3)]


def test_a_job_gets_the_settings_and_the_time(app: Flask) -> None:
    got: list[object] = []
    with clock.standing_at(NOON):
        run(app, "sweep", lambda settings, now: got.extend((settings, now)))
    assert got == [app.extensions["gewu_settings"], NOON]
    assert row("sweep").done is None


def test_a_failure_is_written_down_without_its_words(app: Flask) -> None:
    with clock.standing_at(NOON), capture_logs() as logs:
        assert not run(app, "sweep", fails)
    found = row("sweep")
    assert (found.ran_at, found.failed_at, found.error) == (None, NOON, "KeyError")
    assert [log["event"] for log in logs] == ["job_failed"]
    with reading() as session:
        assert session.scalars(select(Tree)).all() == []


def test_after_a_failure_the_next_run_goes_on(app: Flask) -> None:
    run(app, "sweep", fails)
    assert run(app, "sweep", lambda settings, now: 1)
    found = row("sweep")
    assert found.done == 1
    assert found.failed_at is not None
    assert found.ran_at is not None


def test_a_failing_job_keeps_the_time_of_its_last_good_run(app: Flask) -> None:
    with clock.standing_at(NOON):
        run(app, "sweep", lambda settings, now: 1)
    run(app, "sweep", fails)
    assert row("sweep").ran_at == NOON
