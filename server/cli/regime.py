"""`gewu pack install` and `gewu pack list`: which rule pack holds where from when."""

from datetime import date, datetime

import click
from sqlalchemy.orm import Session

from server.cli import packs, trial
from server.cli.options import Refused, opened, takes_data
from server.cli.packs import pack
from server.cli.queries import ACTOR, as_id
from server.cli.showing import local, table
from server.cli.texts import t
from server.config import Settings
from server.grid.models import Area
from server.grid.scope import today
from server.kernel import clock
from server.kernel.database import reading, writing
from server.regime import queries, service
from server.regime.books import books
from server.regime.service import Installation

COLUMNS = ("area", "pack", "name", "from", "current", "by", "at")
MOVED = ("id", "title", "was", "becomes")


@pack.command(
    help=t("pack.install"), epilog="gewu pack install xiaoshan --from 2027-01-01 --area 330109001"
)
@click.argument("source", metavar="FILE|NAME")
@click.option(
    "--from", "begin", required=True, type=click.DateTime(["%Y-%m-%d"]), help=t("pack.from")
)
@click.option("--area", metavar="CODE", help=t("pack.in_area"))
@click.option("--yes", is_flag=True, help=t("pack.yes"))
@click.option("--dry-run", is_flag=True, help=t("pack.dry_run"))
@takes_data
def install(
    settings: Settings, source: str, begin: datetime, area: str | None, yes: bool, dry_run: bool
) -> None:
    text = packs.sound(source, lambda: packs.source(source))
    day = today(settings.timezone, clock.now())
    with opened(settings):
        with reading() as session:
            place = _area(session, area) if area else None
        past = yes or dry_run or _confirmed(begin.date(), day)
        wanted = Installation(text, begin.date(), place, past)
        act = _tried if dry_run else _installed
        packs.sound(source, lambda: act(settings, day, wanted))


def _confirmed(begin: date, day: date) -> bool:
    """A day that is over is asked for, where somebody can answer."""
    return begin < day and click.confirm(t("pack.past", day=begin))


def _installed(settings: Settings, day: date, wanted: Installation) -> None:
    with writing() as session:
        term = service.install(session, ACTOR, day, wanted)
        ref = f"{term.pack}@{term.version}"
    click.echo(t("pack.installed", ref=ref, day=wanted.from_day))


def _tried(settings: Settings, day: date, wanted: Installation) -> None:
    moves = trial.limits_moved(settings.timezone, day, wanted)
    rows = [(m.task, m.title, local(m.was), local(m.becomes)) for m in moves[: trial.SHOWN]]
    table([t(f"column.{name}") for name in MOVED], rows)
    click.echo(t("pack.tried", count=len(moves)))


def _area(session: Session, text: str) -> str:
    """The one area with this code or id."""
    id_ = as_id(text)
    if id_ is not None and session.get(Area, id_) is not None:
        return id_
    found = queries.areas_coded(session, text)
    if not found:
        raise Refused(t("pack.area_unknown", code=text))
    if len(found) > 1:
        raise Refused("\n".join([t("pack.area_ambiguous", code=text), *found]))
    return found[0]


@pack.command("list", help=t("pack.list"), epilog="gewu pack list")
@takes_data
def list_(settings: Settings) -> None:
    with opened(settings), reading() as session:
        current = books(session).terms.current(today(settings.timezone, clock.now()))
        rows = [
            (
                f"{row.area_code} {row.area_name}" if row.area else t("pack.everywhere"),
                *(f"{row.pack}@{row.version}", row.name, row.from_day),
                *("✓" if row.id in current else "", row.created_by, local(row.created_at)),
            )
            for row in queries.installed(session)
        ]
        table([t(f"column.{name}") for name in COLUMNS], rows)
        click.echo(t("list.count", count=len(rows)))
