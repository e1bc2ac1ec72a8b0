"""`gewu jobs`: what waits for the worker, and what it gave up."""

import click

from server.cli.items import MOST
from server.cli.options import Refused, opened, takes_data
from server.cli.queries import as_id
from server.cli.showing import local, table
from server.cli.texts import t
from server.config import Settings
from server.kernel import clock, queue
from server.kernel.database import reading, writing

COUNTS = ("kind", "state", "jobs", "oldest")
FAILED = ("id", "kind", "key", "tries", "error", "ended")


@click.group(help=t("jobs.help"))
def jobs() -> None:
    pass


@jobs.command("list", help=t("jobs.list"), epilog="gewu jobs list")
@click.option("--limit", default=50, type=click.IntRange(1, MOST), help=t("list.limit"))
@takes_data
def list_(settings: Settings, limit: int) -> None:
    with opened(settings), reading() as session:
        counted = [(c.kind, c.state, c.jobs, local(c.oldest)) for c in queue.counts(session)]
        given_up = [
            (job.id, job.kind, job.key, job.tries, job.error, local(job.done_at))
            for job in queue.failed(session, limit)
        ]
        table([t(f"column.{c}") for c in COUNTS], counted, t("jobs.counts"))
        if given_up:
            table([t(f"column.{c}") for c in FAILED], given_up, t("jobs.failed"))


@jobs.command(help=t("jobs.retry"), epilog="gewu jobs retry 0199…")
@click.argument("ids", metavar="ID", nargs=-1, required=True)
@takes_data
def retry(settings: Settings, ids: tuple[str, ...]) -> None:
    with opened(settings):
        for id_ in ids:
            if not _retried(as_id(id_)):
                raise Refused(t("jobs.unknown", id=id_))
            click.echo(t("jobs.again", id=id_))


def _retried(id_: str | None) -> bool:
    with writing() as session:
        return id_ is not None and queue.retry(session, id_, clock.now())
