"""`fieldkit form` (表单) and `fieldkit visit` (走访)."""

from datetime import timedelta
from pathlib import Path
from typing import IO

import click

from fieldkit.cli.base import (
    Device,
    pass_device,
    photo_option,
    position,
    position_options,
    read_json,
)

_data = click.option(
    "--data",
    type=click.File(encoding="utf-8"),
    help="JSON 文件，- 为标准输入。 A JSON file; - is standard input.",
)


@click.command()
@click.argument("form_id", metavar="FORM")
@click.option("--version", default="1", show_default=True, help="表单版本。 The form's version.")
@click.option("--subject", help="对象编号。 Id of the subject.")
@_data
@photo_option
@position_options
@pass_device
def form(
    device: Device,
    form_id: str,
    version: str,
    subject: str | None,
    data: IO[str] | None,
    photos: tuple[Path, ...],
    lat: float | None,
    lon: float | None,
    acc: float | None,
) -> None:
    """交一张填好的表单。 Hand in a filled form.

    \b
    Example:
      fieldkit form household --version 3 --data answers.json
      echo '{"people": 4}' | fieldkit form household --data -
    """
    captured = device.acts.form(
        form_id,
        version,
        read_json(data) if data else {},
        subject=subject,
        loc=position(lat, lon, acc, photos),
        photos=device.photos(photos),
    )
    device.tell("form", captured)


@click.command()
@click.argument("subject")
@click.option("--checklist", help="检查表。 The checklist.")
@click.option(
    "--minutes",
    type=click.FloatRange(min=0),
    default=0,
    help="走访用时，分钟，到现在为止。 How long it took, up to now.",
)
@_data
@photo_option
@position_options
@pass_device
def visit(
    device: Device,
    subject: str,
    checklist: str | None,
    minutes: float,
    data: IO[str] | None,
    photos: tuple[Path, ...],
    lat: float | None,
    lon: float | None,
    acc: float | None,
) -> None:
    """交一次走访记录。 Hand in a visit.

    \b
    Example:
      fieldkit visit 0199c0de-0000-7000-8000-000000000001 --checklist fire --minutes 12
    """
    ended = device.clock.now()
    captured = device.acts.visit(
        subject,
        started=ended - timedelta(minutes=minutes),
        ended=ended,
        checklist=checklist,
        answers=read_json(data) if data else {},
        loc=position(lat, lon, acc, photos),
        photos=device.photos(photos),
    )
    device.tell("visit", captured)
