"""`gewu enrol`: a one-time code for a member, with its QR in the terminal."""

import io
from datetime import timedelta

import click
import segno

from server.cli.options import opened, takes_data
from server.cli.queries import ACTOR
from server.cli.showing import local, the_member
from server.cli.texts import t
from server.config import Settings
from server.grid import service as grid
from server.kernel import clock
from server.kernel.database import reading, writing

DAY_S = 86_400


@click.command(help=t("enrol.help"), epilog="gewu enrol wang --ttl 3600")
@click.argument("member")
@click.option("--ttl", default=DAY_S, type=click.IntRange(60, 7 * DAY_S), help=t("enrol.ttl"))
@takes_data
def enrol(settings: Settings, member: str, ttl: int) -> None:
    with opened(settings):
        with reading() as session:
            found = the_member(session, member)
            id_, name = found.id, found.name
        until = clock.now() + timedelta(seconds=ttl)
        with writing() as session:
            made = grid.make_enrolment(session, ACTOR, id_, ttl, settings.public_url)
        click.echo(_blocks(made.url))
        click.echo(made.url)
        click.echo(t("enrol.for", name=name, code=made.code))
        click.echo(t("enrol.until", until=local(until)))


def _blocks(text: str) -> str:
    """A QR code of half-block characters."""
    drawn = io.StringIO()
    segno.make(text, error="m", micro=False).terminal(drawn, compact=True)
    return drawn.getvalue()
