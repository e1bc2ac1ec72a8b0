"""`gewu calendar`: which days are worked, and what is ordered otherwise."""

from datetime import datetime, timedelta

import click

from server.cli.options import Refused, opened, takes_data
from server.cli.queries import ACTOR
from server.cli.showing import table
from server.cli.texts import t
from server.config import Settings
from server.grid.scope import today
from server.kernel import clock
from server.kernel.database import reading, writing
from server.regime import service
from server.regime.books import books
from server.regime.rules import Day

COLUMNS = ("day", "weekday", "working", "source", "note")
DAY = click.DateTime(["%Y-%m-%d"])
SHOWN_DAYS = 30


@click.group(help=t("calendar.help"))
def calendar() -> None:
    pass


@calendar.command(
    help=t("calendar.show"), epilog="gewu calendar show --from 2027-02-01 --to 2027-02-28"
)
@click.option("--from", "first", type=DAY, help=t("calendar.from"))
@click.option("--to", "last", type=DAY, help=t("calendar.to"))
@takes_data
def show(settings: Settings, first: datetime | None, last: datetime | None) -> None:
    begin = first.date() if first else today(settings.timezone, clock.now())
    end = last.date() if last else begin + timedelta(days=SHOWN_DAYS)
    if end < begin:
        raise Refused(t("calendar.reversed"))
    with opened(settings), reading() as session:
        held = books(session)
        days = [begin + timedelta(days=n) for n in range((end - begin).days + 1)]
        rows = [_row(day, held.day(day)) for day in days]
        table([t(f"column.{name}") for name in COLUMNS], rows)


def _row(day: object, found: Day) -> tuple[object, ...]:
    weekday = t(f"weekday.{day:%u}")
    return (day, weekday, _working(found), t(f"source.{found.source}"), found.note)


@calendar.command(
    "set", help=t("calendar.set"), epilog="gewu calendar set 2027-02-06 --working --note 调休"
)
@click.argument("day", type=DAY)
@click.option("--working/--rest", "working", required=True, help=t("calendar.which"))
@click.option("--note", default="", help=t("calendar.note"))
@takes_data
def set_(settings: Settings, day: datetime, working: bool, note: str) -> None:
    now = today(settings.timezone, clock.now())
    with opened(settings), writing() as session:
        found = service.set_day(session, ACTOR, now, day.date(), working, note[:200])
    _say(day, found)


@calendar.command(help=t("calendar.unset"), epilog="gewu calendar unset 2027-02-06")
@click.argument("day", type=DAY)
@takes_data
def unset(settings: Settings, day: datetime) -> None:
    with opened(settings), writing() as session:
        found = service.unset_day(session, ACTOR, day.date())
    _say(day, found)


def _say(day: datetime, found: Day) -> None:
    source = t(f"source.{found.source}")
    click.echo(t("calendar.said", day=day.date(), working=_working(found), source=source))


def _working(found: Day) -> str:
    return t("calendar.working") if found.working else t("calendar.rest")


@calendar.command(help=t("calendar.refresh"), epilog="gewu calendar refresh")
@takes_data
def refresh(settings: Settings) -> None:
    with opened(settings), writing() as session:
        done = service.refresh(session, today(settings.timezone, clock.now()))
    click.echo(t("calendar.refreshed", count=done.written))
    if done.first is not None:
        click.echo(t("calendar.moved", day=done.first))
