"""`gewu worker`: the one process of background jobs."""

import click

from server import worker as process
from server.cli.options import (
    Refused,
    refuse_unless_migrated,
    refuse_without_keys,
    takes_data,
)
from server.cli.texts import t
from server.config import Settings
from server.kernel import logs


@click.command(help=t("worker.help"), epilog="gewu worker --data /srv/gewu")
@takes_data
def worker(settings: Settings) -> None:
    refuse_without_keys(settings)
    refuse_unless_migrated(settings)
    logs.configure()
    try:
        process.work(settings)
    except process.LockLost as error:
        raise Refused(t("worker.lost")) from error
