"""What the worker does, and how often: name → (job, interval)."""

from datetime import timedelta

from server.dispatch.plans import jobs as plans
from server.duty import jobs as duty
from server.jobs import rooms, stats, sweeps
from server.jobs.running import Job

HEARTBEAT = timedelta(seconds=30)
EACH_MINUTE = timedelta(minutes=1)
OFTEN = timedelta(minutes=5)
HOURLY = timedelta(hours=1)
DAILY = timedelta(days=1)

JOBS: dict[str, tuple[Job, timedelta]] = {
    "heartbeat": (stats.heartbeat, HEARTBEAT),
    "turn_day": (rooms.turn_day, OFTEN),
    "calendar_refresh": (rooms.calendar_refresh, DAILY),
    "task_leases": (rooms.task_leases, OFTEN),
    "turn_absences": (duty.turn_absences, EACH_MINUTE),
    "escalate_tasks": (duty.escalate_tasks, EACH_MINUTE),
    "tell_lights": (duty.tell_lights, EACH_MINUTE),
    "relieve_ownerless": (duty.relieve_ownerless, OFTEN),
    "task_evidence": (rooms.task_evidence, OFTEN),
    "plans": (plans.look, OFTEN),
    "partial_uploads": (rooms.partial_uploads, HOURLY),
    "orphan_blobs": (rooms.orphan_blobs, DAILY),
    "missed_photos": (rooms.missed_photos, HOURLY),
    "log_ins_and_codes": (rooms.log_ins_and_codes, HOURLY),
    "idempotency_keys": (sweeps.idempotency_keys, HOURLY),
    "marks": (sweeps.old_marks, HOURLY),
    "done_jobs": (sweeps.done_jobs, HOURLY),
    "old_notices": (sweeps.old_notices, DAILY),
    "tombstones": (sweeps.tombstones, DAILY),
}
