"""The begin and the end of absences: tasks go to the stand-ins, and come back."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from server.duty import queries, rules
from server.duty.models import Absence, AbsenceTask
from server.duty.rules import Slip, Taker
from server.duty.service import relief
from server.grid.scope import today
from server.kernel import clock
from server.kernel.clock import iso
from server.notices import service as notices
from server.notices.service import NewNotice
from server.tasks.journal import locked
from server.tasks.standing import UNFINISHED


def ending(session: Session, now: datetime) -> Sequence[str]:
    """The absences whose end has come."""
    return queries.turning(session, queries.ends(now))


def end(session: Session, id_: str, now: datetime, timezone: str) -> int:
    """End the absence if its end has come; 1, or 0 if another worker does."""
    absence = queries.to_turn(session, id_, queries.ends(now))
    if absence is None:
        return 0
    finish(session, absence, timezone)
    return 1


def beginning(session: Session, now: datetime) -> Sequence[str]:
    """The absences whose begin has come."""
    return queries.turning(session, queries.begins(now))


def begin(session: Session, id_: str, now: datetime, timezone: str) -> int:
    """Begin the absence if its begin has come; 1, or 0 if another worker does."""
    absence = queries.to_turn(session, id_, queries.begins(now))
    if absence is None:
        return 0
    _begin(session, absence, now, timezone)
    return 1


def slip_of(absence: Absence) -> Slip:
    """What the rules need to know of it."""
    return Slip(**{field.name: getattr(absence, field.name) for field in fields(Slip)})


def begin_if_due(session: Session, absence: Absence, timezone: str) -> None:
    """Begin an absence that is on already."""
    now = clock.now()
    if rules.is_due(slip_of(absence), now):
        _begin(session, absence, now, timezone)


def _begin(session: Session, absence: Absence, now: datetime, timezone: str) -> None:
    absence.begun_at = now
    absence.version += 1
    session.flush()
    if absence.open_tasks == rules.KEEP:
        return
    at_hand = queries.open_tasks(session, absence.member)
    ground = queries.ground(session, at_hand.values(), now, today(timezone, now))
    found = {t: rules.stand_in(absence.member, area, ground) for t, area in at_hand.items()}
    moved = relief.give(session, {t: k for t, k in found.items() if k}, "stand_in")
    rows = [
        {"absence": absence.id, "task": task.id, "assignment": task.assignment}
        for task in locked(session, moved).values()
    ]
    if rows:
        session.execute(insert(AbsenceTask), rows)


def finish(session: Session, absence: Absence, timezone: str) -> None:
    """The member is back, or never went: what was lent and is not done comes back if it is to."""
    now = clock.now()
    absence.ended_at = now
    absence.version += 1
    session.flush()
    if absence.begun_at is None:
        return
    args = {"begins": iso(absence.begins), "ends": iso(min(absence.ends, now))}
    told = NewNotice(absence.member, "absence_ended", "absence", absence.id, args)
    notices.tell(session, [told])
    if absence.open_tasks == rules.HAND_BACK and _is_back(session, absence.member, now, timezone):
        _take_back(session, absence)


def _is_back(session: Session, member: str, now: datetime, timezone: str) -> bool:
    there = queries.holds_post(session, member, today(timezone, now))
    return there and member not in queries.away(session, now)


def _take_back(session: Session, absence: Absence) -> None:
    """Only what stands as it was lent: what somebody gave to another since, stays there."""
    lent = queries.lent(session, absence.id)
    unchanged = [
        task.id
        for task in locked(session, lent).values()
        if task.assignment == lent[task.id] and task.state in UNFINISHED
    ]
    takers = {task: Taker(absence.member) for task in unchanged}
    relief.give(session, takers, "take_back", "task_handed_back")
