"""`gewu backup` and `gewu restore`: a copy of the database, and going back to one.

Going back rotates the epoch (docs/protocol.md, section 2), so that every device reads from the
start and offers again what it still holds.
"""

from pathlib import Path

import click

from server.cli import copies
from server.cli.options import Elsewhere, Refused, database_file, opened, takes_data
from server.cli.queries import ACTOR
from server.cli.texts import t
from server.config import Settings
from server.kernel import audit
from server.kernel.database import writing
from server.kernel.state import rotate_epoch


@click.command(help=t("backup.help"), epilog="gewu backup /backup/gewu-2026-11-22.db")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@takes_data
def backup(settings: Settings, file: Path) -> None:
    if not settings.is_sqlite:
        raise Elsewhere(t("backup.postgresql"))
    if not database_file(settings).exists():
        raise Refused(t("refused.fresh", path=settings.data))
    try:
        copies.copy(database_file(settings), file)
    except FileExistsError as error:
        raise Refused(t("backup.exists", path=file)) from error
    click.echo(t("backup.done", path=file, size=file.stat().st_size))
    folders = [path for path in settings.folders if path != settings.data]
    click.echo(t("backup.besides", paths=", ".join(map(str, folders))))
    if settings.media_folder is None:
        click.echo(t("backup.bucket", url=settings.masked()["media_url"]))


@click.command(
    help=t("restore.help"), epilog="gewu restore --from /backup/gewu-2026-11-22.db | gewu restore"
)
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help=t("restore.from"),
)
@takes_data
def restore(settings: Settings, source: Path | None) -> None:
    if source is not None and not settings.is_sqlite:
        raise Elsewhere(t("restore.postgresql"))
    with copies.nobody_serves(settings):
        if source is not None:
            _put_back(settings, source)
        with opened(settings), writing() as session:
            epoch = rotate_epoch(session)
            audit.note(session, ACTOR, "server.restore", epoch)
    click.echo(t("restore.epoch", epoch=epoch))
    click.echo(t("restore.means"))


def _put_back(settings: Settings, source: Path) -> None:
    try:
        kept = copies.put_back(source, database_file(settings))
    except copies.BadCopy as error:
        raise Refused(t("restore.bad", path=source, reason=error)) from error
    if kept is not None:
        click.echo(t("restore.kept", path=kept))
