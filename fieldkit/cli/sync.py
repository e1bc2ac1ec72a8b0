"""`fieldkit sync` (同步)."""

import click

from fieldkit.cli.base import Device, pass_device, say, warn
from fieldkit.client import SyncReport
from fieldkit.errors import FieldkitError
from fieldkit.watch import watch


@click.command()
@click.option("--watch", "stay", is_flag=True, help="一直保持同步。 Stay in touch for ever.")
@pass_device
def sync(device: Device, stay: bool) -> None:
    """交出待传的，取回新的。 Hand in what waits and take what is new.

    \b
    Example:
      fieldkit sync
      fieldkit sync --watch
    """
    if not stay:
        _show(device, device.client.sync())
        return
    for outcome in watch(device.client):
        if isinstance(outcome, FieldkitError):
            click.echo(str(outcome), err=True)
        else:
            _show(device, outcome)


def _show(device: Device, report: SyncReport) -> None:
    if report.wiped:
        say("wiped")
        return
    say(
        "synced",
        sent=report.sent,
        tray=report.tray,
        uploaded=report.uploaded,
        taken=report.taken,
    )
    counters = device.client.outbox.counters()
    if counters["items"] or counters["media"]:
        say("still_here", items=counters["items"], media=counters["media"])
    else:
        say("all_sent")
    warn(report.warnings, device.store.get("offset_ms"))
