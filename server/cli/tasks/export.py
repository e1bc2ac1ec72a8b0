"""`gewu tasks export`: tasks as a CSV file that spreadsheets open as what it is."""

import csv
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

import click

from server.cli import queries
from server.cli.options import INSTANT, Refused, opened, takes_data
from server.cli.showing import local, the_area
from server.cli.tasks.listing import LIGHTS
from server.cli.texts import t
from server.config import Settings
from server.kernel import clock
from server.kernel.database import reading
from server.tasks.clock import Light, light
from server.tasks.standing import STATES

COLUMNS = (
    *("id", "title", "kind", "priority", "state", "light", "late", "area_code", "area", "member"),
    *("due", "given", "accepted", "done", "template", "pack", "push", "subject"),
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""With these a spreadsheet begins to calculate."""


@click.command(
    help=t("tasks.export"), epilog="gewu tasks export --area 330199001 --light red -o red.csv"
)
@click.option("--area", help=t("tasks.area"))
@click.option("--state", type=click.Choice(STATES), help=t("tasks.state"))
@click.option("--light", "shining", type=click.Choice(LIGHTS), help=t("tasks.light"))
@click.option("--since", type=INSTANT, help=t("tasks.since"))
@click.option("--until", type=INSTANT, help=t("tasks.until"))
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help=t("tasks.output")
)
@takes_data
def export(
    settings: Settings,
    area: str | None,
    state: str | None,
    shining: str | None,
    since: datetime | None,
    until: datetime | None,
    output: Path | None,
) -> None:
    with opened(settings), reading() as session:
        within = the_area(session, area) if area else None
        lit = Light(shining) if shining else None
        narrowed = queries.Narrowed(None, within, state, lit, since, until)
        now, count = clock.now(), 0
        with _file(output) as file:
            writer = csv.writer(file)
            writer.writerow([t(f"column.{name}") for name in COLUMNS])
            for task, name, code, area_name in queries.exported(session, narrowed, now):
                writer.writerow(map(_cell, _row(task, name, code, area_name, now)))
                count += 1
        click.echo(t("tasks.exported", count=count), err=True)


@contextmanager
def _file(output: Path | None) -> Iterator[TextIO]:
    """UTF-8 with a byte order mark, without which Excel takes it for GBK."""
    if output is not None:
        with _opened(output) as file:
            yield file
        return
    sys.stdout.write("\ufeff")
    yield sys.stdout


def _opened(output: Path) -> TextIO:
    try:
        return output.open("w", encoding="utf-8-sig", newline="")
    except OSError as error:
        raise Refused(t("file.unwritable", file=output, reason=error.strerror)) from error


def _row(task: Any, member: str, code: str, area: str, now: datetime) -> list[Any]:
    times = [local(at) for at in (task.due, task.created_at, task.accepted_at, task.done_at)]
    what = [task.id, task.title, task.kind, task.priority, task.state, light(task, now)]
    late = t("tasks.yes_late") if task.late else ""
    refs = [task.template, task.pack, task.push, task.subject]
    return [*what, late, code, area, member, *times, *refs]


def _cell(value: object) -> str:
    """The text of a cell; one that would be a formula is quoted."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
