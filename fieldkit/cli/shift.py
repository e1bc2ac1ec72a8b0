"""`fieldkit shift` (签到, 签退) and `fieldkit track` (轨迹)."""

from pathlib import Path

import click

from fieldkit.cli.base import Device, pass_device, position, position_options
from fieldkit.gpx import read_gpx

_note = click.option("--note", help="备注。 A note.")


@click.group()
def shift() -> None:
    """签到与签退。 Check in and out."""


@shift.command("start")
@_note
@position_options
@pass_device
def start(
    device: Device, note: str | None, lat: float | None, lon: float | None, acc: float | None
) -> None:
    """签到，开始班次。 Check in.

    \b
    Example:
      fieldkit shift start --lat 30.2741 --lon 120.1551 --note "晴"
    """
    loc = position(lat, lon, acc)
    captured = device.acts.start_shift(at=device.clock.now(), note=note, loc=loc)
    device.tell("shift_start", captured)


@shift.command("end")
@_note
@click.option("--force", is_flag=True, help="没有签到也签退。 Check out without a check-in.")
@position_options
@pass_device
def end(
    device: Device,
    note: str | None,
    force: bool,
    lat: float | None,
    lon: float | None,
    acc: float | None,
) -> None:
    """签退，结束班次。 Check out.

    \b
    Example:
      fieldkit shift end --note "正常"
    """
    loc = position(lat, lon, acc)
    captured = device.acts.end_shift(at=device.clock.now(), note=note, loc=loc, force=force)
    device.tell("shift_end", captured)


@click.command()
@click.argument("gpx", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@pass_device
def track(device: Device, gpx: Path) -> None:
    """交一条 GPX 轨迹，归入最近的班次。 Hand in a GPX track of the latest shift.

    \b
    Example:
      fieldkit track morning.gpx
    """
    for captured in device.acts.track(read_gpx(gpx)):
        device.tell("track", captured)
