"""The ground a demo stands on: a folder and a database that are nobody else's."""

import secrets
import shutil
from pathlib import Path

import flask_migrate
from sqlalchemy import func, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from server.app import create_app
from server.cli.copies import nobody_serves
from server.cli.options import Refused
from server.cli.queries import everything
from server.cli.texts import t
from server.config import Settings
from server.grid import service as grid
from server.grid.models import Member, Tree
from server.grid.scope import today
from server.grid.service import areas
from server.kernel import clock
from server.kernel.database import db, reading, writing
from server.kernel.state import create_epoch
from server.keys import ensure_keys

MARKER = ".gewu-demo"
TREE = "demo"
LEVELS = [
    {"code": "street", "name": "街道"},
    {"code": "community", "name": "社区"},
    {"code": "grid", "name": "网格"},
]
ADMIN = "admin"


def password() -> str:
    """A random password."""
    return secrets.token_urlsafe(9)


def clear(data: Path, settings: Settings) -> bool:
    """Remove the folder of an earlier demo; whether there was one.

    Refused for a folder that no demo made, and while a server or worker runs there.
    """
    if not data.exists() or (data.is_dir() and not any(data.iterdir())):
        return False
    if not (data / MARKER).is_file():
        raise Refused(t("demo.foreign", path=data))
    with nobody_serves(settings):
        shutil.rmtree(data)
    return True


def lay(settings: Settings, admin_password: str) -> None:
    """Folder, keys, schema, epoch, admin and tree; Refused if the database is somebody else's."""
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    (settings.data / MARKER).touch()
    ensure_keys(settings)
    if settings.media_folder is not None:
        settings.media_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with create_app(settings).app_context():
        try:
            _take_over()
            flask_migrate.upgrade()
            _found(settings, admin_password)
        except SQLAlchemyError as error:
            raise Refused(t("refused.database", reason=type(error).__name__)) from error
        finally:
            db.session.remove()
            db.engine.dispose()


def _take_over() -> None:
    """Empty a database that an earlier demo filled; Refused if others filled it."""
    if not inspect(db.engine).has_table(Member.__tablename__):
        return
    with reading() as session:
        members = session.scalar(select(func.count()).select_from(Member))
        of_a_demo = session.get(Tree, TREE) is not None
    if members and not of_a_demo:
        raise Refused(t("demo.members", count=members))
    if members:
        flask_migrate.downgrade(revision="base")


def _found(settings: Settings, admin_password: str) -> None:
    """Epoch, admin and tree in one transaction: the tree is how a demo knows its own database."""
    with writing() as session:
        create_epoch(session)
        grid.create_admin(session, ADMIN, admin_password)
        scope = everything(today(settings.timezone, clock.now()))
        areas.create_tree(session, scope, {"code": TREE, "name": "阳光街道", "levels": LEVELS})
