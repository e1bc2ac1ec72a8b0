"""`gewu worker` as the program it is: runs the schedule, one at a time, ends when told."""

import signal

import pytest
from sqlalchemy import create_engine, text

from server.config import load
from server.jobs.alone import lock_for
from server.jobs.models import WorkerHeartbeat
from server.jobs.schedule import JOBS
from server.kernel.database import reading
from tests.cli.conftest import Deployment, wait_until


def jobs_that_ran(deployment: Deployment) -> set[str]:
    with deployment.app(), reading() as session:
        return {row.job for row in session.query(WorkerHeartbeat) if row.ran_at is not None}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_runs_every_job_and_ends_cleanly(deployment: Deployment, number: signal.Signals) -> None:
    worker = deployment.start("worker")
    wait_until(lambda: jobs_that_ran(deployment) == set(JOBS), worker)
    assert "✗" not in _line(deployment.gewu("doctor").output, "Worker")
    worker.send_signal(number)
    assert worker.wait() == 0
    log = deployment.log(worker)
    assert "worker_stopped" in log
    assert "job_failed" not in log


def test_the_second_worker_waits_for_the_first(deployment: Deployment) -> None:
    first = deployment.start("worker")
    wait_until(lambda: "worker_started" in deployment.log(first), first)
    second = deployment.start("worker")
    wait_until(lambda: "worker_waiting" in deployment.log(second), second)
    assert "worker_started" not in deployment.log(second)
    first.kill()
    first.wait()
    wait_until(lambda: "worker_started" in deployment.log(second), second)
    second.terminate()
    assert second.wait() == 0


def test_a_waiting_worker_ends_when_told(deployment: Deployment) -> None:
    lock = lock_for(load(deployment.env))
    assert lock.take()
    worker = deployment.start("worker")
    wait_until(lambda: "worker_waiting" in deployment.log(worker), worker)
    worker.terminate()
    assert worker.wait() == 0
    lock.release()


def test_a_worker_whose_connection_is_cut_ends(on_postgres: Deployment) -> None:
    worker = on_postgres.start("worker")
    wait_until(lambda: jobs_that_ran(on_postgres) == set(JOBS), worker)
    _cut_everybody(on_postgres)
    assert worker.wait() == 1
    assert "lock was lost" in on_postgres.log(worker)


def _cut_everybody(deployment: Deployment) -> None:
    engine = create_engine(deployment.database_url.replace("gresql:", "gresql+psycopg:"))
    with engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    engine.dispose()


def _line(output: str, name: str) -> str:
    (line,) = [line for line in output.splitlines() if name in line]
    return line
