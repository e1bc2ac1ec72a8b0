"""Thousands of workers (网格员) with enrolled phones and tasks, written in bulk.

The areas are those of the bench's street, so a grid cell has many workers: they back (AB岗) the one
who holds it. The rows are those that the services write one by one, but for the audit's notes.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from bench import street
from bench.street import Worker
from server.cli.queries import ACTOR
from server.grid import roles
from server.grid.models import Device, Member, Post
from server.grid.scope import today
from server.grid.service import reach
from server.kernel import clock
from server.kernel.database import insert, reading, writing
from server.kernel.ids import uuid7
from server.kernel.tokens import hash_token, new_token
from server.tasks import service as tasks

AT_ONCE = 500


def enrol(count: int) -> list[Worker]:
    """So many new workers, spread over the cells of a new street; needs the app's context."""
    cells = street.build()
    backed = _posts_of(cells)
    workers = [_phone(cells[number % len(cells)]) for number in range(count)]
    for some in _in_parts(workers):
        with writing() as session:
            _write(session, some, backed)
    return workers


def assign(workers: Sequence[Worker], each: int) -> list[list[str]]:
    """The ids of so many new tasks of each worker."""
    given: list[list[str]] = []
    for some in _in_parts(workers):
        new = [
            tasks.NewTask(worker.member, "清理楼道堆物", worker.area, text="拍前后对比照片")
            for worker in some
            for _ in range(each)
        ]
        with writing() as session:
            ids = iter(tasks.assign_many(session, ACTOR, new) if new else [])
        given += [list(islice(ids, each)) for _ in some]
    return given


def _in_parts(workers: Sequence[Worker]) -> Iterator[Sequence[Worker]]:
    for start in range(0, len(workers), AT_ONCE):
        yield workers[start : start + AT_ONCE]


def _phone(cell: Worker) -> Worker:
    """A worker of the same grid cell, not written down yet."""
    return Worker(uuid7(), cell.area, cell.lat, cell.lon, uuid7(), new_token("gwd"))


def _posts_of(cells: Sequence[Worker]) -> dict[str, str]:
    """By area: the post of the worker who holds it."""
    members = [cell.member for cell in cells]
    with reading() as session:
        rows = session.execute(select(Post.area, Post.id).where(Post.member.in_(members)))
        return {str(row.area): row.id for row in rows}


def _write(session: Session, workers: Sequence[Worker], backed: dict[str, str]) -> None:
    """Members, posts and devices; then posts begin and the feeds are told, as on any day."""
    now = clock.now()
    day = today(current_app.config["TIMEZONE"], now)
    members = [
        {"id": worker.member, "name": "网格员", "language": "zh", "created_at": now}
        for worker in workers
    ]
    posts = [
        {
            "member": worker.member,
            "area": worker.area,
            "role": roles.WORKER,
            "backup_of": backed[worker.area],
            "from_day": day,
        }
        for worker in workers
    ]
    devices = [
        {
            "install": worker.install,
            "member": worker.member,
            "token": hash_token(worker.token),
            "model": "bench",
            "os": "Android 14",
            "app": "1.0",
            "timezone": "Asia/Shanghai",
            "enrolled_at": now,
        }
        for worker in workers
    ]
    for model, rows in ((Member, members), (Post, posts), (Device, devices)):
        session.execute(insert(session, model), rows)
    reach.settle_posts(session, day)
