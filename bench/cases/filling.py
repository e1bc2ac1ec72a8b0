"""Filling a store with what years of work leave behind.

Phones hand in a batch each. What the server wrote for it is written again and again, in the past,
by the driver alone and with every index in place; then the counters are set to what the server
would have left, and the phones go on from there.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import cycle, islice
from typing import Any

import click
from sqlalchemy import Table, func, select, update

from bench import street
from bench.cases.bulk import bulk
from bench.cases.copies import Chain, Copy, Numbers, Written, once_more, renewed
from bench.cases.stage import Stage
from bench.floor import Row, Rows, rows_where, stored
from bench.items import BATCH, SHIFTS
from bench.phones import Phone, captured
from bench.street import Worker
from server.cases.models import Report
from server.cli.queries import ACTOR
from server.grid.models import Device
from server.items.models import Item
from server.kernel.audit import AuditChain, AuditEntry
from server.kernel.database import db, reading, writing
from server.kernel.feed import Inbox, InboxCounter
from server.patrol.models import Shift
from server.sync.models import Receipt
from server.tasks.models import Task, TaskEvent
from server.tasks.standing import DONE

MOST = 10_000_000
"""More items than these would come after now."""
# 32 workers hand in a shift of 72 items a day each.
BETWEEN = timedelta(days=1) / (32 * 72)
AT_ONCE = 5_000
TELL_EVERY = 100_000


def fill_items(stage: Stage, upto: int) -> None:
    """Until so many items are stored, with all that belongs to them; needs the app's context."""
    missing = upto - count(Item)
    if missing <= 0:
        return
    phones = stage.phones[: max(1, missing // (2 * BATCH))]
    originals = [_handed_in(phone) for phone in phones]
    have, chain = count(Item), _chain()
    numbers = {one.install: replace(one.after) for one in originals}

    def copies() -> Iterator[Rows]:
        for at, original in zip(range(have, upto, BATCH), cycle(originals), strict=False):
            mine = numbers[original.install]
            yield once_more(original, Copy(f"item {at}", _later(at)), mine, chain)

    write(stage, copies(), "items", range(have, upto, BATCH))
    _settle(phones, numbers, chain)


def fill_tasks(stage: Stage, upto: int) -> None:
    """Until so many tasks are stored, half of them done, half just given.

    Their events and what feeds say of them are left out: no list reads those.
    """
    table = Task.__table__
    given = [id_ for worker in stage.workers for id_ in street.assign(worker, SHIFTS)]
    done = select(Task.id).where(Task.state == DONE).order_by(Task.id.desc()).limit(len(given))
    with db.engine.connect() as connection:
        ids = [*given, *connection.scalars(done)]
        originals = rows_where(connection, table, Task.id.in_(ids))
    steps = range(count(Task), upto, len(originals))
    copies = ([(table, renewed(table, originals, Copy(f"task {at}", _later(at))))] for at in steps)
    write(stage, copies, "tasks", steps)


def count(model: Any) -> int:
    """How many rows there are."""
    with reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def write(stage: Stage, copies: Iterable[Rows], what: str, steps: range) -> None:
    """Write the copies, each of which brings the store a step further, and tell how far it is."""
    waiting, told, name = iter(copies), steps.start, stage.deployment.database
    at_once = max(1, AT_ONCE // steps.step)
    with bulk(stage.deployment) as write:
        for start in range(0, len(steps), at_once):
            write(_together(islice(waiting, at_once)))
            reached = min(steps.start + (start + at_once) * steps.step, steps.stop)
            if reached - told >= TELL_EVERY or reached == steps.stop:
                told = reached
                click.echo(f"{name}: {reached:,} of {steps.stop:,} {what} stored", err=True)


def _later(at: int) -> timedelta:
    """How much later than now the item with this number came: long ago, in even steps."""
    return BETWEEN * (at - MOST)


def _handed_in(phone: Phone) -> Written:
    """A batch of the phone, and everything that the server wrote for it."""
    worker = phone.worker
    before = _numbers(worker)
    (lines,) = captured(phone, 1)
    phone.ready()
    phone.hand_in([lines])
    after = _numbers(worker)
    items = [json.loads(line) for line in lines]
    ids, tasks = [item["id"] for item in items], {item["task"] for item in items if "task" in item}
    told = (Inbox.member == worker.member) & Inbox.object.in_(tasks)
    proof = (Receipt.install == worker.install) & (Receipt.no == after.receipt)
    noted = (AuditEntry.actor == ACTOR) & AuditEntry.object.in_(tasks)
    with db.engine.connect() as connection:
        rows = [
            *stored(connection, (Item.id, Report.id, Shift.start_item), ids),
            *stored(connection, (Task.id, TaskEvent.task), tasks),
            *(
                (model.__table__, rows_where(connection, model.__table__, condition))
                for model, condition in ((Inbox, told), (Receipt, proof), (AuditEntry, noted))
            ),
        ]
    return Written(worker.install, rows, before, after)


def _numbers(worker: Worker) -> Numbers:
    with reading() as session:
        device = session.execute(
            select(Device.seqs, Device.receipt, Device.receipt_hash).where(
                Device.install == worker.install
            )
        ).one()
        feed = session.scalar(select(InboxCounter.last).where(InboxCounter.member == worker.member))
    seq = device.seqs[-1][1] if device.seqs else 0
    return Numbers(seq, device.receipt, device.receipt_hash, feed or 0)


def _chain() -> Chain:
    with reading() as session:
        head = session.execute(
            select(AuditChain.actor, AuditChain.no, AuditChain.hash).where(
                AuditChain.actor == ACTOR
            )
        ).one()
    return Chain(*head)


def _settle(phones: Sequence[Phone], numbers: dict[str, Numbers], chain: Chain) -> None:
    """Let the server and the phones know the numbers that are taken."""
    with writing() as session:
        head = {"no": chain.no, "hash": chain.hash}
        session.execute(update(AuditChain).where(AuditChain.actor == chain.actor).values(head))
        for phone in phones:
            worker, last = phone.worker, numbers[phone.worker.install]
            kept = {
                "seqs": [[1, last.seq]],
                "receipt": last.receipt,
                "receipt_hash": last.receipt_hash,
                "cursor": last.feed,
            }
            session.execute(update(Device).where(Device.install == worker.install).values(kept))
            counter = update(InboxCounter).where(InboxCounter.member == worker.member)
            session.execute(counter.values(last=last.feed))
            phone.notebook.seq, phone.cursor = last.seq, last.feed


def _together(copies: Iterable[Rows]) -> Rows:
    """Table by table."""
    tables: dict[Table, list[Row]] = {}
    for copy in copies:
        for table, rows in copy:
            tables.setdefault(table, []).extend(rows)
    return list(tables.items())
