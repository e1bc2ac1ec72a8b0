"""The schedule: every job runs on an empty and on a busy deployment, and says so."""

from datetime import UTC

import pytest
from apscheduler.triggers.interval import IntervalTrigger
from flask import Flask
from structlog.testing import capture_logs

from server.jobs.models import WorkerHeartbeat
from server.jobs.running import run
from server.jobs.schedule import JOBS
from server.kernel.database import reading
from server.worker import scheduler_for
from tests import wire
from tests.factories import device_for, street


@pytest.mark.parametrize("name", JOBS)
def test_runs_on_an_empty_deployment(app: Flask, name: str) -> None:
    assert run(app, name, JOBS[name][0])


def test_all_run_on_a_busy_deployment(app: Flask) -> None:
    phone = device_for(street().workers[0])
    wire.exchange(app.test_client(), phone, wire.line(), b"{bad")
    with capture_logs() as logs:
        assert all([run(app, name, job) for name, (job, _) in JOBS.items()])
    (stats,) = [log for log in logs if log["event"] == "stats"]
    assert (stats["devices_seen"], stats["quarantine_open"], stats["items_held"]) == (1, 1, 0)
    with reading() as session:
        assert {row.job for row in session.query(WorkerHeartbeat)} == set(JOBS)


@pytest.mark.parametrize("name", JOBS)
def test_names_fit_their_column(name: str) -> None:
    assert len(name) <= 40


def test_the_scheduler_holds_every_job_at_its_interval() -> None:
    scheduler = scheduler_for(lambda name: lambda: name)
    scheduler.start(paused=True)
    try:
        jobs = {job.id: job for job in scheduler.get_jobs()}
        assert set(jobs) == set(JOBS)
        for name, (_, interval) in JOBS.items():
            assert isinstance(jobs[name].trigger, IntervalTrigger)
            assert jobs[name].trigger.interval == interval
            assert jobs[name].next_run_time.tzinfo is UTC
    finally:
        scheduler.shutdown()
