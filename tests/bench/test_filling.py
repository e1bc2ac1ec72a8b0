"""A filled store is one that the server could have written, and goes on from."""

import random
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from bench import street
from bench.cases.copies import Copy
from bench.cases.filling import count, fill_items, fill_tasks
from bench.cases.stage import QUICK, Stage
from bench.deployment import SQLITE, deployed, served
from bench.items import BATCH, MIX
from bench.phones import Phone, captured
from bench.ports import free_port
from server.cases.models import Report
from server.items.models import Item
from server.kernel import audit
from server.kernel.database import reading
from server.kernel.ids import uuid7
from server.patrol.models import Shift
from server.sync.models import Receipt
from server.tasks.models import Task

ITEMS, TASKS, DAY = 1_500, 700, timedelta(days=1)


def test_a_filled_store_is_one_that_the_server_wrote(tmp_path: Path) -> None:
    """One test, as it takes a server: on SQLite, which can say itself what refers to nothing."""
    with deployed(SQLITE, tmp_path) as deployment, deployment.app():
        workers, port, rng = street.build(), free_port(), random.Random(1)
        with served(deployment, port) as server:
            phones = [Phone(worker, port, rng) for worker in workers]
            stage = Stage(deployment, server, workers, phones, QUICK)
            fill_items(stage, ITEMS // 2)
            fill_items(stage, ITEMS)
            fill_tasks(stage, TASKS)
            rows_are_those_of_whole_batches()
            with reading() as session:
                assert session.execute(text("PRAGMA foreign_key_check")).all() == []
                assert audit.broken_links(session) == []
                numbers_of_a_phone_have_no_gaps(session)
                items_came_in_the_order_of_their_ids(session)
            for phone in phones[:2]:
                goes_on_as_if_nothing_were(phone)


def rows_are_those_of_whole_batches() -> None:
    batches = count(Item) // BATCH
    assert count(Item) == batches * BATCH >= ITEMS
    assert count(Report) == batches * MIX["report"]
    assert count(Shift) == batches * MIX["shift_start"]
    assert count(Receipt) == batches
    assert count(Task) >= TASKS


def numbers_of_a_phone_have_no_gaps(session: Session) -> None:
    known = (func.count(), func.min(Item.seq), func.max(Item.seq), func.count(Item.seq.distinct()))
    rows = session.execute(select(*known).group_by(Item.install)).all()
    assert len(rows) > 1
    assert all(row == (row[0], 1, row[0], row[0]) for row in rows)


def items_came_in_the_order_of_their_ids(session: Session) -> None:
    moments = session.scalars(select(Item.received_at).order_by(Item.id)).all()
    assert moments == sorted(moments)
    assert moments[-1] - moments[0] > 365 * DAY


def goes_on_as_if_nothing_were(phone: Phone) -> None:
    batches = captured(phone, 1)
    phone.ready()
    assert phone.hand_in(batches) == {"accepted": BATCH}
    assert phone.hand_in(batches) == {"replay": BATCH}
    answer = phone.exchange([])
    assert (answer["gaps"], answer["reset"], answer["reenrol"]) == ([], False, False)


def test_a_copied_id_is_of_its_kind_and_moves_with_the_time() -> None:
    copy, old, other = Copy("one", -DAY), uuid7(), str(uuid.uuid4())
    new = uuid.UUID(copy.id(old))
    assert (new.version, new.variant) == (7, uuid.RFC_4122)
    assert (uuid.UUID(old).int >> 80) - (new.int >> 80) == DAY // timedelta(milliseconds=1)
    assert copy.id(uuid.UUID(old)) == str(new)
    assert copy.id(other) != other
    assert uuid.UUID(copy.id(other)).version == 4


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2026-11-26 08:00:00.000000", "2026-11-27 08:00:00.000000"),
        (datetime(2026, 11, 26, tzinfo=UTC), datetime(2026, 11, 27, tzinfo=UTC)),
    ],
)
def test_an_instant_stays_as_its_driver_keeps_it(old: Any, new: Any) -> None:
    assert Copy("one", DAY).instant(old) == new


def test_a_hash_is_another_in_another_copy() -> None:
    one, other = Copy("one", DAY), Copy("other", DAY)
    assert one.hash("a") == one.hash("a") != other.hash("a")
    assert one.hash("a") != one.hash("b")
    assert len(one.hash("a")) == 64
