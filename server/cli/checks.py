"""What `gewu doctor` looks at. Each check says what it found and, if that is ill, what to do."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select, text
from sqlalchemy.orm import Session

from server import keys
from server.config import Settings
from server.jobs.models import WorkerHeartbeat
from server.jobs.schedule import HEARTBEAT
from server.kernel import clock, migration
from server.media import storage
from server.packs import reading
from server.packs.mistakes import Mistake, PackMistakes
from server.regime import queries
from server.regime import service as regime
from server.regime.models import PackText
from server.regime.rules import Terms

GOOD, WARN, ILL = "✓", "!", "✗"
CLOCK_OFF_S = 5.0
SANE_YEARS = range(2025, 2100)
SILENT = HEARTBEAT * 4


@dataclass(frozen=True, slots=True)
class Finding:
    """One row of the check-up; `advice` is a key of the texts, or empty."""

    check: str
    mark: str
    found: str
    advice: str = ""


def _finding(check: str, good: bool, found: str) -> Finding:
    return Finding(check, GOOD, found) if good else Finding(check, ILL, found, check)


def machine(settings: Settings) -> list[Finding]:
    """Everything that can be looked at without the database."""
    checks: tuple[Callable[[Settings], Finding], ...] = (_clock, _zone, _folders, _keys, _disk)
    found = [check(settings) for check in checks]
    return found if settings.media_folder else [*found, _bucket(settings)]


def _clock(settings: Settings) -> Finding:
    """The clock against the file system's, and the year against sense."""
    try:
        with tempfile.NamedTemporaryFile(dir=settings.data) as file:
            off = abs(os.stat(file.name).st_mtime - time.time())
    except OSError as error:
        return Finding("clock", ILL, str(error.strerror), "folders")
    now = clock.now()
    return _finding("clock", off < CLOCK_OFF_S and now.year in SANE_YEARS, clock.iso(now))


def _zone(settings: Settings) -> Finding:
    offset = datetime.now(ZoneInfo(settings.timezone)).strftime("%z")
    return Finding("zone", GOOD, f"{settings.timezone} {offset}")


def _folders(settings: Settings) -> Finding:
    bad = [str(path) for path in settings.folders if not _writable(path)]
    return _finding("folders", not bad, ", ".join(bad or [str(settings.data)]))


def _writable(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _keys(settings: Settings) -> Finding:
    paths = [settings.keys / name for name in (keys.SIGNING, keys.FIELD)]
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        return Finding("keys", ILL, ", ".join(missing), "keys")
    exposed = [str(path) for path in paths if path.stat().st_mode & 0o077]
    if exposed:
        return Finding("keys", ILL, ", ".join(exposed), "modes")
    return Finding("keys", GOOD, str(settings.keys))


def _disk(settings: Settings) -> Finding:
    free = [shutil.disk_usage(one).free for one in settings.folders if one.exists()]
    least = min(free, default=0)
    return _finding("disk", least > 2 * settings.free_bytes, f"{least / 2**30:.1f} GiB")


def _bucket(settings: Settings) -> Finding:
    """Whether the bucket of the photos can be written."""
    fault = storage.fault(settings)
    return _finding("bucket", fault is None, fault or settings.masked()["media_url"])


def database(connection: Connection) -> list[Finding]:
    """What the database says of itself, and what the worker left in it."""
    current, newest = migration.current(connection), migration.newest()
    migrated = _finding("migrated", current == newest, f"{current} / {newest}")
    found = [Finding("database", GOOD, connection.dialect.name), migrated, _durable(connection)]
    if connection.dialect.name == "postgresql":
        found.append(_database_clock(connection))
    return found if migrated.mark == ILL else [*found, *_worker(connection)]


MISTAKES_SHOWN = 3
AREAS_SHOWN = 3


def packs(session: Session, day: date, language: str) -> Iterable[Finding]:
    """Installed rule packs that this version refuses: ill where they hold on `day` or later."""
    terms = queries.terms(session)
    current = Terms(terms, {}).current(day)
    holding = {one.ref for one in terms if one.id in current or one.from_day > day}
    for row in session.scalars(select(PackText).order_by(PackText.id, PackText.version)):
        ref = f"{row.id}@{row.version}"
        try:
            reading.read(row.text)
        except PackMistakes as refused:
            found = f"{ref}: {_said(refused.mistakes, language)}"
            yield Finding("pack", ILL if ref in holding else WARN, found, "pack")


def posts(session: Session, day: date) -> Iterable[Finding]:
    """Codes of posts that no pack in force has where they lie: what names a code misses them."""
    for unknown in regime.unknown_codes(session, day):
        shown = list(dict.fromkeys(unknown.areas))[:AREAS_SHOWN]
        found = f"{unknown.code} × {len(unknown.areas)}: {', '.join(shown)}"
        yield Finding("post", WARN, found, "post")


def _said(mistakes: Sequence[Mistake], language: str) -> str:
    said = [
        f"{one.line}: {one.path} [{one.code}] {one.said(language)[0]}"
        for one in mistakes[:MISTAKES_SHOWN]
    ]
    more = len(mistakes) - len(said)
    return "; ".join([*said, f"+{more}"] if more else said)


def _durable(connection: Connection) -> Finding:
    """Whether a commit is on the disk when it is answered."""
    if connection.dialect.name == "sqlite":
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
        sync = connection.exec_driver_sql("PRAGMA synchronous").scalar()
        return _finding("durable", mode == "wal" and sync == 2, f"{mode}, synchronous={sync}")
    names = ("synchronous_commit", "fsync", "full_page_writes")
    values = {name: connection.scalar(text(f"SHOW {name}")) for name in names}
    shown = ", ".join(f"{name}={value}" for name, value in values.items())
    return _finding("durable", "off" not in values.values(), shown)


def _database_clock(connection: Connection) -> Finding:
    off = connection.scalar(text("SELECT clock_timestamp()")) - datetime.now(UTC)
    seconds = abs(off.total_seconds())
    return _finding("database_clock", seconds < CLOCK_OFF_S, f"{seconds:.1f} s")


def _worker(connection: Connection) -> Iterable[Finding]:
    rows = connection.execute(select(WorkerHeartbeat.__table__)).all()
    ran = {row.job: row.ran_at for row in rows}.get("heartbeat")
    alive = ran is not None and clock.now() - ran < SILENT
    yield _finding("worker", alive, clock.iso(ran) if ran else "—")
    for row in rows:
        if row.failed_at and (row.ran_at is None or row.failed_at > row.ran_at):
            yield Finding("job", ILL, f"{row.job}: {row.error} {clock.iso(row.failed_at)}", "job")
