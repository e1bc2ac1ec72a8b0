"""`fieldkit notices` (通知)."""

import click

from fieldkit.cli.base import Device, pass_device, say


@click.command()
@click.option("--all", "every", is_flag=True, help="已读的也列出。 Those that were read too.")
@click.option(
    "--read", "reads", is_flag=True, help="列出的记为已读，下次同步告知。 Mark them as read."
)
@pass_device
def notices(device: Device, every: bool, reads: bool) -> None:
    """通知，新的在后。 What I was told, the newest last.

    \b
    Example:
      fieldkit notices
      fieldkit notices --read
    """
    device.client.require_unlocked()
    shown = device.client.notices.listed(every)
    if not shown:
        say("nothing")
    for notice in shown:
        click.echo(f"{notice.get('at') or ''}  {notice.get('text') or ''}")
    if reads:
        device.client.notices.read(notice["id"] for notice in shown)
