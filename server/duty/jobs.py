"""What the worker does for this room: (settings, now) → how many things were done."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from server.config import Settings
from server.duty.service import escalation, lights, relief, turning
from server.kernel import clock, queue
from server.kernel.database import writing
from server.kernel.queue import Claimed


def turn_absences(settings: Settings, now: datetime) -> int:
    """Absences that begin and end."""
    return _all(turning.turn, settings, now)


def escalate_tasks(settings: Settings, now: datetime) -> int:
    """Tasks that nobody accepted in time."""
    return _walk(escalation.escalate, settings, now)


def tell_lights(settings: Settings, now: datetime) -> int:
    """Lights that turned yellow or red."""
    return _all(lights.sweep, settings, now)


def _all(some: Callable[[Session, datetime, str], int], settings: Settings, now: datetime) -> int:
    """Some at a time, each lot in a transaction of its own, until there are none."""
    total = 0
    while True:
        with writing() as session:
            done = some(session, now, settings.timezone)
        if not done:
            return total
        total += done


def relieve_ownerless(settings: Settings, now: datetime) -> int:
    """Tasks whose owner left or holds no post any more."""
    return _walk(relief.sweep, settings, now)


def _walk(
    some: Callable[[Session, Any, datetime, str], tuple[int, Any]],
    settings: Settings,
    now: datetime,
) -> int:
    """The same by the place after which it goes on: what cannot be done is passed by."""
    total, after = 0, None
    while True:
        with writing() as session:
            done, after = some(session, after, now, settings.timezone)
        total += done
        if after is None:
            return total


def hand_on(job: Claimed) -> None:
    """A post ended: what was at hand there goes to whoever comes after."""
    with queue.ending(job) as session:
        member, area = job.payload["member"], job.payload["area"]
        relief.hand_on(session, member, area, clock.now(), current_app.config["TIMEZONE"])


def hand_on_given_up(session: Session, job: Claimed, word: str) -> None:
    """The job stays in the list of those given up; whoever has no post left is swept up anyway."""
