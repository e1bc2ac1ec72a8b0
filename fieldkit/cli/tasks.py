"""`fieldkit tasks` and `fieldkit do` (任务)."""

import json
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

import click

from fieldkit import texts
from fieldkit.cli.base import (
    INSTANT,
    Device,
    pass_device,
    photo_option,
    position,
    position_options,
    say,
    view_option,
)

ACTIONS = (
    "accept",
    "decline",
    "start",
    "progress",
    "complete",
    "request_transfer",
    "request_extension",
    "explain",
)
_EXPLANATION_ASKED = "explanation_asked"
_ID_LENGTHS = (8, 13, 18, 23, 36)


@click.command()
@pass_device
def tasks(device: Device) -> None:
    """列出我的任务，按期限排。 List my tasks by due time.

    \b
    Example:
      fieldkit tasks
    """
    device.client.require_unlocked()
    found = sorted(device.client.inbox.objects("task"), key=lambda task: task.get("due") or "~")
    if not found:
        say("nothing")
    length = short_length([task["id"] for task in found])
    for task in found:
        click.echo(_row(task, length, _pending(device, task["id"])))


@click.command()
@click.argument("task")
@click.argument("action", type=click.Choice(ACTIONS))
@click.option("--reason", help="理由。 Why (for decline, requests and explain).")
@click.option("--note", help="结果说明。 What was done.")
@click.option(
    "--evidence",
    multiple=True,
    metavar="ITEM",
    help="佐证的记录号，可多次。 Id of an item that shows what was done; may be repeated.",
)
@click.option(
    "--until",
    type=INSTANT,
    help="申请延到何时。 The end that request_extension asks for.",
)
@click.option("--to", metavar="MEMBER", help="申请转给谁。 Whom request_transfer asks for.")
@photo_option
@view_option("near", "近景照片。 A photo from near.")
@view_option("far", "远景照片。 A photo from afar.")
@view_option("before", "处置前照片。 A photo of before.")
@view_option("after", "处置后照片。 A photo of after.")
@position_options
@pass_device
def do(
    device: Device,
    task: str,
    action: str,
    reason: str | None,
    note: str | None,
    evidence: tuple[str, ...],
    until: datetime | None,
    to: str | None,
    photos: tuple[Path, ...],
    lat: float | None,
    lon: float | None,
    acc: float | None,
    **views: tuple[Path, ...],
) -> None:
    """办一个任务；TASK 只写开头几位也行。

    Act on a task; the first characters of its id will do.

    \b
    Example:
      fieldkit do 0199c0de accept
      fieldkit do 0199c0de complete --near lid.jpg --far street.jpg --note "已更换井盖"
      fieldkit do 0199c0de request_extension --until 2026-12-05T18:00+08:00 --reason 等配件
    """
    captured = device.acts.act_on(
        device.acts.find_task(task),
        action,
        reason=reason,
        result=note,
        loc=position(lat, lon, acc, (*photos, *chain.from_iterable(views.values()))),
        photos=[
            *device.photos(photos),
            *(photo for role, paths in views.items() for photo in device.photos(paths, role)),
        ],
        evidence=evidence,
        until=until,
        to=to,
    )
    device.tell(action, captured)


def short_length(ids: list[str]) -> int:
    """How many characters tell these ids apart."""
    return next(
        (length for length in _ID_LENGTHS if len({item[:length] for item in ids}) == len(ids)),
        _ID_LENGTHS[-1],
    )


def _row(task: dict[str, Any], length: int, pending: list[str]) -> str:
    cells = [
        task["id"][:length],
        task.get("state") or "",
        task.get("due") or "",
        task.get("title") or "",
    ]
    cells += [texts.say("mark", **mark) for mark in task.get("marks") or ()]
    if _EXPLANATION_ASKED in (task.get("flags") or ()):
        cells.append(texts.say("explain_why"))
    if pending:
        cells.append("→ " + " ".join(pending))
    return "  ".join(cells)


def _pending(device: Device, task: str) -> list[str]:
    """Actions on the task that still wait in the outbox."""
    return [
        json.loads(row["line"])["body"]["action"]
        for row in device.client.outbox.waiting()
        if row["task"] == task
    ]
