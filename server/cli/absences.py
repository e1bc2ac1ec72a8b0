"""`gewu absences`: who is away, for whom somebody stands in."""

from datetime import date, datetime
from typing import Any

import click

from server import keys
from server.cli import queries
from server.cli.items import MOST
from server.cli.options import Refused, opened, takes_data
from server.cli.showing import local, table, the_member
from server.cli.texts import t
from server.config import Settings
from server.duty import queries as duty
from server.duty import rules
from server.duty.schemas import moment
from server.duty.service import absences as service
from server.duty.service.absences import Desk
from server.grid.scope import today
from server.kernel import clock
from server.kernel.database import reading, writing

COLUMNS = ("id", "member", "from", "until", "state", "backup", "open_tasks")


class MomentParam(click.ParamType):
    """A day, or ISO 8601 with an offset."""

    name = "day"

    def convert(self, value: object, param: object, ctx: object) -> date | datetime:
        try:
            return value if isinstance(value, date) else moment(value)
        except ValueError:
            self.fail(t("refused.moment", value=value), None, None)


MOMENT = MomentParam()


@click.group(help=t("absences.help"))
def absences() -> None:
    pass


@absences.command("list", help=t("absences.list"), epilog="gewu absences list --member wang")
@click.option("--member", help=t("absences.member"))
@click.option("--limit", default=50, type=click.IntRange(1, MOST), help=t("list.limit"))
@takes_data
def list_(settings: Settings, member: str | None, limit: int) -> None:
    with opened(settings), reading() as session:
        of = the_member(session, member).id if member else None
        found = duty.newest(session, of, limit)
        known = {id_ for row in found for id_ in (row.member, row.backup) if id_}
        names = queries.names(session, sorted(known))
        rows = [
            (
                row.id,
                names[row.member],
                local(row.begins),
                local(row.ends),
                t(f"absence.{rules.state_of(row)}"),
                names.get(row.backup or "", ""),
                row.open_tasks,
            )
            for row in found
        ]
        table([t(f"column.{c}") for c in COLUMNS], rows)
        click.echo(t("list.count", count=len(rows)))


@absences.command(
    help=t("absences.add"),
    epilog="gewu absences add --member wang --from 2026-12-01 --to 2026-12-03 --backup li",
)
@click.option("--member", required=True, help=t("absences.member"))
@click.option("--from", "begins", type=MOMENT, required=True, help=t("absences.from"))
@click.option("--to", "ends", type=MOMENT, required=True, help=t("absences.to"))
@click.option("--backup", metavar="MEMBER", help=t("absences.backup"))
@click.option("--reason", help=t("absences.reason"))
@click.option(
    "--open-tasks",
    type=click.Choice(rules.OPEN_TASKS),
    default=rules.HAND_BACK,
    show_default=True,
    help=t("absences.open_tasks"),
)
@takes_data
def add(
    settings: Settings,
    member: str,
    begins: rules.Moment,
    ends: rules.Moment,
    backup: str | None,
    reason: str | None,
    open_tasks: str,
) -> None:
    with opened(settings):
        with reading() as session:
            data: dict[str, Any] = {
                "member": the_member(session, member).id,
                "backup": the_member(session, backup).id if backup else None,
            }
        data |= {"begins": begins, "ends": ends, "reason": reason, "open_tasks": open_tasks}
        with writing() as session:
            made = service.create(session, _desk(settings), data).id
        click.echo(t("absences.added", id=made))


@absences.command(help=t("absences.end"), epilog="gewu absences end 0199…")
@click.argument("id_", metavar="ID")
@takes_data
def end(settings: Settings, id_: str) -> None:
    with opened(settings):
        known = queries.as_id(id_)
        if known is None:
            raise Refused(t("absences.unknown", id=id_))
        with writing() as session:
            service.end(session, _desk(settings), known)
        click.echo(t("absences.was_ended", id=known))


def _desk(settings: Settings) -> Desk:
    day = today(settings.timezone, clock.now())
    return Desk(queries.everything(day), settings.timezone, keys.cipher())
