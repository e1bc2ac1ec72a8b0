"""`gewu init`: folders, keys, database, epoch, admin. Running it again changes nothing."""

import os
from datetime import date
from pathlib import Path

import click
from flask_migrate import upgrade

from server.app import create_app
from server.cli import queries
from server.cli.options import Refused, sentence, takes_data
from server.cli.texts import t
from server.config import Settings
from server.grid import service as grid
from server.grid.rules import PASSWORD_LENGTH, canonical_name
from server.grid.scope import today
from server.kernel import clock, migration
from server.kernel.database import db, reading, writing
from server.kernel.problems import Problem
from server.kernel.state import create_epoch
from server.keys import ensure_keys

PASSWORD = "GEWU_ADMIN_PASSWORD"


@click.command(
    help=t("init.help"),
    epilog="GEWU_ADMIN_PASSWORD=… gewu init --data /srv/gewu --admin admin",
)
@click.option("--admin", required=True, metavar="NAME", help=t("init.admin"))
@takes_data
def init(settings: Settings, admin: str) -> None:
    password = os.environ.get(PASSWORD)
    _refuse_short(password)
    for path in [*_make_folders(settings), *ensure_keys(settings)]:
        click.echo(t("init.made", path=path))
    app = create_app(settings)
    with app.app_context():
        upgrade()
        click.echo(t("init.migrated", revision=migration.newest()))
        with writing() as session:
            create_epoch(session)
        _admit(canonical_name(admin), password, today(settings.timezone, clock.now()))
        db.engine.dispose()
    click.echo(t("init.next"))


def _refuse_short(password: str | None) -> None:
    if password is not None and len(password) < PASSWORD_LENGTH:
        raise Refused(t("init.short"))


def _make_folders(settings: Settings) -> list[Path]:
    """The folders that were missing, now there and closed to others."""
    missing = [path for path in settings.folders if not path.exists()]
    for path in missing:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return missing


def _admit(name: str, password: str | None, day: date) -> None:
    """Make the admin unless it is there."""
    with reading() as session:
        admins = queries.admins(session, day)
    if name in admins:
        click.echo(t("init.admin_known", name=name))
        return
    if admins:
        raise Refused(t("init.other_admin"))
    _make_admin(name, password or _ask())
    click.echo(t("init.admin_made", name=name))


def _ask() -> str:
    password: str = click.prompt(t("init.password"), hide_input=True, confirmation_prompt=True)
    _refuse_short(password)
    return password


def _make_admin(name: str, password: str) -> None:
    try:
        with writing() as session:
            grid.create_admin(session, name, password)
    except Problem as problem:
        raise Refused(sentence(problem)) from problem
