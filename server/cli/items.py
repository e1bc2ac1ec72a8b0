"""`gewu items` and `gewu devices`: what came in, and from where."""

from datetime import datetime

import click

from server.cli import queries
from server.cli.options import INSTANT, opened, takes_data
from server.cli.showing import local, table, the_member
from server.cli.texts import t
from server.config import Settings
from server.grid import queries as grid
from server.grid.scope import today
from server.kernel import clock
from server.kernel.database import reading

MOST = 10_000


@click.command(help=t("items.help"), epilog="gewu items --kind report --member wang --limit 20")
@click.option("--kind", help=t("items.kind"))
@click.option("--member", help=t("items.member"))
@click.option("--since", type=INSTANT, help=t("items.since"))
@click.option("--limit", default=50, type=click.IntRange(1, MOST), help=t("list.limit"))
@takes_data
def items(
    settings: Settings, kind: str | None, member: str | None, since: datetime | None, limit: int
) -> None:
    with opened(settings), reading() as session:
        of = the_member(session, member).id if member else None
        found = queries.items(session, kind, of, since, limit)
        rows = [
            (item.id, item.kind, name, local(item.received_at), item.status, " ".join(item.flags))
            for item, name in found
        ]
        table([t(f"column.{c}") for c in ITEM_COLUMNS], rows)
        click.echo(t("list.count", count=len(rows)))


ITEM_COLUMNS = ("id", "kind", "member", "received", "status", "flags")
DEVICE_COLUMNS = ("id", "member", "state", "model", "seen", "outbox", "behind")


@click.command(help=t("devices.help"), epilog="gewu devices --member wang")
@click.option("--member", help=t("items.member"))
@click.option("--limit", default=500, type=click.IntRange(1, MOST), help=t("list.limit"))
@takes_data
def devices(settings: Settings, member: str | None, limit: int) -> None:
    with opened(settings), reading() as session:
        of = the_member(session, member).id if member else None
        scope = queries.everything(today(settings.timezone, clock.now()))
        found = grid.devices(session, scope, {"member": of, "after": None, "limit": limit - 1})
        names = queries.names(session, [device.member for device, _ in found])
        rows = [
            (
                device.install,
                names[device.member],
                device.state,
                device.model,
                local(device.seen_at),
                (device.outbox or {}).get("items"),
                undelivered,
            )
            for device, undelivered in found
        ]
        table([t(f"column.{c}") for c in DEVICE_COLUMNS], rows)
        click.echo(t("list.count", count=len(rows)))
