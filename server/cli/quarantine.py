"""`gewu quarantine`: what could not be used, to look at and to judge again."""

import sys
from collections.abc import Sequence

import click

from server.cli import queries
from server.cli.items import MOST
from server.cli.options import Refused, opened, sentence, takes_data
from server.cli.showing import local, table
from server.cli.texts import t
from server.config import Settings
from server.items import service
from server.kernel.database import reading, writing
from server.kernel.problems import Problem

COLUMNS = ("id", "kind", "member", "received", "status", "code", "state")


@click.group(help=t("quarantine.help"))
def quarantine() -> None:
    pass


@quarantine.command("list", help=t("quarantine.list"), epilog="gewu quarantine list")
@click.option("--every", is_flag=True, help=t("quarantine.every"))
@click.option("--limit", default=100, type=click.IntRange(1, MOST), help=t("list.limit"))
@takes_data
def list_(settings: Settings, every: bool, limit: int) -> None:
    with opened(settings), reading() as session:
        found = queries.set_aside(session, every, limit)
        rows = [
            (row.id, row.kind, name, local(row.received_at), row.status, row.code, row.state)
            for row, name in found
        ]
        table([t(f"column.{c}") for c in COLUMNS], rows)
        click.echo(t("list.count", count=len(rows)))


@quarantine.command(help=t("quarantine.show"), epilog="gewu quarantine show 0199… > line.json")
@click.argument("id_", metavar="ID")
@takes_data
def show(settings: Settings, id_: str) -> None:
    with opened(settings), reading() as session:
        row = queries.set_aside_line(session, queries.as_id(id_) or "")
        if row is None:
            raise Refused(t("quarantine.unknown", id=id_))
        click.echo(f"{row.status} {row.code} {row.detail}", err=True)
        sys.stdout.buffer.write(row.raw + b"\n")


@quarantine.command(
    help=t("quarantine.replay"),
    epilog="gewu quarantine replay 0199… | gewu quarantine replay --all",
)
@click.argument("ids", metavar="ID", nargs=-1)
@click.option("--all", "every", is_flag=True, help=t("quarantine.all"))
@takes_data
def replay(settings: Settings, ids: tuple[str, ...], every: bool) -> None:
    if bool(ids) == every:
        raise click.UsageError(t("quarantine.which"))
    with opened(settings):
        for id_ in _all() if every else ids:
            status, code = _replay(settings, id_)
            click.echo(t("quarantine.result", id=id_, status=status, code=code))


def _all() -> Sequence[str]:
    with reading() as session:
        return queries.replayable(session)


def _replay(settings: Settings, id_: str) -> tuple[str, str]:
    """(status, code) after judging the line again, in a transaction of its own."""
    try:
        with writing() as session:
            row = queries.set_aside_line(session, queries.as_id(id_) or "")
            if row is None:
                raise Refused(t("quarantine.unknown", id=id_))
            verdict = service.replay(session, row, queries.ACTOR, settings)
    except Problem as problem:
        return "✗", sentence(problem)
    return verdict.status, verdict.code or ""
