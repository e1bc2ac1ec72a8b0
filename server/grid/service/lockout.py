"""Doors shut after failures in a row (登录锁定): by user name and by address, in the database."""

import hashlib
import math
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import case, delete, select, update
from sqlalchemy.orm import Session

from server.grid import rules
from server.grid.models import LoginFailure
from server.kernel import clock
from server.kernel.database import insert, reading, writing
from server.kernel.problems import Problem

COUNTED = ("login_failed", "code_unknown")
ROW_ENDS_AFTER = timedelta(hours=1)


def name_key(username: str) -> str:
    """The key of a user name, in whatever spelling it was typed."""
    return f"name:{hashlib.sha256(rules.canonical_name(username).encode()).hexdigest()}"


def address_key(door: str, address: str | None) -> str:
    """The key of an address at one door."""
    return f"{door}:{address}"[:128]


@contextmanager
def watched(*keys: str) -> Iterator[None]:
    """`locked_out` while one of the keys is shut; counts a failure of the block against each.

    Opens transactions of its own, since a failure must stand although the request fails.
    """
    with reading() as session:
        _refuse_shut(session, keys)
    try:
        yield
    except Problem as problem:
        if problem.code in COUNTED:
            with writing() as session:
                _count(session, sorted(keys), clock.now())
        raise


def forgive(session: Session, *keys: str) -> None:
    """A success ends the row of failures."""
    session.execute(delete(LoginFailure).where(LoginFailure.key.in_(keys)))


def _refuse_shut(session: Session, keys: tuple[str, ...]) -> None:
    now = clock.now()
    until = session.scalars(
        select(LoginFailure.locked_until).where(
            LoginFailure.key.in_(keys), LoginFailure.locked_until > now
        )
    ).all()
    waits = [(instant - now).total_seconds() for instant in until if instant is not None]
    if waits:
        raise Problem("locked_out", retry_after=math.ceil(max(waits)))


def _count(session: Session, keys: list[str], now: datetime) -> None:
    statement = insert(session, LoginFailure)
    in_a_row = case((LoginFailure.last_at < now - ROW_ENDS_AFTER, 1), else_=LoginFailure.count + 1)
    statement = statement.on_conflict_do_update(
        index_elements=["key"], set_={"count": in_a_row, "last_at": now}
    ).returning(LoginFailure.count)
    for key in keys:
        failures = session.scalars(statement.values(key=key, count=1, last_at=now)).one()
        wait = rules.lock_seconds(failures)
        if wait:
            shut = update(LoginFailure).where(LoginFailure.key == key)
            session.execute(shut.values(locked_until=now + timedelta(seconds=wait)))
