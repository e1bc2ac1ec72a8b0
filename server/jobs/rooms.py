"""The jobs that rooms offer, in the form that the schedule runs."""

from datetime import datetime, timedelta

from server.config import Settings
from server.grid.scope import today
from server.grid.service import housekeeping, reach
from server.kernel import lots
from server.kernel.database import reading, writing
from server.media import lifecycle, storage
from server.photos.copies import service as copies
from server.regime import service as regime
from server.tasks import delivery, evidence
from server.tasks import queries as task_queries


def turn_day(settings: Settings, now: datetime) -> None:
    """Posts, areas and packs begin and end with the deployment's day."""
    with writing() as session:
        day = today(settings.timezone, now)
        reach.turn_day(session, day)
        regime.turn_day(session, day)


def calendar_refresh(settings: Settings, now: datetime) -> int:
    """What the installed library knows of working days by now; how many days were written."""
    with writing() as session:
        return regime.refresh(session, today(settings.timezone, now)).written


def log_ins_and_codes(settings: Settings, now: datetime) -> None:
    """Failed log-ins, tokens and enrolment codes that ended long ago."""
    with writing() as session:
        housekeeping.sweep(session, now)


def task_leases(settings: Settings, now: datetime) -> int:
    """Tasks promised to another member whose old device stayed silent; how many were given."""
    return lots.work_off(
        "task_leases",
        lambda s, after: task_queries.leases_ended(s, after, now, delivery.AT_A_TIME),
        lambda s, ids: delivery.end_leases(s, ids, now),
        delivery.AT_A_TIME,
    )


def task_evidence(settings: Settings, now: datetime) -> int:
    """Tasks done whose evidence was waited for long enough; how many were judged."""
    before = now - timedelta(hours=settings.evidence_hours)
    return lots.work_off(
        "task_evidence",
        lambda s, after: evidence.waited_for(s, after, before),
        lambda s, ids: evidence.end_waiting(s, ids, before),
        evidence.AT_A_TIME,
    )


def partial_uploads(settings: Settings, now: datetime) -> int:
    """Uploads that lapsed."""
    return len(lifecycle.sweep_partials(storage.media_store(), now, settings.partial_days))


def orphan_blobs(settings: Settings, now: datetime) -> int:
    """Photos and files that no item named for ORPHAN_DAYS."""
    gone = lifecycle.sweep_orphans(
        storage.media_store(), storage.media_locks(), now, settings.orphan_days
    )
    return len(gone)


def missed_photos(settings: Settings, now: datetime) -> int:
    """Photos that have no copies though nothing is wrong with them; how many were put."""
    with reading() as session:
        found = copies.missed(session, now)
    # On SQLite all others would wait with their writing while it is looked for.
    with writing() as session:
        return copies.put_missed(session, found)
