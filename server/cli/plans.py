"""`gewu plans`: recurring plans, what they would make, and what is due now."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import click
import msgspec
from sqlalchemy.orm import Session

from server.cli import queries
from server.cli.options import opened, takes_data
from server.cli.showing import local, table
from server.cli.texts import language, t
from server.config import Settings
from server.dispatch.plans import jobs, running
from server.dispatch.plans import queries as stored
from server.dispatch.plans.models import Plan
from server.kernel import clock
from server.kernel.database import reading
from server.kernel.problems import Problem
from server.packs.definition import Rhythm
from server.packs.wording import say

LIST = ("id", "name", "area", "pack", "template", "rhythm", "active", "last")
NEXT = ("name", "area", "next", "runs", "tasks", "sum", "why")


@click.group(help=t("plans.help"), epilog="gewu plans COMMAND --help")
def plans() -> None:
    pass


@plans.command("list", help=t("plans.list"), epilog="gewu plans list")
@takes_data
def list_(settings: Settings) -> None:
    with opened(settings), reading() as session:
        every = stored.every(session)
        areas = queries.area_names(session, [plan.area for plan in every if plan.area])
        rows = [_row(plan, areas) for plan in every]
        table([t(f"column.{c}") for c in LIST], rows)
        click.echo(t("list.count", count=len(rows)))


def _row(plan: Plan, areas: dict[str, str]) -> tuple[Any, ...]:
    rhythm = say(msgspec.convert(plan.rhythm, Rhythm), language())
    what = plan.template or plan.task.get("title")
    active = t("plans.active") if plan.active else t("plans.stopped")
    where = areas.get(plan.area or "", t("plans.everywhere"))
    return plan.id, plan.name, where, plan.pack, what, rhythm, active, local(plan.upto)


@plans.command(help=t("plans.run"), epilog="gewu plans run")
@takes_data
def run(settings: Settings) -> None:
    with opened(settings):
        click.echo(t("plans.ran", tasks=jobs.look(settings, clock.now())))


@plans.command("next", help=t("plans.next"), epilog="gewu plans next --days 30")
@click.option(
    "--days", default=30, show_default=True, type=click.IntRange(1, 366), help=t("plans.days")
)
@takes_data
def next_(settings: Settings, days: int) -> None:
    with opened(settings), reading() as session:
        ahead = list(_ahead(session, settings, clock.now(), days))
        table([t(f"column.{c}") for c in NEXT], ahead)
        total = sum(row[NEXT.index("sum")] for row in ahead)
        click.echo(t("plans.sum", days=days, tasks=total))


def _ahead(
    session: Session, settings: Settings, now: datetime, days: int
) -> Iterator[tuple[Any, ...]]:
    """By plan: its next run, how many there are, and how many tasks each makes and all make."""
    running_ = stored.running(session)
    areas = queries.area_names(session, [plan.area for plan in running_ if plan.area])
    for plan in running_:
        due = running.occurring(session, settings, plan, now, now + timedelta(days=days))
        if due:
            tasks, why = _tasks(session, settings, plan, now)
            where = areas.get(plan.area or "", t("plans.everywhere"))
            yield plan.name, where, local(due[0]), len(due), tasks, tasks * len(due), why


def _tasks(session: Session, settings: Settings, plan: Plan, now: datetime) -> tuple[int, str]:
    """How many tasks a run would make today; or why it would make none."""
    try:
        return running.number(session, settings, plan, now), ""
    except Problem as problem:
        return 0, problem.code
