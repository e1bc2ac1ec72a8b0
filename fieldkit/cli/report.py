"""`fieldkit report` (上报)."""

from pathlib import Path

import click

from fieldkit.cli.base import (
    Device,
    pass_device,
    photo_option,
    position,
    position_options,
    say,
)


@click.command()
@photo_option
@click.option("--category", required=True, help="类别代码。 Code of the catalogue.")
@click.option("--text", required=True, help="情况。 What was seen.")
@click.option("--address", help="地址。 Address.")
@click.option("--severity", help="严重程度。 Severity.")
@click.option("--self-fixed", is_flag=True, help="已自行处理。 Already put right on the spot.")
@position_options
@pass_device
def report(
    device: Device,
    photos: tuple[Path, ...],
    category: str,
    text: str,
    address: str | None,
    severity: str | None,
    self_fixed: bool,
    lat: float | None,
    lon: float | None,
    acc: float | None,
) -> None:
    """上报一件事；没有给位置就用照片里的。

    Report something seen; without a position the photo's own is taken.

    \b
    Example:
      fieldkit report --photo near.jpg --photo far.jpg --category 0103 --text "井盖破损"
    """
    loc = position(lat, lon, acc, photos)
    captured = device.acts.report(
        category,
        text,
        photos=device.photos(photos),
        loc=loc,
        address=address,
        severity=severity,
        self_fixed=self_fixed,
    )
    device.tell("report", captured)
    if loc is None:
        say("no_position")
