"""What every command shares: `--data`, refusals, and the app opened on a sound deployment."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any

import click
from flask import Flask
from sqlalchemy import NullPool, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from server import keys
from server.app import create_app
from server.cli.texts import language, t
from server.config import BadSetting, Settings, load
from server.http.fields import parse_instant
from server.kernel import migration, problems
from server.kernel.crypto import CryptoError
from server.kernel.database import db
from server.kernel.problems import Problem


class Refused(click.ClickException):
    """The command cannot be done; the message says why and what to do. Exit code 1."""

    def show(self, file: Any = None) -> None:
        click.echo(f"✗ {self.format_message()}", err=True)


class Elsewhere(Refused):
    """Another tool does this. Exit code 2."""

    exit_code = 2


def takes_data(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give the command `--data`, and the settings as its first argument."""

    @click.option("--data", metavar="DIR", help=t("option.data"))
    @wraps(command)
    def loaded(*args: Any, data: str | None, **kwargs: Any) -> Any:
        return command(settings_in(data), *args, **kwargs)

    return loaded


def settings_in(data: str | None) -> Settings:
    """The settings of the deployment in `data`; Refused names a bad one."""
    try:
        return load() if data is None else load(data=data)
    except BadSetting as error:
        raise Refused(str(error)) from error


def database_file(settings: Settings) -> Path:
    """The file of a SQLite database."""
    return Path(make_url(settings.database_url).database or "")


def refuse_unless_migrated(settings: Settings) -> None:
    """Refused unless the database can be reached and has the schema of this program."""
    if settings.is_sqlite and not database_file(settings).exists():
        raise Refused(t("refused.fresh", path=settings.data))
    engine = create_engine(settings.database_url, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            current = migration.current(connection)
    except SQLAlchemyError as error:
        raise Refused(t("refused.database", reason=type(error).__name__)) from error
    if current != migration.newest():
        raise Refused(t("refused.migrated"))


def refuse_without_keys(settings: Settings) -> None:
    """Refused unless both key files are there and can be read; names the one that is not."""
    app = Flask("keys")
    keys.init_app(app, settings)
    with app.app_context():
        for name, read in ((keys.SIGNING, keys.signer), (keys.FIELD, keys.cipher)):
            try:
                read()
            except keys.KeysMissing as error:
                raise Refused(t("refused.no_key", path=settings.keys / name)) from error
            except (OSError, ValueError, CryptoError) as error:
                raise Refused(t("refused.bad_key", path=settings.keys / name)) from error


@contextmanager
def opened(settings: Settings) -> Iterator[Flask]:
    """The app of a sound deployment, inside its context; problems become Refused."""
    refuse_unless_migrated(settings)
    app = create_app(settings)
    with app.app_context():
        try:
            yield app
        except Problem as problem:
            raise Refused(sentence(problem)) from problem
        finally:
            db.session.remove()
            db.engine.dispose()


def sentence(problem: Problem) -> str:
    """The problem in the language of the command line, with its fields."""
    text = problems.text(problem.code, language())
    return f"{text} {problem.errors}" if problem.errors else text


class InstantParam(click.ParamType):
    """ISO 8601 with an offset or `Z`."""

    name = "instant"

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime:
        try:
            return value if isinstance(value, datetime) else parse_instant(value)
        except ValueError:
            self.fail(t("refused.instant", value=value), param, ctx)


INSTANT = InstantParam()
