"""The epoch of the deployment."""

import uuid

from flask import Flask
from sqlalchemy import func, select

from server.kernel.database import reading, writing
from server.kernel.state import ServerState, create_epoch, epoch, rotate_epoch


def now() -> str:
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(ServerState)) == 1
        return epoch(session)


def test_it_is_a_uuid_that_stands(app: Flask) -> None:
    first = now()
    assert str(uuid.UUID(first)) == first
    with writing() as session:
        create_epoch(session)
    assert now() == first


def test_it_is_another_after_going_back(app: Flask) -> None:
    first = now()
    with writing() as session:
        told = rotate_epoch(session)
    try:
        assert told != first
        assert now() == told
    finally:
        with writing() as session:
            session.query(ServerState).update({"epoch": first})
