"""What is read of pushes, and of the areas and posts that they reach."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import or_, select, true
from sqlalchemy.orm import Session

from server.dispatch.pushes.models import Push, PushTarget
from server.dispatch.pushes.rules import Ground, Seat
from server.grid.listing import Asked, Listing
from server.grid.models import Area, AreaClosure, Member, Post
from server.grid.queries import below, lives_on
from server.grid.roles import WORKER
from server.grid.scope import Scope, in_force

# Who made it, and who reaches the area it lies in.
SHOWN = Listing(Push, Push.area, Push.created_by, own=True)
AT_A_TIME = 500
"""So many values go into one list of a condition: SQLite takes a limited number."""


def listed(session: Session, scope: Scope, args: dict[str, Any]) -> Sequence[Push]:
    """Up to `limit` + 1 pushes that the member may see, by id."""
    return SHOWN.page(session, scope, Asked(args["after"], args["limit"], args["area"], None, []))


def shown(session: Session, scope: Scope, push: str) -> Push | None:
    """The push if the member may see it."""
    return session.scalars(select(Push).where(Push.id == push, SHOWN.visible(scope))).first()


def area_of_post(session: Session, post: str, day: date) -> Any:
    """(member, area) of a post held on `day`."""
    held = select(Post.member, Post.area).where(Post.id == post, in_force(day))
    return session.execute(held).first()


def grounds(session: Session, scope: Scope, area: str | None) -> list[Ground]:
    """The areas that live within `area`, or within reach where it is None, by code."""
    within = select(Area.id, Area.parent, Area.level).where(
        lives_on(scope.day), scope.covers(Area.id), _below(area)
    )
    return [Ground(*row) for row in session.execute(within.order_by(Area.tree, Area.code))]


def _below(area: str | None) -> Any:
    return true() if area is None else Area.id.in_(below(area))


def seats(
    session: Session, scope: Scope, area: str | None, role: str, code: str | None = None
) -> list[Seat]:
    """The posts of the role that are held within `area`, in the order of its areas.

    With a `code`, those of this post of the pack and those without one.
    """
    held = (
        select(Post.member, Post.area, Post.backup_of.is_not(None))
        .join(Area, Area.id == Post.area)
        .join(Member, Member.id == Post.member)
        .where(Post.role == role, in_force(scope.day), Member.active, lives_on(scope.day))
        .where(scope.covers(Area.id), _below(area))
        .order_by(Area.tree, Area.code, Post.id)
    )
    if code is not None:
        held = held.where(or_(Post.code.is_(None), Post.code == code))
    rows: Iterable[Any] = session.execute(held)
    return [Seat(*row) for row in rows]


def seats_above(session: Session, areas: Collection[str], day: date) -> list[Seat]:
    """The worker posts that look after the areas: their own, and those of the areas above."""
    acting = (
        select(Post.member, AreaClosure.descendant, Post.backup_of.is_not(None), AreaClosure.depth)
        .join(AreaClosure, AreaClosure.ancestor == Post.area)
        .join(Member, Member.id == Post.member)
        .where(Post.role == WORKER, in_force(day), Member.active)
        .order_by(Post.id)
    )
    rows = _each(session, acting, AreaClosure.descendant, areas)
    return [Seat(*row) for row in rows]


def homes(session: Session, members: Collection[str], day: date) -> dict[str, str]:
    """By member the area of its first worker post on `day`, else of its first post with an area."""
    held = (
        select(Post.member, Post.area)
        .join(Member, Member.id == Post.member)
        .where(in_force(day), Post.area.is_not(None), Member.active)
        .order_by(Post.role == WORKER, Post.id.desc())
    )
    return {member: area for member, area in _each(session, held, Post.member, members)}


def in_reach(session: Session, scope: Scope, areas: Collection[str]) -> set[str]:
    """Those of the areas that live and are within reach."""
    live = select(Area.id).where(lives_on(scope.day), scope.covers(Area.id))
    return {row.id for row in _each(session, live, Area.id, areas)}


def known(session: Session, areas: Collection[str]) -> set[str]:
    """Those of the areas that there are."""
    return {row.id for row in _each(session, select(Area.id), Area.id, areas)}


def members_in_reach(session: Session, scope: Scope, members: Collection[str]) -> set[str]:
    """Those of the members who are active and within reach."""
    active = select(Member.id).where(Member.active, scope.covers_member(Member.id))
    return {row.id for row in _each(session, active, Member.id, members)}


def _each(session: Session, statement: Any, column: Any, values: Collection[str]) -> Iterator[Any]:
    wanted = sorted(set(values))
    for start in range(0, len(wanted), AT_A_TIME):
        some = wanted[start : start + AT_A_TIME]
        yield from session.execute(statement.where(column.in_(some)))


def push_of(session: Session, push: str) -> Push | None:
    """A push, whoever may see it."""
    return session.get(Push, push)


def to_do(session: Session, push: str, most: int) -> Sequence[PushTarget]:
    """The first tasks of the push that are not yet given and that no other driver has, locked."""
    free = select(PushTarget).where(PushTarget.push == push, ~PushTarget.done)
    first = free.order_by(PushTarget.no).limit(most)
    return session.scalars(first.with_for_update(skip_locked=True)).all()


def unfinished(session: Session) -> Sequence[str]:
    """The pushes that have something to do."""
    return session.scalars(select(Push.id).where(Push.done_at.is_(None)).order_by(Push.id)).all()
