"""What is read of absences, and of who is there to take a task."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Date, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from server.duty.models import Absence, AbsenceTask
from server.duty.rules import SUPERIORS, Ground, Office, Seat
from server.grid.models import Area, AreaClosure, Member, Post
from server.grid.queries import below
from server.grid.roles import ADMIN, STAFF
from server.grid.scope import Scope, in_force
from server.kernel.database import Instant
from server.kernel.prepared import Prepared
from server.kernel.statements import among
from server.packs.definition import PostRule
from server.tasks import governing
from server.tasks.models import Task, TaskEvent
from server.tasks.standing import ASSIGNED, DECLINED, DELIVERED, UNFINISHED, Standing

Pairs = Collection[tuple[str, str]]
"""(member, area)"""
Posts = Sequence[PostRule]
WAITING = (ASSIGNED, DELIVERED, DECLINED)
"""Nobody has accepted it."""

_DAY = bindparam("day", type_=Date)
_AT = bindparam("at", type_=Instant)


# Absences


def listed(session: Session, scope: Scope, args: dict[str, Any]) -> Sequence[Any]:
    """Up to `limit` + 1 rows (Absence, tells_why) of members within reach, and one's own, by id.

    Why somebody is away is for that member and its superiors.
    """
    statement = _shown(scope)
    if args["member"] is not None:
        statement = statement.where(Absence.member == args["member"])
    if args["at"] is not None:
        statement = statement.where(_lasts(args["at"]))
    if args["after"] is not None:
        statement = statement.where(Absence.id > args["after"])
    return session.execute(statement.order_by(Absence.id).limit(args["limit"] + 1)).all()


def one(session: Session, scope: Scope, absence: str, lock: bool = False) -> Any:
    """(Absence, tells_why) if it is shown to the scope, else None."""
    statement = _shown(scope).where(Absence.id == absence)
    return session.execute(statement.with_for_update(of=Absence) if lock else statement).first()


def _shown(scope: Scope) -> Any:
    tells_why = scope.limited_to(SUPERIORS).covers_member(Absence.member)
    visible = scope.limited_to(STAFF).covers_member(Absence.member)
    return select(Absence, tells_why.label("tells_why")).where(visible)


def newest(session: Session, member: str | None, limit: int) -> Sequence[Absence]:
    """All absences, or the member's, the newest first."""
    statement = select(Absence)
    if member is not None:
        statement = statement.where(Absence.member == member)
    return session.scalars(statement.order_by(Absence.id.desc()).limit(limit)).all()


def _lasts(at: datetime) -> ColumnElement[bool]:
    not_ended = or_(Absence.ended_at.is_(None), Absence.ended_at > at)
    return and_(Absence.begins <= at, Absence.ends > at, not_ended)


def holds_post(session: Session, member: str, day: date) -> bool:
    """Whether the member is active and holds any post on `day`."""
    return bool(_HOLDING.all(session, members=[member], day=day))


def overlapping(session: Session, absence: Absence) -> str | None:
    """The id of another absence of the member that has a moment in common with this one."""
    other = select(Absence.id).where(
        Absence.member == absence.member,
        Absence.id != absence.id,
        Absence.begins < absence.ends,
        Absence.ends > absence.begins,
        or_(Absence.ended_at.is_(None), Absence.ended_at > absence.begins),
        # What was withdrawn before it began never lasted.
        or_(Absence.ended_at.is_(None), Absence.ended_at > Absence.begins),
    )
    return session.scalar(other.limit(1))


def begins(now: datetime) -> ColumnElement[bool]:
    """A condition: the absence is on, and nothing was made of it yet."""
    waits = and_(Absence.approved_by.is_not(None), Absence.begun_at.is_(None))
    on = and_(Absence.ended_at.is_(None), Absence.begins <= now, Absence.ends > now)
    return and_(waits, on)


def ends(now: datetime) -> ColumnElement[bool]:
    """A condition: the end of the absence has come."""
    return and_(Absence.ended_at.is_(None), Absence.begins <= now, Absence.ends <= now)


def turning(session: Session, turn: ColumnElement[bool]) -> Sequence[str]:
    """The absences of which the condition holds, by id."""
    return session.scalars(select(Absence.id).where(turn).order_by(Absence.id)).all()


def to_turn(session: Session, absence: str, turn: ColumnElement[bool]) -> Absence | None:
    """The absence, locked, if the condition still holds and nobody else is at it."""
    still = select(Absence).where(Absence.id == absence, turn)
    return session.scalars(still.with_for_update(skip_locked=True)).first()


def lent(session: Session, absence: str) -> dict[str, int]:
    """The tasks that were handed over for the absence, {task: assignment}."""
    statement = select(AbsenceTask.task, AbsenceTask.assignment)
    rows = session.execute(statement.where(AbsenceTask.absence == absence))
    return {row.task: row.assignment for row in rows}


# Who is there

_AWAY = Prepared(
    select(Absence.member, Absence.backup).where(
        Absence.approved_by.is_not(None),
        Absence.ended_at.is_(None),
        Absence.begins <= _AT,
        Absence.ends > _AT,
    )
)
_SEATS = Prepared(
    select(
        AreaClosure.descendant,
        AreaClosure.depth,
        Post.id,
        Post.member,
        Post.role,
        Post.area,
        Post.backup_of,
        Area.level,
        Post.code,
    )
    .join(Post, Post.area == AreaClosure.ancestor)
    .join(Member, Member.id == Post.member)
    .join(Area, Area.id == Post.area)
    .where(among(AreaClosure.__table__.c.descendant, "areas"), in_force(_DAY), Member.active)
    .order_by(AreaClosure.depth, Post.backup_of.is_not(None), Post.id)
)
_ADMINS = Prepared(
    select(Post.member)
    .join(Member, Member.id == Post.member)
    .where(Post.area.is_(None), Post.role == ADMIN, in_force(_DAY), Member.active)
    .order_by(Post.id)
)
_HOLDING = Prepared(
    select(Post.member)
    .join(Member, Member.id == Post.member)
    .where(among(Post.__table__.c.member, "members"), in_force(_DAY), Member.active)
)


def away(session: Session, at: datetime) -> dict[str, str | None]:
    """Who is absent at `at`, and whom the slip chose."""
    return {row.member: row.backup for row in _AWAY.all(session, at=at)}


def admins(session: Session, day: date) -> list[str]:
    """Who holds an admin's post on `day`."""
    return list(dict.fromkeys(row.member for row in _ADMINS.all(session, day=day)))


def ground(session: Session, areas: Iterable[str], at: datetime, day: date) -> Ground:
    """Who is there for these areas at `at`, which is on `day`."""
    absent = away(session, at)
    chosen = {member for member in absent.values() if member is not None}
    present = _HOLDING.all(session, members=chosen, day=day) if chosen else []
    return Ground(
        seats=_seats(session, set(areas), day),
        admins=admins(session, day),
        away=absent,
        present=frozenset(row.member for row in present),
        posts=_posts(session, set(areas), at),
    )


def _posts(session: Session, areas: Collection[str], at: datetime) -> dict[str, Posts]:
    """By area, the posts of the pack in force."""
    governed = governing.in_areas(session, areas, at)
    return {area: one.pack.posts for area, one in governed.items() if one.pack}


def _seats(session: Session, areas: Collection[str], day: date) -> dict[str, list[Seat]]:
    found: dict[str, list[Seat]] = {}
    for row in _SEATS.all(session, areas=areas, day=day):
        where = (row.area, row.depth, row.backup_of, row.level, row.code)
        seat = Seat(row.id, row.member, row.role, *where)
        found.setdefault(row.descendant, []).append(seat)
    return found


def offices(session: Session, pairs: Pairs, day: date) -> dict[tuple[str, str], Office]:
    """By (member, area), the last office that the member had and that reached it."""
    members, areas = {member for member, _ in pairs}, {area for _, area in pairs}
    rows = session.execute(
        select(Post.member, AreaClosure.descendant, Post.area, Post.role, Area.level, Post.code)
        .join(AreaClosure, AreaClosure.ancestor == Post.area)
        .join(Area, Area.id == Post.area)
        .where(Post.member.in_(members), AreaClosure.descendant.in_(areas), Post.from_day <= day)
        .order_by(Post.to_day, AreaClosure.depth.desc(), Post.id)
    )
    return {
        (row.member, row.descendant): Office(row.area, row.role, row.level, row.code)
        for row in rows
    }


# Tasks


def open_tasks(session: Session, member: str) -> dict[str, str]:
    """What the member still has to do and was promised to nobody else, {task: area}."""
    statement = select(Task.id, Task.area).where(
        Task.assignee == member, Task.state.in_(UNFINISHED), Task.pending_assignee.is_(None)
    )
    return {row.id: row.area for row in session.execute(_locked_in_order(statement))}


_IS_UNDONE = Task.state.in_(sorted(UNFINISHED))
_UNDONE = select(Task.id, Task.assignee, Task.area, Task.flags, Task.pending_assignee).where(
    _IS_UNDONE
)


def ownerless(session: Session, after: str | None, day: date, limit: int) -> Sequence[Any]:
    """Tasks (id, of: area) after an id whose owner left or holds no post on `day`, by id."""
    rows = select(Task.id, Task.area.label("of")).where(_IS_UNDONE, _is_left(day))
    if after is not None:
        rows = rows.where(Task.id > after)
    return session.execute(rows.order_by(Task.id).limit(limit)).all()


def left(session: Session, ids: Collection[str], day: date) -> Sequence[Any]:
    """Those of the tasks that are ownerless by now, locked."""
    statement = _UNDONE.where(Task.id.in_(ids), _is_left(day))
    return session.execute(_locked_in_order(statement)).all()


def _is_left(day: date) -> ColumnElement[bool]:
    held = select(Post.id).where(Post.member == Member.id, in_force(day)).exists()
    return Task.assignee.in_(select(Member.id).where(or_(~Member.active, ~held)))


def out_of_reach(session: Session, member: str, area: str, day: date) -> Sequence[Any]:
    """Tasks of the member in `area` and below it that no post of its reaches on `day`."""
    held = select(Post.area).where(Post.member == member, in_force(day), Post.area.is_not(None))
    reached = select(AreaClosure.descendant).where(AreaClosure.ancestor.in_(held))
    statement = _UNDONE.where(
        Task.assignee == member, Task.area.in_(below(area)), Task.area.not_in(reached)
    )
    return session.execute(_locked_in_order(statement)).all()


def _locked_in_order(statement: Any) -> Any:
    """Who waited for a row finds it as it is now, or not at all."""
    return statement.order_by(Task.id).with_for_update(of=Task)


# Lights and levels


def rising(now: datetime, limit: int, after: Any = None) -> Any:
    """Tasks (id, of: area, at) after such a row, whose next step is due, the longest due first."""
    # By the bare state SQLite would look at all that wait, and not along the timetable alone.
    state = Task.state.concat("")
    waits = and_(state.in_(WAITING), Task.suspended_at.is_(None), Task.pending_assignee.is_(None))
    due = and_(Task.escalate_at <= now, Task.escalate_at.is_not(None), waits)
    return by_moment(due, Task.escalate_at, limit, after)


def by_moment(condition: ColumnElement[bool], by: Any, limit: int, after: Any = None) -> Any:
    """Such rows of the tasks of which the condition holds, by the moment `by`."""
    rows = select(Task.id, Task.area.label("of"), by.label("at")).where(condition)
    if after is not None:
        rows = rows.where(by >= after.at, or_(by > after.at, Task.id > after.id))
    return rows.order_by(by, Task.id).limit(limit)


def levels_reached(session: Session, tasks: Iterable[Standing]) -> dict[str, str]:
    """To which levels tasks went up under their present assignments; the others are left out."""
    assignments = {task.id: task.assignment for task in tasks}
    statement = select(TaskEvent.task, TaskEvent.assignment, TaskEvent.detail).where(
        TaskEvent.task.in_(list(assignments)), TaskEvent.action == "escalate"
    )
    rows = session.execute(statement.order_by(TaskEvent.task, TaskEvent.no))
    return {row.task: row.detail["to"] for row in rows if row.assignment == assignments[row.task]}


def turned_yellow(now: datetime) -> ColumnElement[bool]:
    """A condition: the light is yellow, and nobody was told."""
    untold = Task.told_yellow.is_distinct_from(Task.yellow_at)
    return and_(_RUNS, Task.yellow_at <= now, or_(Task.due.is_(None), Task.due > now), untold)


def turned_red(now: datetime) -> ColumnElement[bool]:
    """A condition: the light is red, and nobody was told."""
    return and_(_RUNS, Task.due <= now, Task.told_red.is_distinct_from(Task.due))


_RUNS = and_(Task.done_at.is_(None), Task.closed_at.is_(None), Task.suspended_at.is_(None))
