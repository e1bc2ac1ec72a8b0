"""Slips of absence (请假单): written, approved, changed, ended."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from server.duty import queries, rules
from server.duty.models import Absence
from server.duty.service import turning
from server.grid.models import Member
from server.grid.queries import home_area, lock_member
from server.grid.scope import Scope
from server.kernel import audit, clock
from server.kernel.clock import iso
from server.kernel.crypto import Cipher
from server.kernel.problems import Problem, invalid
from server.notices import service as notices
from server.notices.service import NewNotice

REASON = "absence.reason"


@dataclass(frozen=True, slots=True)
class Desk:
    """Who acts, with what reach, in which time zone, with which seal."""

    scope: Scope
    timezone: str
    cipher: Cipher


def create(session: Session, desk: Desk, data: dict[str, Any]) -> Absence:
    """Write a slip; a superior's stands at once, one's own waits until a superior approves it.

    `forbidden` for somebody else's out of reach; `reference_unknown`, `period_reversed`,
    `absence_past`, `absence_overlap`.
    """
    member = data.pop("member") or desk.scope.member
    superior = is_superior(session, desk.scope, member)
    if not superior and member != desk.scope.member:
        raise Problem("forbidden")
    if not lock_member(session, member):
        raise invalid("member", "reference_unknown")
    absence = Absence(
        member=member,
        created_by=desk.scope.member,
        created_at=clock.now(),
        approved_by=desk.scope.member if superior else None,
        version=1,
    )
    _fill(absence, desk, data)
    _check(session, desk, absence)
    session.add(absence)
    session.flush()
    _note(session, desk, absence, "absence.create")
    _tell_of_new(session, desk, absence)
    turning.begin_if_due(session, absence, desk.timezone)
    return absence


def change(session: Session, desk: Desk, id_: str, version: int, data: dict[str, Any]) -> Absence:
    """Change what `data` names; `approved` is for superiors, and so is what was approved."""
    absence = _own(session, desk, id_)
    superior = is_superior(session, desk.scope, absence.member)
    rules.check_change(turning.slip_of(absence), data, superior)
    if absence.version != version:
        raise Problem("version_old")
    lock_member(session, absence.member)
    approves = data.pop("approved", False) and absence.approved_by is None
    with session.no_autoflush:
        _fill(absence, desk, data)
        _check(session, desk, absence)
    if approves:
        absence.approved_by = desk.scope.member
        notices.tell(session, [_told(absence, absence.member, "absence_approved")])
    absence.version += 1
    session.flush()
    _note(session, desk, absence, "absence.approve" if approves else "absence.change")
    turning.begin_if_due(session, absence, desk.timezone)
    return absence


def end(session: Session, desk: Desk, id_: str) -> None:
    """End it now (销假): withdrawn if it has not begun. Done again it changes nothing."""
    absence = _own(session, desk, id_)
    own = absence.member == desk.scope.member
    if not own and not is_superior(session, desk.scope, absence.member):
        raise Problem("forbidden")
    if absence.ended_at is None:
        turning.finish(session, absence, desk.timezone)
        _note(session, desk, absence, "absence.end")


def is_superior(session: Session, scope: Scope, member: str) -> bool:
    """Whether one may decide on absences of the member; on one's own only with nobody above."""
    limited = scope.limited_to(rules.SUPERIORS)
    if limited.everything:
        return True
    if member == scope.member:
        return False
    try:
        limited.check_member(session, member)
    except Problem:
        return False
    return True


def views(rows: Iterable[Any], cipher: Cipher) -> list[dict[str, Any]]:
    """What people see of rows (Absence, tells_why)."""
    return [view(row.Absence, cipher, row.tells_why) for row in rows]


def view(absence: Absence, cipher: Cipher, tells_why: bool = True) -> dict[str, Any]:
    """What people see of one; its reason only who may know it."""
    names = (
        *("id", "member", "begins", "ends", "backup", "open_tasks", "created_by", "created_at"),
        *("approved_by", "ended_at", "version"),
    )
    known = absence.reason is not None and tells_why
    reason = cipher.open_(str(absence.reason), context=REASON) if known else None
    facts = {name: getattr(absence, name) for name in names}
    return facts | {"reason": reason, "state": rules.state_of(absence)}


def _own(session: Session, desk: Desk, id_: str) -> Absence:
    row = queries.one(session, desk.scope, id_, lock=True)
    if row is None:
        raise Problem("not_found")
    absence: Absence = row.Absence
    return absence


def _fill(absence: Absence, desk: Desk, data: dict[str, Any]) -> None:
    zone = ZoneInfo(desk.timezone)
    ready = dict(data)
    if "begins" in data:
        ready["begins"] = rules.begin_of(data["begins"], zone)
    if "ends" in data:
        ready["ends"] = rules.end_of(data["ends"], zone)
    if data.get("reason") is not None:
        ready["reason"] = desk.cipher.seal(data["reason"], context=REASON)
    for name, value in ready.items():
        setattr(absence, name, value)


def _check(session: Session, desk: Desk, absence: Absence) -> None:
    rules.check_period(absence.begins, absence.ends, clock.now())
    if absence.backup is not None:
        there = queries.holds_post(session, absence.backup, desk.scope.day)
        if absence.backup == absence.member or not there:
            raise invalid("backup", "reference_unknown")
    other = queries.overlapping(session, absence)
    if other is not None:
        raise invalid("from", "absence_overlap", other)


def _note(session: Session, desk: Desk, absence: Absence, act: str) -> None:
    period = {"begins": iso(absence.begins), "ends": iso(absence.ends)}
    audit.note(session, desk.scope.member, act, absence.id, member=absence.member, **period)


def _tell_of_new(session: Session, desk: Desk, absence: Absence) -> None:
    """Who is to approve it hears of it; whose slip was written by another does as well."""
    if absence.approved_by is None:
        asked = _nearest_superior(session, desk, absence.member)
        notices.tell(session, [_told(absence, one, "absence_asked", session) for one in asked])
    elif absence.member != desk.scope.member:
        notices.tell(session, [_told(absence, absence.member, "absence_approved")])


def _nearest_superior(session: Session, desk: Desk, member: str) -> list[str]:
    area, now = home_area(session, member, desk.scope.day), clock.now()
    ground = queries.ground(session, [area] if area else [], now, desk.scope.day)
    above = rules.responsible(ground.at(area)) if area else []
    there = [one for one in (*above, *ground.admins) if one != member and one not in ground.away]
    return there[:1]


def _told(absence: Absence, member: str, kind: str, session: Session | None = None) -> NewNotice:
    args = {"begins": iso(absence.begins), "ends": iso(absence.ends)}
    if session is not None:
        named = session.get(Member, absence.member)
        args["name"] = named.name if named else ""
    return NewNotice(member, kind, "absence", absence.id, args)
