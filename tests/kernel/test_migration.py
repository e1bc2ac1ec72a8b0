"""Which schema a database has."""

from flask import Flask
from flask_migrate import stamp
from sqlalchemy import text

from server.kernel import migration
from server.kernel.database import db


def test_a_database_is_current_at_the_newest_revision_only(app: Flask) -> None:
    stamp()
    with db.engine.connect() as connection:
        assert migration.is_current(connection)
        assert migration.current(connection) == migration.newest()
        connection.execute(text("DELETE FROM alembic_version"))
        assert migration.current(connection) is None
        assert not migration.is_current(connection)


def test_the_newest_revision_is_known() -> None:
    assert migration.newest() in migration.known()
