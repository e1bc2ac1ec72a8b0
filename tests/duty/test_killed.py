"""kill -9 in the middle of an escalation: no step is half taken, none is taken twice."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from flask import Flask

from server.duty import jobs
from server.kernel import clock, feed
from server.kernel.database import reading
from tests import factories
from tests.duty import given
from tests.tasks import given as tasks

KILLS, MANY, HOURS = 2, 30, 12


def test_a_killed_worker_leaves_neither_a_hole_nor_a_double(
    app: Flask, tmp_path: Path, database_url: str
) -> None:
    given.ruled(given.UP)
    street = factories.street()
    ids = [tasks.task(street) for _ in range(MANY)]
    before = [(row.version, row.events) for row in map(tasks.row, ids)]
    for _ in range(KILLS):
        _killed_in_the_middle(database_url, tmp_path)
        assert [(row.version, row.events) for row in map(tasks.row, ids)] == before
        assert given.told(street.leader) == []

    moment = clock.now() + timedelta(hours=HOURS)
    with clock.standing_at(moment):
        assert given.ran(jobs.escalate_tasks, moment) == MANY
    for task in ids:
        assert given.acts(task) == ["assign", "escalate", "escalate"]
        assert [event.no for event in given.events(task)] == [1, 2, 3]
        assert given.owner(task) == street.supervisor
    with reading() as session:
        seqs = [change["seq"] for change in feed.page(session, street.supervisor, 0, 500)]
    assert seqs == list(range(1, 2 * MANY + 1))


def _killed_in_the_middle(database_url: str, data: Path) -> None:
    words = [sys.executable, "-m", "tests.duty.killed", database_url, str(data), str(HOURS)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "middle\n"
        worker.kill()
