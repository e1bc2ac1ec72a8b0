"""Takes jobs from the queue, one at a time; every worker process has one consumer.

A job that fails is put back with a pause and never stops the others. What kills the process costs
the job one of its tries, once its lease ran out.
"""

import os
import socket
import threading
from collections.abc import Mapping
from datetime import timedelta

import structlog
from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from server.jobs.work import WORK, Work
from server.kernel import clock, queue
from server.kernel.database import db, reading, writing
from server.kernel.queue import Claimed
from server.kernel.writelock import WriteQueueFull

log = structlog.get_logger()
IDLE_S = 1.0
TROUBLE_S = 5.0


class Consumer(threading.Thread):
    """Does jobs until `stop` is set; the running job is brought to its end."""

    def __init__(self, app: Flask, stop: threading.Event, work: Mapping[str, Work] = WORK) -> None:
        super().__init__(name="consumer")
        self._app, self._stop_asked, self._work = app, stop, work

    def run(self) -> None:
        while not self._stop_asked.is_set():
            self._stop_asked.wait(self._step())

    def _step(self) -> float:
        """Do a job, if there is one; seconds to wait before the next."""
        with self._app.app_context():
            try:
                return 0.0 if do_next(self._work) else IDLE_S
            except (SQLAlchemyError, WriteQueueFull) as error:
                log.error("database_away", reason=type(error).__name__)
                return TROUBLE_S
            except Exception:
                log.exception("consumer_failed")
                return TROUBLE_S
            finally:
                db.session.remove()


def do_next(work: Mapping[str, Work]) -> bool:
    """Do the job that is due longest; whether there was one."""
    job = _claim(work)
    if job is None:
        return False
    try:
        work[job.kind].do(job)
    except queue.Lost:
        log.warning("job_lost", kind=job.kind, id=job.id)
    except Exception as error:
        log.warning("job_failed", kind=job.kind, id=job.id, tries=job.tries, exc_info=error)
        _write_failure(work[job.kind], job, _word(error))
    return True


def _claim(work: Mapping[str, Work]) -> Claimed | None:
    now = clock.now()
    with reading() as session:
        if not queue.is_any_due(session, work.keys(), now):
            return None
    lease = timedelta(seconds=current_app.config["JOB_LEASE_S"])
    with writing() as session:
        for lost in queue.give_up_lost(session, work.keys(), now):
            work[lost.kind].given_up(session, lost, queue.LEASE_RAN_OUT)
        return queue.claim(session, work.keys(), _own_name(), now, lease)


def _write_failure(work: Work, job: Claimed, word: str) -> None:
    try:
        with writing() as session:
            queue.fail(session, job, word, clock.now())
            if job.is_last:
                work.given_up(session, job, word)
    except queue.Lost:
        log.warning("job_lost", kind=job.kind, id=job.id)


def _word(error: Exception) -> str:
    """The failure without its words, which may tell of people."""
    return str(error) if isinstance(error, queue.TryFailed) else type(error).__name__


def _own_name() -> str:
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{threading.get_ident()}"
