"""Runs a job: then comes its row in `worker_heartbeat` and its line in the log.

Jobs open their own transactions. A job that fails is written down and never stops the others.
"""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from server.config import Settings
from server.jobs.models import WorkerHeartbeat
from server.kernel import clock
from server.kernel.database import db, insert, writing
from server.kernel.writelock import WriteQueueFull

log = structlog.get_logger()
Job = Callable[[Settings, datetime], int | None]
"""(settings, now) → how many things it did, if it counts them."""


def run(app: Flask, name: str, job: Job) -> bool:
    """Run `job` now; whether it went well."""
    started = time.perf_counter()
    with app.app_context():
        try:
            done = _do(app, name, job)
        except Exception as error:
            log.exception("job_failed", job=name)
            _write_failure(name, type(error).__name__)
            return False
        finally:
            db.session.remove()
    log.info("job", job=name, done=done, ms=round((time.perf_counter() - started) * 1000))
    return True


def _do(app: Flask, name: str, job: Job) -> int | None:
    now = clock.now()
    done = job(app.extensions["gewu_settings"], now)
    with writing() as session:
        _put(session, {"job": name, "ran_at": now, "done": done})
    return done


def _write_failure(name: str, error: str) -> None:
    try:
        with writing() as session:
            _put(session, {"job": name, "failed_at": clock.now(), "error": error[:100]})
    except (SQLAlchemyError, WriteQueueFull):
        log.exception("job_failure_not_written", job=name)


def _put(session: Session, row: dict[str, Any]) -> None:
    statement = insert(session, WorkerHeartbeat).values({"error": ""} | row)
    renewed = {key: statement.excluded[key] for key in row if key != "job"}
    session.execute(statement.on_conflict_do_update(index_elements=["job"], set_=renewed))
