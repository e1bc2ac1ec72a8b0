"""What the worker does for this room: (settings, now) → how many things were done."""

from datetime import datetime

from flask import current_app
from sqlalchemy.orm import Session

from server.config import Settings
from server.duty import audience
from server.duty.service import escalation, lights, relief, turning
from server.kernel import clock, lots, queue
from server.kernel.database import reading
from server.kernel.queue import Claimed


def turn_absences(settings: Settings, now: datetime) -> int:
    """Absences that end and begin, each in a transaction of its own: two of them may lock tasks in
    any order."""
    zone = settings.timezone
    with reading() as session:
        ids = turning.ending(session, now)
    ended = lots.each_alone("turn_absences", ids, lambda s, id_: turning.end(s, id_, now, zone))
    with reading() as session:
        ids = turning.beginning(session, now)
    return ended + lots.each_alone(
        "turn_absences", ids, lambda s, id_: turning.begin(s, id_, now, zone)
    )


def escalate_tasks(settings: Settings, now: datetime) -> int:
    """Tasks that nobody accepted in time."""
    return lots.work_off(
        "escalate_tasks",
        lambda s, after: escalation.find(s, after, now),
        lambda s, ids: escalation.escalate(s, ids, now, settings.timezone),
        escalation.AT_A_TIME,
    )


def tell_lights(settings: Settings, now: datetime) -> int:
    """Lights that turned red or yellow."""
    return sum(_tell_lights(on, settings, now) for on in (audience.RED, audience.YELLOW))


def _tell_lights(on: str, settings: Settings, now: datetime) -> int:
    return lots.work_off(
        "tell_lights",
        lambda s, after: lights.find(s, on, after, now),
        lambda s, ids: lights.tell(s, on, ids, now, settings.timezone),
        lights.AT_A_TIME,
    )


def relieve_ownerless(settings: Settings, now: datetime) -> int:
    """Tasks whose owner left or holds no post any more."""
    return lots.work_off(
        "relieve_ownerless",
        lambda s, after: relief.find(s, after, now, settings.timezone),
        lambda s, ids: relief.relieve(s, ids, now, settings.timezone),
        relief.AT_A_TIME,
    )


def hand_on(job: Claimed) -> None:
    """A post ended: what was at hand there goes to whoever comes after."""
    with queue.ending(job) as session:
        member, area = job.payload["member"], job.payload["area"]
        relief.hand_on(session, member, area, clock.now(), current_app.config["TIMEZONE"])


def hand_on_given_up(session: Session, job: Claimed, word: str) -> None:
    """The job stays in the list of those given up; whoever has no post left is swept up anyway."""
