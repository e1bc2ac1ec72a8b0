"""`fieldkit notices` (通知)."""

import click

from fieldkit.cli.base import Device, pass_device, say


@click.command()
@click.option("--all", "every", is_flag=True, help="已读的也列出。 Those that were read too.")
@pass_device
def notices(device: Device, every: bool) -> None:
    """通知，新的在后。 What I was told, the newest last.

    \b
    Example:
      fieldkit notices
    """
    device.client.require_unlocked()
    found = device.client.inbox.objects("notice")
    shown = [notice for notice in found if every or not notice.get("read_at")]
    if not shown:
        say("nothing")
    for notice in sorted(shown, key=lambda one: (one.get("at") or "", one["id"])):
        click.echo(f"{notice.get('at') or ''}  {notice.get('text') or ''}")
