"""Which schema the database has, and which one this program needs."""

from functools import cache
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

MIGRATIONS = Path(__file__).parent.parent / "migrations"


@cache
def newest() -> str | None:
    """The newest revision that this program knows; None if it has none."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def known() -> set[str]:
    """Every revision that this program knows."""
    return {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}


def current(connection: Connection) -> str | None:
    """The revision of the database; None if it was never migrated."""
    return MigrationContext.configure(connection).get_current_revision()


def is_current(connection: Connection) -> bool:
    """Whether the database has the schema that this program needs."""
    return current(connection) == newest()
