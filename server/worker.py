"""The worker process: takes jobs from the queue, and runs the schedule of jobs/schedule.py.

The schedule is one worker's; a second one waits until the first is gone. Jobs of the queue are done
by all of them. SIGTERM and SIGINT let what runs end.
"""

import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from server.app import create_app
from server.config import Settings
from server.jobs.alone import Alone, lock_for
from server.jobs.consumer import Consumer
from server.jobs.running import run
from server.jobs.schedule import JOBS
from server.kernel.database import db

log = structlog.get_logger()
LOOK_AGAIN_S = 1.0
CHECK_LOCK_S = 10.0


class LockLost(Exception):
    """The connection that held the lock is gone; another worker may run already."""


def work(settings: Settings) -> None:
    """Do jobs, and run the schedule under its lock, until a signal.

    LockLost if the connection that holds the lock is cut.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    app, lock = create_app(settings), lock_for(settings)
    consumer = Consumer(app, stop)
    consumer.start()
    try:
        if _take(lock, stop):
            _run_until(stop, lock, app)
    finally:
        stop.set()
        consumer.join()
        lock.release()
        with app.app_context():
            db.engine.dispose()
        log.info("worker_stopped")


def _take(lock: Alone, stop: threading.Event) -> bool:
    """Wait for the lock; False if told to stop before."""
    said = False
    while not _try(lock):
        if not said:
            log.info("worker_waiting")
            said = True
        if stop.wait(LOOK_AGAIN_S):
            return False
    return not stop.is_set()


def _try(lock: Alone) -> bool:
    try:
        return lock.take()
    except SQLAlchemyError as error:
        log.error("database_away", reason=type(error).__name__)
        return False


def _run_until(stop: threading.Event, lock: Alone, app: Flask) -> None:
    scheduler = scheduler_for(lambda name: partial(run, app, name, JOBS[name][0]))
    scheduler.start()
    log.info("worker_started", jobs=sorted(JOBS))
    try:
        while not stop.wait(CHECK_LOCK_S):
            if not lock.held():
                raise LockLost
    finally:
        scheduler.shutdown(wait=True)


def scheduler_for(job_named: Callable[[str], Callable[[], Any]]) -> BackgroundScheduler:
    """A scheduler of all jobs; each runs at once, then every interval, missed runs as one."""
    scheduler = BackgroundScheduler(
        executors={"default": ThreadPoolExecutor(1)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone=UTC,
    )
    for name, (_, interval) in JOBS.items():
        scheduler.add_job(
            job_named(name),
            "interval",
            id=name,
            seconds=interval.total_seconds(),
            next_run_time=datetime.now(UTC),
        )
    return scheduler
