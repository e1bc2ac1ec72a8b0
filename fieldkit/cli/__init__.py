"""The command `fieldkit`: a phone's or a laptop's side of Gewu (格物), one file per family."""

import os
from pathlib import Path

import click

from fieldkit import __version__, texts
from fieldkit.cli.base import Device, FriendlyGroup
from fieldkit.cli.enroll import enroll
from fieldkit.cli.forms import form, visit
from fieldkit.cli.lists import sent, status, tray
from fieldkit.cli.notices import notices
from fieldkit.cli.proof import verify
from fieldkit.cli.report import report
from fieldkit.cli.shift import shift, track
from fieldkit.cli.simulate import simulate
from fieldkit.cli.sync import sync
from fieldkit.cli.tasks import do, tasks

_DEFAULT_HOME = "~/.fieldkit"


@click.group(cls=FriendlyGroup)
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="FIELDKIT_HOME",
    help="数据目录，默认 ~/.fieldkit。 Where everything is kept.",
)
@click.option("--lang", type=click.Choice(["zh", "en"]), help="语言。 Language.")
@click.option(
    "--ca",
    type=click.Path(exists=True, dir_okay=False),
    envvar="FIELDKIT_CA",
    help="自建证书机构的 PEM 文件。 PEM file of the authority to trust.",
)
@click.version_option(__version__)
@click.pass_context
def main(context: click.Context, home: Path | None, lang: str | None, ca: str | None) -> None:
    """格物采集：离线采集，只交一次，接收任务。

    Capture offline, hand in exactly once, receive tasks.

    \b
    Example:
      fieldkit enroll "https://server/app#enrol=CODE"
      fieldkit shift start
      fieldkit report --photo well.jpg --category 0103 --text "井盖破损"
      fieldkit sync --watch
    """
    texts.choose(lang)
    context.obj = Device(home or Path(os.path.expanduser(_DEFAULT_HOME)), ca)
    context.call_on_close(context.obj.close)


for _command in (
    enroll,
    shift,
    report,
    track,
    form,
    visit,
    tasks,
    do,
    notices,
    sync,
    status,
    sent,
    tray,
    verify,
    simulate,
):
    main.add_command(_command)
