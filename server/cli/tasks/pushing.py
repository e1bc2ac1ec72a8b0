"""`gewu tasks push`: tasks for one member or ten thousand, with the number before anything is done.

What this process does not bring to its end the worker takes over, or `--resume` goes on with.
"""

import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from server.cli import queries
from server.cli.options import INSTANT, Refused, opened, takes_data
from server.cli.showing import table
from server.cli.tasks.aiming import target_of
from server.cli.texts import t
from server.config import Settings
from server.dispatch.pushes import driving, service
from server.dispatch.pushes.models import Push
from server.dispatch.pushes.orders import Making, Order
from server.dispatch.pushes.rules import Recipients, takers, told, told_stand_ins
from server.dispatch.pushes.service import Ordered
from server.grid.roles import ROLES
from server.grid.scope import today
from server.kernel import clock
from server.kernel.database import reading, writing

HEAD_START = timedelta(minutes=2)
"""Until the worker takes over what this process has not done by then."""
WAIT_S = 0.2
SHOWN_LEFT_OUT = 20
EPILOG = (
    "gewu tasks push --to wang --title 查看井盖 --due 2026-11-23T18:00+08:00"
    " | gewu tasks push --area 330199001 --template fire_check --dry-run"
    " | gewu tasks push --subjects shops.csv --title 年检"
)


@click.command(help=t("tasks.push"), epilog=EPILOG)
@click.option("--to", metavar="MEMBER", help=t("tasks.to"))
@click.option("--area", metavar="AREA", help=t("tasks.push_area"))
@click.option("--role", type=click.Choice(ROLES), help=t("tasks.role"))
@click.option("--post", metavar="POST", help=t("tasks.post"))
@click.option(
    "--subjects", type=click.Path(exists=True, dir_okay=False, path_type=Path), help=t("tasks.file")
)
@click.option("--template", metavar="CODE", help=t("tasks.template"))
@click.option("--title", help=t("tasks.title"))
@click.option("--text", help=t("tasks.text"))
@click.option("--kind", help=t("tasks.kind"))
@click.option("--priority", type=click.IntRange(0, 3), help=t("tasks.priority"))
@click.option("--due", type=INSTANT, help=t("tasks.due"))
@click.option("--dry-run", is_flag=True, help=t("tasks.dry_run"))
@click.option("--yes", is_flag=True, help=t("tasks.yes"))
@click.option("--resume", metavar="PUSH", help=t("tasks.resume"))
@takes_data
def push(settings: Settings, resume: str | None, **given: Any) -> None:
    with opened(settings):
        if resume is not None:
            _drive(_known(resume))
            return
        ordered = _ordered(settings, given)
        with reading() as session:
            making = service.look(session, ordered)
        _say(making)
        if not given["dry_run"]:
            total = len(making.recipients.given)
            _drive(_planned(ordered, _confirmed(settings, total, given["yes"])))


def _ordered(settings: Settings, given: dict[str, Any]) -> Ordered:
    """What the options ask for."""
    if not (given["title"] or given["template"]):
        raise click.UsageError(t("tasks.what"))
    scope = queries.everything(today(settings.timezone, clock.now()))
    aims = {name: given[name] for name in ("to", "area", "role", "post", "subjects")}
    with reading() as session:
        target = target_of(session, **aims)
    names = ("title", "text", "kind", "priority", "due")
    fields = {name: given[name] for name in names if given[name] is not None}
    return Ordered(scope, Order(target, given["template"], fields), settings.push_ask)


def _say(making: Making) -> None:
    """How many tasks it would be, who is stood in for, and who is left out."""
    recipients = making.recipients
    people = len(takers(recipients))
    click.echo(t("tasks.number", tasks=len(recipients.given), members=people))
    _say_stand_ins(recipients)
    left_out = [told(one) for one in recipients.left_out]
    if left_out:
        click.echo(t("tasks.left_out", count=len(left_out)))
        with reading() as session:
            areas = queries.area_names(session, [one["area"] for one in left_out if "area" in one])
        rows = [
            (areas.get(one.get("area", "")), one.get("subject"), one["why"])
            for one in left_out[:SHOWN_LEFT_OUT]
        ]
        table([t("column.area"), t("column.subject"), t("column.why")], rows)


def _say_stand_ins(recipients: Recipients) -> None:
    stood_in = told_stand_ins(recipients)
    if not stood_in:
        return
    click.echo(t("tasks.stood_in", count=len(stood_in)))
    shown = stood_in[:SHOWN_LEFT_OUT]
    with reading() as session:
        areas = queries.area_names(session, [one["area"] for one in shown])
        names = queries.names(session, [one[key] for one in shown for key in ("member", "by")])
    rows = [(areas.get(one["area"]), names[one["member"]], names[one["by"]]) for one in shown]
    table([t("column.area"), t("column.member"), t("column.stand_in")], rows)


def _confirmed(settings: Settings, total: int, yes: bool) -> int:
    if total > settings.push_ask and not yes:
        click.confirm(t("tasks.sure", tasks=total), abort=True)
    return total


def _planned(ordered: Ordered, confirmed: int) -> str:
    sure = replace(ordered, order=replace(ordered.order, confirmed=confirmed))
    with writing() as session:
        return service.plan(session, sure, at=clock.now() + HEAD_START).id


def _known(text: str) -> str:
    id_ = queries.as_id(text)
    if id_ is None or _row(id_) is None:
        raise Refused(t("tasks.no_push", id=text))
    return id_


def _row(id_: str) -> Push | None:
    with reading() as session:
        found = session.get(Push, id_)
        if found is not None:
            session.expunge(found)
        return found


def _drive(id_: str) -> None:
    """Give what is left, beside whoever else does."""
    click.echo(t("tasks.push_id", id=id_))
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    bar = Progress(
        *columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal
    )
    with bar:
        shown = bar.add_task(t("tasks.giving"), total=None)
        while (row := _row(id_)) is not None:
            bar.update(shown, total=row.total, completed=row.done)
            if row.done_at is not None:
                break
            with writing() as session:
                given = driving.advance(session, id_)
            if not given:
                time.sleep(WAIT_S)
    click.echo(t("tasks.pushed", tasks=row.total if row else 0, id=id_))
