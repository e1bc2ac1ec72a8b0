"""`push`: tasks of a push (批量派发), planned and then given batch by batch, in this process."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select

from bench import street
from bench.cases.record import Record
from bench.cases.stage import Stage
from bench.floor import RawDatabase, Rows, stored
from bench.sample import PER
from bench.taken import taken
from server.dispatch.pushes import driving, service
from server.dispatch.pushes.models import PushTarget
from server.dispatch.pushes.orders import Order
from server.dispatch.pushes.rules import Subject, Target
from server.dispatch.pushes.service import Ordered
from server.kernel import clock
from server.kernel.database import db, reading, writing
from server.kernel.feed import Inbox
from server.kernel.ids import uuid7
from server.tasks.models import Task, TaskEvent

KEYS = (PushTarget.task, Task.id, TaskEvent.task, Inbox.object)
# The served worker leaves it alone: this process gives all of its tasks.
NOT_YET = timedelta(days=1)


def measure(stage: Stage) -> Iterator[Record]:
    """CPU seconds per 10,000 tasks, planning and the database included; a subject each.

    Beside it in the same round: the rows of targets, tasks, events and feeds inserted raw, in as
    many transactions.
    """
    raw = RawDatabase(stage.deployment, KEYS)
    for round_ in stage.size.rounds:
        yield stage.record("push", 1, round_, _figures(stage, raw))
    raw.close()


def _figures(stage: Stage, raw: RawDatabase) -> dict[str, float]:
    count, database = stage.size.push, stage.deployment.database_pids
    order = _order(stage, count)
    planned = taken(lambda: _planned(order), database)
    driven = taken(lambda: _driven(planned.result), database)
    if driven.result != count:
        raise RuntimeError(f"{count} tasks expected, {driven.result} given")
    rows = _rows(planned.result)
    floor = taken(lambda: raw.insert(rows), database)
    cpu, raw_cpu = (
        sum(one.here + one.there for one in parts) for parts in ((planned, driven), (floor,))
    )
    return {
        "cpu_s_per_10000": cpu / count * PER,
        "raw_cpu_s_per_10000": raw_cpu / count * PER,
        "cpu_to_raw_ratio": cpu / raw_cpu,
        "plan_s": planned.seconds,
        "tasks_per_s": count / (planned.seconds + driven.seconds),
    }


def _order(stage: Stage, count: int) -> Ordered:
    """A task about each of so many subjects, whom the workers share."""
    areas = [worker.area for worker in stage.workers]
    subjects = tuple(Subject(uuid7(), areas[number % len(areas)]) for number in range(count))
    fields = {"title": street.TITLE, "text": street.TEXT}
    return Ordered(street.everyone(), Order(Target(subjects=subjects), fields=fields), count)


def _planned(order: Ordered) -> str:
    with writing() as session:
        return service.plan(session, order, clock.now() + NOT_YET).id


def _driven(push: str) -> int:
    """How many tasks were given, a batch a transaction."""
    total = 0
    while True:
        with writing() as session:
            given = driving.advance(session, push)
        if not given:
            return total
        total += given


def _rows(push: str) -> list[Rows]:
    """What was written for the tasks, batch by batch."""
    targets = select(PushTarget.task).where(PushTarget.push == push).order_by(PushTarget.no)
    with reading() as session:
        ids = session.scalars(targets).all()
    with db.engine.connect() as connection:
        return [
            stored(connection, KEYS, ids[start : start + driving.BATCH])
            for start in range(0, len(ids), driving.BATCH)
        ]
