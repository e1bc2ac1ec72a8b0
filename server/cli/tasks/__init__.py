"""`gewu tasks`: give tasks, list and show them, give them to others, export them."""

import click

from server.cli.tasks.export import export
from server.cli.tasks.listing import list_, reassign, show
from server.cli.tasks.pushing import push
from server.cli.texts import t


@click.group(help=t("tasks.help"), epilog="gewu tasks COMMAND --help")
def tasks() -> None:
    pass


for command in (push, list_, show, reassign, export):
    tasks.add_command(command)
