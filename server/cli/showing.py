"""How the command line shows tables, instants and members."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import current_app
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy.orm import Session

from server.cli import queries
from server.cli.options import Refused
from server.cli.texts import t
from server.grid.models import Member

PIPE_WIDTH = 200


def console() -> Console:
    """Standard output; a pipe gets wide lines, so that nothing is cut."""
    out = Console()
    return out if out.is_terminal else Console(width=PIPE_WIDTH)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> None:
    """Print a table; what it holds is text, never markup."""
    made = Table(*columns, title=title or None)
    for row in rows:
        made.add_row(*("" if cell is None else escape(str(cell)) for cell in row))
    console().print(made)


def local(instant: datetime | None) -> str:
    """The instant in the deployment's time zone, to the second."""
    if instant is None:
        return ""
    zone = ZoneInfo(current_app.config["TIMEZONE"])
    return instant.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def the_area(session: Session, text: str) -> str:
    """The id of the one area that `text` names; Refused lists them if there are more."""
    found = queries.areas(session, text)
    if not found:
        raise Refused(t("area.unknown", name=text))
    if len(found) > 1:
        lines = [f"  {area.id}  {area.code}  {area.name}" for area in found]
        raise Refused("\n".join([t("area.ambiguous", name=text), *lines]))
    return str(found[0].id)


def the_member(session: Session, text: str) -> Member:
    """The one member that `text` names; Refused lists them if there are more."""
    found = queries.members(session, text)
    if not found:
        raise Refused(t("member.unknown", name=text))
    if len(found) > 1:
        lines = [f"  {member.id}  {member.username or '-'}  {member.name}" for member in found]
        raise Refused("\n".join([t("member.ambiguous", name=text), *lines]))
    return found[0]
