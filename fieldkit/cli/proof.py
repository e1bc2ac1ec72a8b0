"""`fieldkit verify` (验证回执)."""

import click

from fieldkit import texts
from fieldkit.cli.base import Device, pass_device, say, warn
from fieldkit.errors import InputError
from fieldkit.verify import check
from fieldkit.wire import decode_base64


@click.command()
@pass_device
def verify(device: Device) -> None:
    """不联网验证全部回执；有问题时退出码为 1。

    Check all receipts without a network; exit code 1 when one is wrong.

    \b
    Example:
      fieldkit verify
    """
    key = device.store.get("server_key")
    if key is None:
        raise InputError("no_key")
    receipts = device.client.receipts.all()
    findings = check(receipts, decode_base64(key))
    for finding in findings:
        say("finding", no=finding.no, fault=texts.say(finding.fault))
    warn(device.client.warnings(), device.store.get("offset_ms"))
    if findings:
        raise click.exceptions.Exit(1)
    say("verified", count=len(receipts))
