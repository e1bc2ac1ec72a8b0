"""The command line of the server: `gewu`."""

import click

import server
from server.cli.absences import absences
from server.cli.audit import audit
from server.cli.backup import backup, restore
from server.cli.calendar import calendar
from server.cli.config import config
from server.cli.db import schema
from server.cli.demo import demo
from server.cli.doctor import doctor
from server.cli.enrol import enrol
from server.cli.init import init
from server.cli.items import devices, items
from server.cli.jobs import jobs
from server.cli.media import media
from server.cli.plans import plans
from server.cli.quarantine import quarantine
from server.cli.regime import pack
from server.cli.serve import serve
from server.cli.tasks import tasks
from server.cli.texts import t
from server.cli.worker import worker

COMMANDS = (
    init,
    serve,
    worker,
    demo,
    doctor,
    enrol,
    config,
    schema,
    items,
    devices,
    quarantine,
    tasks,
    plans,
    pack,
    calendar,
    absences,
    media,
    jobs,
    audit,
    backup,
    restore,
)


@click.group(help=t("gewu.help"), epilog="gewu COMMAND --help")
@click.version_option(server.__version__, prog_name="gewu")
def main() -> None:
    pass


for command in COMMANDS:
    main.add_command(command)
