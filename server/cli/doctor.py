"""`gewu doctor`: a check-up in one table; exit code 1 if something is ill."""

from collections.abc import Iterable

import click
from sqlalchemy.exc import SQLAlchemyError

from server.app import create_app
from server.cli import checks, tls
from server.cli.checks import ILL, Finding
from server.cli.options import database_file, takes_data
from server.cli.showing import table
from server.cli.texts import language, t
from server.config import Settings
from server.grid.scope import today
from server.kernel import clock
from server.kernel.database import db, reading


@click.command(help=t("doctor.help"), epilog="gewu doctor --data /srv/gewu")
@takes_data
def doctor(settings: Settings) -> None:
    found = [*checks.machine(settings), *_database(settings), tls.address(settings.public_url)]
    columns = ["", t("doctor.check"), t("doctor.found"), t("doctor.advice")]
    table(columns, [_row(finding) for finding in found], t("doctor.title"))
    if any(finding.mark == ILL for finding in found):
        raise SystemExit(1)


def _row(finding: Finding) -> list[str]:
    advice = t(f"advice.{finding.advice}") if finding.advice else ""
    return [finding.mark, t(f"check.{finding.check}"), finding.found, advice]


def _database(settings: Settings) -> list[Finding]:
    """Looked at through the app's own connections, which have its pragmas."""
    if settings.is_sqlite and not database_file(settings).exists():
        return [Finding("database", ILL, str(database_file(settings)), "keys")]
    app = create_app(settings)
    with app.app_context():
        try:
            with db.engine.connect() as connection:
                found = checks.database(connection)
            return found if _is_old(found) else [*found, *_packs(settings)]
        except SQLAlchemyError as error:
            return [Finding("database", ILL, type(error).__name__, "database")]
        finally:
            db.engine.dispose()


def _is_old(found: Iterable[Finding]) -> bool:
    """Whether tables may be missing."""
    return any(one.check == "migrated" and one.mark == ILL for one in found)


def _packs(settings: Settings) -> list[Finding]:
    day = today(settings.timezone, clock.now())
    with reading() as session:
        return [*checks.packs(session, day, language()), *checks.posts(session, day)]
