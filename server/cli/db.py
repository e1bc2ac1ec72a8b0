"""`gewu db`: the schema of the database."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
import flask_migrate
from sqlalchemy.exc import SQLAlchemyError

from server.app import create_app
from server.cli.options import Refused, database_file, takes_data
from server.cli.texts import t
from server.config import Settings
from server.kernel import migration
from server.kernel.database import db


@click.group("db", help=t("db.help"))
def schema() -> None:
    pass


@schema.command(help=t("db.upgrade"), epilog="gewu db upgrade --data /srv/gewu")
@takes_data
def upgrade(settings: Settings) -> None:
    with _reached(settings):
        flask_migrate.upgrade()
        _echo_revision()


@schema.command(help=t("db.current"), epilog="gewu db current")
@takes_data
def current(settings: Settings) -> None:
    with _reached(settings):
        _echo_revision()


@schema.command(help=t("db.revision"), hidden=True, epilog='gewu db revision -m "shifts"')
@click.option("-m", "--message", required=True)
@takes_data
def revision(settings: Settings, message: str) -> None:
    with _reached(settings):
        (migration.MIGRATIONS / "versions").mkdir(exist_ok=True)
        flask_migrate.revision(message=message, autogenerate=True)


@contextmanager
def _reached(settings: Settings) -> Iterator[None]:
    """The app on a database that is there, migrated or not."""
    if settings.is_sqlite and not database_file(settings).parent.exists():
        raise Refused(t("refused.fresh", path=settings.data))
    with create_app(settings).app_context():
        try:
            yield
        except SQLAlchemyError as error:
            raise Refused(t("refused.database", reason=type(error).__name__)) from error
        finally:
            db.engine.dispose()


def _echo_revision() -> None:
    with db.engine.connect() as connection:
        now = migration.current(connection)
    none = t("db.none")
    click.echo(t("db.is", current=now or none, newest=migration.newest() or none))
