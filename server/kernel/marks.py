"""Marks: that something of a kind changed in an area, for pages that look on (docs/adr/0013).

Rooms call `touch`; the last act of the transaction writes one row for each area and kind, which
waits for nobody. A reader takes what stands at the `horizon` and above: every number below it has
committed, or never will.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    BigInteger,
    String,
    Text,
    bindparam,
    cast,
    delete,
    func,
    literal_column,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.kernel.database import Id, db, last_act
from server.kernel.prepared import Prepared
from server.kernel.statements import Insertion, Made

NOWHERE = "00000000-0000-0000-0000-000000000000"
"""The area of what lies in none."""
KEPT = 20_000
"""Marks that a sweep leaves: for those who were cut off and come again."""
SWEPT = "swept"
"""The kind of the oldest mark once older ones were removed: all from its number on are there."""
_PENDING = "marks"


class Mark(db.Model):  # type: ignore[name-defined]
    """Something of `kind` changed in `area` in the transaction `no`.

    On PostgreSQL `no` is the database's own number of the transaction (xid8), on SQLite, which has
    one writer, the next one.
    """

    __tablename__ = "mark"
    no: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    area: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)


_mark = Mark.__table__.c
_NEXT = func.coalesce(func.max(_mark.no), literal_column("0")) + literal_column("1")


def _number(xid8: Any) -> Any:
    """A transaction's number; xid8 knows no way to bigint but by its text."""
    return cast(cast(xid8, Text), BigInteger)


_MARK = Insertion(
    Mark,
    made=[Made("no", select(_NEXT).scalar_subquery(), _number(func.pg_current_xact_id()))],
)
_HORIZON = Prepared(
    select(_NEXT.label("no")),
    postgresql=select(_number(func.pg_snapshot_xmin(func.pg_current_snapshot())).label("no")),
)
_SWEPT_BELOW = Prepared(
    select(_mark.no).where(
        _mark.no == select(func.min(_mark.no)).scalar_subquery(), _mark.kind == SWEPT
    )
)
_SINCE = Prepared(
    select(_mark.no, _mark.area, _mark.kind)
    .where(_mark.no >= bindparam("since"), _mark.kind != SWEPT)
    .order_by(_mark.no)
    .limit(bindparam("most"))
)
_SWEEP = Insertion(Mark, lambda insert: insert.on_conflict_do_nothing())
_LAST_KEPT = select(_mark.no).order_by(_mark.no.desc()).limit(1)


def touch(session: Session, kind: str, areas: Iterable[str | None]) -> None:
    """Something of `kind` changed in these areas: `item`, `task`, `device`, `shift`, `aside` (the
    quarantine), `push`, `plan`."""
    pending: set[tuple[str, str]] = session.info.setdefault(_PENDING, set())
    pending.update((str(area or NOWHERE), kind) for area in areas)


@last_act
def write(session: Session) -> None:
    """Write what was touched in this transaction, with one statement."""
    pending: set[tuple[str, str]] = session.info.pop(_PENDING, set())
    _MARK.write(session, [{"area": area, "kind": kind} for area, kind in sorted(pending)])


def horizon(session: Session) -> int:
    """The lowest number under which a mark may still appear. Read it before the marks."""
    number: int = _HORIZON.first(session).no
    return number


def since(session: Session, number: int, most: int) -> list[Any]:
    """Up to `most` marks (no, area, kind) from `number` on, in order of numbers."""
    return _SINCE.all(session, since=number, most=most)


def is_known(session: Session, number: int, upto: int) -> bool:
    """Whether every mark from `number` on is still there; `upto` is the horizon."""
    below = _SWEPT_BELOW.first(session)
    return number <= upto and (below is None or number >= below.no)


def sweep(session: Session) -> int:
    """Remove all but the newest; none from the horizon on, or `is_known` would be wrong."""
    last_kept = session.scalar(_LAST_KEPT.offset(KEPT))
    if last_kept is None:
        return 0
    below = min(last_kept, horizon(session))
    result: Any = session.execute(delete(Mark).where(Mark.no < below))
    _SWEEP.write(session, [{"no": below, "area": NOWHERE, "kind": SWEPT}])
    return int(result.rowcount)


def forget(session: Session) -> None:
    """Remove them all: the database was put back, and its numbers may begin anew."""
    session.execute(delete(Mark))
