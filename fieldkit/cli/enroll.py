"""`fieldkit enroll` (接入)."""

import click

from fieldkit.cli.base import Device, pass_device, say
from fieldkit.session import is_open_air


@click.command()
@click.argument("url")
@click.argument("code", required=False)
@pass_device
def enroll(device: Device, url: str, code: str | None) -> None:
    """接入一台服务器：二维码里的地址，或地址加接入码。

    Enrol this device with the address in the QR code, or with address and code.

    \b
    Example:
      fieldkit enroll "https://server/app#enrol=K7Q2-M4XN"
      fieldkit enroll https://server K7Q2-M4XN
    """
    member = device.client.enroll(url, code)
    say("enrolled", name=member.get("name") or member["id"])
    if is_open_air(device.store.need("url")):
        say("open_air")
