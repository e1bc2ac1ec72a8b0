"""`gewu audit`: are the chains of the audit trail whole?"""

import click

from server.cli.options import opened, takes_data
from server.cli.texts import t
from server.config import Settings
from server.kernel.audit import broken_links
from server.kernel.database import reading


@click.group(help=t("audit.help"))
def audit() -> None:
    pass


@audit.command(help=t("audit.verify"), epilog="gewu audit verify --data /srv/gewu")
@takes_data
def verify(settings: Settings) -> None:
    with opened(settings), reading() as session:
        broken = broken_links(session)
    for actor, no in broken:
        click.echo(t("audit.broken", actor=actor, no=no))
    if broken:
        raise SystemExit(1)
    click.echo(t("audit.whole"))
