"""`gewu tasks list`, `show`, `reassign`: what tasks there are, and whose."""

from typing import Any

import click
from flask import current_app
from sqlalchemy.orm import Session

from server.cli import queries
from server.cli.items import MOST
from server.cli.options import Refused, opened, takes_data
from server.cli.showing import local, table, the_area, the_member
from server.cli.texts import t
from server.config import Settings
from server.grid.scope import today
from server.kernel import clock
from server.kernel.database import reading, writing
from server.tasks import queries as stored
from server.tasks import rules, service
from server.tasks.clock import Light, light
from server.tasks.models import Task
from server.tasks.standing import STATES

COLUMNS = ("id", "title", "member", "state", "light", "due")
EVENTS = ("no", "at", "action", "state", "member", "actor", "reason")
FACTS = ("kind", "priority", "text", "template", "pack", "push", "subject", "area")
LIGHTS = [str(one) for one in Light]


@click.command("list", help=t("tasks.list"), epilog="gewu tasks list --area 330199001 --light red")
@click.option("--member", help=t("items.member"))
@click.option("--area", help=t("tasks.area"))
@click.option("--state", type=click.Choice(STATES), help=t("tasks.state"))
@click.option("--light", "shining", type=click.Choice(LIGHTS), help=t("tasks.light"))
@click.option("--limit", default=50, type=click.IntRange(1, MOST), help=t("list.limit"))
@takes_data
def list_(
    settings: Settings,
    member: str | None,
    area: str | None,
    state: str | None,
    shining: str | None,
    limit: int,
) -> None:
    with opened(settings), reading() as session:
        of = the_member(session, member).id if member else None
        within = the_area(session, area) if area else None
        narrowed = queries.Narrowed(of, within, state, Light(shining) if shining else None)
        now = clock.now()
        rows = [
            (task.id, task.title, name, task.state, light(task, now), local(task.due))
            for task, name in queries.tasks(session, narrowed, now, limit)
        ]
        table([t(f"column.{c}") for c in COLUMNS], rows)
        click.echo(t("list.count", count=len(rows)))


@click.command(help=t("tasks.show"), epilog="gewu tasks show 0199…")
@click.argument("id_", metavar="ID")
@takes_data
def show(settings: Settings, id_: str) -> None:
    with opened(settings), reading() as session:
        task = _the_task(session, id_)
        names = queries.names(session, _people(task))
        click.echo(f"{task.id}  {task.title}")
        table([t("column.item"), t("column.value")], _facts(task, names))
        rows = [
            (
                event.no,
                local(event.at),
                event.action,
                event.to_state,
                names.get(event.assignee),
                names.get(event.actor, event.actor),
                event.reason,
            )
            for event in task.history
        ]
        table([t(f"column.{c}") for c in EVENTS], rows)


def _people(task: Task) -> list[str]:
    """Whose names are shown; an actor may be the server, which has none."""
    actors = {queries.as_id(event.actor) for event in task.history}
    held = {event.assignee for event in task.history}
    return sorted({task.assignee} | held | {actor for actor in actors if actor})


def _facts(task: Task, names: dict[str, str]) -> list[tuple[str, Any]]:
    facts: list[tuple[str, Any]] = [
        (t("column.member"), names[task.assignee]),
        (t("column.state"), task.state),
        (t("column.light"), light(task, clock.now())),
        (t("column.due"), local(task.due)),
    ]
    facts += [(t(f"column.{name}"), getattr(task, name)) for name in FACTS]
    return [(name, value) for name, value in facts if value not in (None, "")]


@click.command(
    help=t("tasks.reassign"), epilog="gewu tasks reassign 0199… --to li --reason 王芳休假"
)
@click.argument("id_", metavar="ID")
@click.option("--to", required=True, metavar="MEMBER", help=t("tasks.to"))
@click.option("--reason", required=True, help=t("tasks.reason"))
@click.option("--hard", is_flag=True, help=t("tasks.hard"))
@takes_data
def reassign(settings: Settings, id_: str, to: str, reason: str, hard: bool) -> None:
    mode = rules.HARD if hard else rules.SOFT
    with opened(settings), writing() as session:
        task, member = _the_task(session, id_), the_member(session, to)
        change = service.Change(_everything(), task.id, task.version, reason)
        service.reassign(session, change, member.id, mode)
        name = member.name
        session.refresh(task)
        waits = task.pending_assignee is not None
    if waits:
        click.echo(t("tasks.promised", name=name, id=id_))
    else:
        click.echo(t("tasks.reassigned", name=name, id=id_))


def _the_task(session: Session, id_: str) -> Task:
    known = queries.as_id(id_)
    task = stored.shown(session, _everything(), known) if known else None
    if task is None:
        raise Refused(t("tasks.unknown", id=id_))
    return task


def _everything() -> Any:
    return queries.everything(today(current_app.config["TIMEZONE"], clock.now()))
