"""`gewu tasks`: give a task to a member, list tasks."""

from datetime import datetime

import click

from server.cli import queries
from server.cli.items import MOST
from server.cli.options import INSTANT, opened, takes_data
from server.cli.showing import local, table, the_member
from server.cli.texts import t
from server.config import Settings
from server.grid.scope import today
from server.kernel import clock
from server.kernel.database import reading, writing
from server.tasks import service

COLUMNS = ("id", "title", "member", "state", "due")


@click.group(help=t("tasks.help"))
def tasks() -> None:
    pass


@tasks.command(
    help=t("tasks.push"),
    epilog="gewu tasks push --to wang --title 查看井盖 --due 2026-11-23T18:00+08:00",
)
@click.option("--to", required=True, metavar="MEMBER", help=t("tasks.to"))
@click.option("--title", required=True, help=t("tasks.title"))
@click.option("--text", default="", help=t("tasks.text"))
@click.option("--due", type=INSTANT, help=t("tasks.due"))
@click.option("--kind", default="general", show_default=True, help=t("tasks.kind"))
@takes_data
def push(
    settings: Settings, to: str, title: str, text: str, due: datetime | None, kind: str
) -> None:
    day = today(settings.timezone, clock.now())
    with opened(settings):
        with reading() as session:
            member = the_member(session, to)
            id_, name = member.id, member.name
        new = service.NewTask(assignee=id_, title=title, text=text, due=due, kind=kind)
        with writing() as session:
            task = service.assign(session, queries.everything(day), new)
        click.echo(t("tasks.pushed", name=name, id=task))


@tasks.command("list", help=t("tasks.list"), epilog="gewu tasks list --member wang")
@click.option("--member", help=t("items.member"))
@click.option("--state", help=t("tasks.state"))
@click.option("--limit", default=50, type=click.IntRange(1, MOST), help=t("list.limit"))
@takes_data
def list_(settings: Settings, member: str | None, state: str | None, limit: int) -> None:
    with opened(settings), reading() as session:
        of = the_member(session, member).id if member else None
        found = queries.tasks(session, of, state, limit)
        rows = [(task.id, task.title, name, task.state, local(task.due)) for task, name in found]
        table([t(f"column.{c}") for c in COLUMNS], rows)
        click.echo(t("list.count", count=len(rows)))
