"""`gewu db` and the migrations: one set of tables for both databases, the one of the models."""

import flask_migrate
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from server.kernel import migration
from server.kernel.database import db
from tests.cli.conftest import Deployment


def test_current_shows_what_is_and_what_should_be(deployment: Deployment) -> None:
    newest = migration.newest()
    output = deployment.gewu("db", "current").output
    assert f"Current {newest}, newest {newest}" in output


def test_upgrade_again_changes_nothing(deployment: Deployment) -> None:
    result = deployment.gewu("db", "upgrade")
    assert result.exit_code == 0
    assert str(migration.newest()) in result.output


def test_the_migrated_tables_are_those_of_the_models(deployment: Deployment) -> None:
    with deployment.app(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_down_and_up_again(deployment: Deployment) -> None:
    with deployment.app():
        flask_migrate.downgrade(revision="base")
        with db.engine.connect() as connection:
            assert migration.current(connection) is None
        flask_migrate.upgrade()
        with db.engine.connect() as connection:
            assert migration.is_current(connection)


def test_foreign_keys_hold_again_after_migrating(on_sqlite: Deployment) -> None:
    with on_sqlite.app():
        flask_migrate.upgrade()
        with db.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_revision_is_hidden_and_writes_none_without_a_change(on_sqlite: Deployment) -> None:
    before = set((migration.MIGRATIONS / "versions").iterdir())
    assert "revision" not in on_sqlite.gewu("db", "--help").output
    assert on_sqlite.gewu("db", "revision", "-m", "nothing new").exit_code == 0
    assert set((migration.MIGRATIONS / "versions").iterdir()) == before


def test_an_unreachable_database_is_said(on_postgres: Deployment) -> None:
    away = "postgresql://nobody@127.0.0.1:1/none"
    result = on_postgres.gewu("db", "current", GEWU_DATABASE_URL=away)
    assert result.exit_code == 1
    assert "cannot be reached" in result.output
