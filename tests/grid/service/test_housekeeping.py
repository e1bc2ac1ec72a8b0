"""What is thrown away, and what is kept."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select

from server.grid.models import Enrolment, LoginFailure, PersonToken
from server.grid.service import housekeeping
from server.kernel import clock
from server.kernel.database import writing
from tests import factories


def test_only_what_ended_long_ago_is_removed(app: Flask) -> None:
    now, member = clock.now(), factories.member()
    factories.token_for(member)
    for hours in (-24 * 31, -24 * 29):
        factories.token_for(member, hours=hours)
    with writing() as session:
        for age in (timedelta(minutes=59), timedelta(minutes=61)):
            session.add(LoginFailure(key=f"name:{age}", count=1, last_at=now - age))
        for days in (29, 31):
            ended = now - timedelta(days=days)
            session.add(
                Enrolment(
                    code=f"{days}",
                    member=member,
                    created_by=member,
                    created_at=ended,
                    expires_at=ended,
                )
            )
    with writing() as session:
        housekeeping.sweep(session, now)
    with writing() as session:
        tables = (PersonToken, LoginFailure, Enrolment)
        left = [session.scalar(select(func.count()).select_from(table)) for table in tables]
    assert left == [2, 1, 1]
