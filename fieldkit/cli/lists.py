"""`fieldkit status`, `fieldkit sent` (已交) and `fieldkit tray` (需处理)."""

import json
import sqlite3
from typing import Any

import click

from fieldkit import texts
from fieldkit.cli.base import Device, pass_device, say, warn

FINDINGS = {
    "exif_far": "found_far",
    "exif_time": "found_time",
    "exif_missing": "found_missing",
    "edited": "found_edited",
    "photo_seen": "found_seen",
}


@click.command()
@pass_device
def status(device: Device) -> None:
    """本机状况：班次、待传、需处理。 How this device stands.

    \b
    Example:
      fieldkit status
    """
    store, client = device.store, device.client
    member = store.need("member")
    say("status_member", name=member.get("name") or member["id"])
    say("status_server", url=store.need("url"))
    shift = store.get("shift")
    if shift and not shift["ended"]:
        say("status_shift", started=shift["started"])
    else:
        say("status_off_shift")
    last = store.get("last_sync")
    say("status_last", at=last) if last else say("status_never")
    counters = client.outbox.counters()
    say("still_here", items=counters["items"], media=counters["media"])
    if others := client.outbox.of_others():
        say("status_others", count=others)
    if trayed := len(client.outbox.tray()):
        say("status_tray", count=trayed)
    _troubled_photos(device)
    warn(client.warnings(), store.get("offset_ms"))


@click.command()
@pass_device
def sent(device: Device) -> None:
    """最近 30 天已交的。 What was handed in during the last 30 days.

    \b
    Example:
      fieldkit sent
    """
    _list(device, device.client.outbox.sent())


@click.command()
@click.option(
    "--retry", is_flag=True, help="服务器没收的重新排队。 Queue again what was not taken."
)
@pass_device
def tray(device: Device, retry: bool) -> None:
    """需要处理的：服务器没采用的条目和照片，一条不丢。

    What needs attention: items and photos that the server could not use. Nothing is lost.

    \b
    Example:
      fieldkit tray
      fieldkit tray --retry
    """
    if retry:
        count = device.client.outbox.retry_unsent() + device.client.blobs.retry_failed()
        say("retried", count=count)
    _list(device, device.client.outbox.tray())
    _troubled_photos(device)


def _list(device: Device, rows: list[sqlite3.Row]) -> None:
    if not rows:
        say("nothing")
    for row in rows:
        cells = (
            row["captured"],
            row["kind"],
            row["id"],
            row["status"],
            row["code"],
            row["message"],
            " ".join(str(flag) for flag in json.loads(row["flags"])),
        )
        click.echo("  ".join(cell for cell in cells if cell))
        for found in device.client.inbox.findings(row["id"]):
            _finding(found)


def _finding(found: dict[str, Any]) -> None:
    """What the server noticed on a photo: it refuses nothing, and somebody may ask about it."""
    flag, number = found.get("flag"), found.get("number")
    known = FINDINGS.get(str(flag))
    what = texts.say(known, number=_whole(number)) if known else flag
    click.echo("    " + texts.say("photo_found", sha256=str(found.get("sha256"))[:12], what=what))


def _whole(number: Any) -> str:
    return f"{abs(number):,.0f}" if isinstance(number, int | float) else "?"


def _troubled_photos(device: Device) -> None:
    for row in device.client.blobs.troubled():
        reason = texts.say(row["reason"]) if row["reason"] in texts.TEXTS else row["reason"]
        say("photo_trouble", sha256=row["sha256"][:12], reason=reason)
