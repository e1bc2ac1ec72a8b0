"""Work in lots: what a job finds is done some at a time, and what breaks stops nothing else.

A lot is a transaction. One that breaks is taken apart by whose it is (an area, a plan, an absence),
and each part is tried alone; a part that breaks is named in the log and passed by, with nothing of
it done. The job finds it again next time, or has what is `broken` tried again.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from server.kernel.database import reading, writing
from server.kernel.writelock import WriteQueueFull

log = structlog.get_logger()

Rows = Sequence[Any]
"""Rows with the `id` of what is to be done, and `of`: whose it is."""
Find = Callable[[Session, Any], Rows]
"""(session, the row to go on after or None) → the next rows, in an order of their own."""
Do = Callable[[Session, Sequence[str]], int]
"""(session, ids) → how many were done; what stands otherwise by now is left out."""


class Done(NamedTuple):
    """How many were done, and the parts of which nothing was."""

    number: int
    broken: list[Rows]


class _One(NamedTuple):
    id: str
    of: str


def work_off(job: str, find: Find, do: Do, most: int) -> int:
    """Do all that is found, `most` at a time; how many were done. No row is found twice."""
    total, after = 0, None
    while True:
        with reading() as session:
            rows = find(session, after)
        total += do_lot(job, rows, do).number
        if len(rows) < most:
            return total
        after = rows[-1]


def each_alone(job: str, ids: Iterable[str], do: Callable[[Session, str], int]) -> int:
    """Do each of them in a transaction of its own; how many were done."""
    lots = ([_One(id_, id_)] for id_ in ids)
    return sum(do_lot(job, lot, lambda s, one: do(s, one[0])).number for lot in lots)


def do_lot(job: str, rows: Rows, do: Do) -> Done:
    """Do these. A database that is away breaks the job itself."""
    if not rows:
        return Done(0, [])
    try:
        with writing() as session:
            return Done(do(session, [row.id for row in rows]), [])
    except (OperationalError, WriteQueueFull):
        raise
    except Exception as error:
        parts = _parts(rows)
        if len(parts) == 1:
            log.error("part_failed", job=job, of=rows[0].of, number=len(rows), exc_info=error)
            return Done(0, parts)
    done = [do_lot(job, part, do) for part in parts]
    return Done(sum(one.number for one in done), [part for one in done for part in one.broken])


def _parts(rows: Rows) -> list[Rows]:
    parts: dict[str, list[Any]] = {}
    for row in rows:
        parts.setdefault(row.of, []).append(row)
    return list(parts.values())
