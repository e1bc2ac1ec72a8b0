"""What the rooms ask about areas, members, posts and devices, and the lists that people see."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, bindparam, func, or_, select
from sqlalchemy.orm import Session

from server.grid.models import Area, AreaClosure, Device, Member, PersonToken, Post, Tree
from server.grid.roles import WORKER
from server.grid.rules import canonical_name
from server.grid.scope import Scope, in_force
from server.kernel.feed import Inbox
from server.kernel.prepared import Prepared

Row = Any


def lives_on(day: date) -> ColumnElement[bool]:
    """A condition on Area: valid on `day`; `valid_to` is the last day."""
    begun = or_(Area.valid_from.is_(None), Area.valid_from <= day)
    return begun & or_(Area.valid_to.is_(None), Area.valid_to >= day)


# What other rooms ask


def below(area: str) -> Select[Any]:
    """A subquery of the ids of the area and of all areas below it."""
    return select(AreaClosure.descendant).where(AreaClosure.ancestor == area)


_HELD = select(Post.area).where(
    Post.member == bindparam("member"),
    in_force(bindparam("day", type_=Date)),
    Post.area.is_not(None),
)
_REACHED = Prepared(
    select(AreaClosure.descendant).where(AreaClosure.ancestor.in_(_HELD)).distinct()
)
_POSTS = Prepared(select(Post.area, Post.live).where(Post.member == bindparam("member")))
_LOCK = Prepared(
    select(Member.active)
    .where(Member.id == bindparam("member"))
    # Rows that name the member can be written all the same.
    .with_for_update(key_share=True)
)
_HOME = Prepared(_HELD.order_by(Post.role != WORKER, Post.id).limit(1))


def lock_member(session: Session, member: str) -> bool:
    """Whoever else locks the member waits until the commit; whether the member is active.

    Before its devices, shifts, items and tasks: whoever wants several of them begins here.
    """
    row = _LOCK.first(session, member=member)
    return row is not None and row.active


def post_areas(session: Session, member: str, day: date) -> list[str]:
    """Ids of the areas of the member's posts on `day`, and of all areas below them."""
    return [row.descendant for row in _REACHED.all(session, member=member, day=day)]


def home_area(session: Session, member: str, day: date) -> str | None:
    """The area of the member's first worker post on `day`, else of its first post with an area."""
    row = _HOME.first(session, member=member, day=day)
    return row and row.area


def device_areas(session: Session, member: str) -> list[str | None]:
    """Where somebody sees the member's devices: the areas of its posts, of all that it had before.

    None for a post without an area; see `Scope.covers_member`.
    """
    posts = _POSTS.all(session, member=member)
    return [post.area for post in posts if post.live] or [post.area for post in posts]


def holders(session: Session, area: str, roles: Collection[str], day: date) -> list[str]:
    """Members holding one of `roles` over `area` on `day`.

    The nearest come first: posts of the area itself, then of those above it; backups (AB岗) after
    those they back.
    """
    rows = session.scalars(
        select(Post.member)
        .join(AreaClosure, AreaClosure.ancestor == Post.area)
        .where(AreaClosure.descendant == area, Post.role.in_(roles), in_force(day))
        .order_by(AreaClosure.depth, Post.backup_of.is_not(None), Post.id)
    )
    return list(dict.fromkeys(rows))


def member_devices(session: Session, member: str) -> list[Device]:
    """The member's devices that may still speak: active and draining."""
    alive = select(Device).where(Device.member == member, Device.state != "revoked")
    return list(session.scalars(alive.order_by(Device.install)))


def roles_of(session: Session, members: Collection[str], day: date) -> dict[str, list[str]]:
    """The roles that each of `members` holds on `day`, in alphabetical order."""
    held: dict[str, list[str]] = {member: [] for member in members}
    rows = session.execute(
        select(Post.member, Post.role)
        .where(Post.member.in_(members), in_force(day))
        .distinct()
        .order_by(Post.role)
    )
    for member, role in rows:
        held[member].append(role)
    return held


# Lists; each gives one row more than `limit` if there is more


def trees(session: Session, after: str | None, limit: int) -> Sequence[Tree]:
    """Trees by code."""
    statement = select(Tree).order_by(Tree.code).limit(limit + 1)
    if after is not None:
        statement = statement.where(Tree.code > after)
    return session.scalars(statement).all()


def areas(session: Session, scope: Scope, args: dict[str, Any]) -> Sequence[Area]:
    """Areas within reach; `tree`, `parent`, `level` narrow."""
    statement = select(Area).where(scope.covers(Area.id))
    for name in ("tree", "parent", "level"):
        if args[name] is not None:
            statement = statement.where(getattr(Area, name) == args[name])
    return session.scalars(_paged(statement, Area.id, args)).all()


def members(session: Session, scope: Scope, args: dict[str, Any]) -> Sequence[Member]:
    """Members within reach; `q` is looked for in names and user names."""
    statement = select(Member).where(scope.covers_member(Member.id))
    if args["q"]:
        in_name = Member.name.contains(args["q"], autoescape=True)
        in_username = Member.username.contains(canonical_name(args["q"]), autoescape=True)
        statement = statement.where(or_(in_name, in_username))
    return session.scalars(_paged(statement, Member.id, args)).all()


def posts(session: Session, scope: Scope, args: dict[str, Any]) -> Sequence[Post]:
    """Posts of areas within reach, and one's own; `member`, `area`, `role` narrow."""
    statement = select(Post).where(scope.covers_or_own(Post.area, Post.member))
    for name in ("member", "area", "role"):
        if args[name] is not None:
            statement = statement.where(getattr(Post, name) == args[name])
    return session.scalars(_paged(statement, Post.id, args)).all()


def devices(session: Session, scope: Scope, args: dict[str, Any]) -> Sequence[Row]:
    """(Device, undelivered) of members within reach; `member` narrows. See `_undelivered`."""
    statement = select(Device, _undelivered()).where(scope.covers_member(Device.member))
    if args["member"] is not None:
        statement = statement.where(Device.member == args["member"])
    return session.execute(_paged(statement, Device.install, args)).all()


def device(session: Session, scope: Scope, install: str) -> Row | None:
    """(Device, undelivered) if it is within reach."""
    statement = select(Device, _undelivered()).where(
        Device.install == install, scope.covers_member(Device.member)
    )
    return session.execute(statement).first()


def api_tokens(session: Session, member: str, args: dict[str, Any]) -> Sequence[PersonToken]:
    """The member's own API tokens, the revoked ones too."""
    statement = select(PersonToken).where(PersonToken.member == member, PersonToken.kind == "api")
    return session.scalars(_paged(statement, PersonToken.id, args)).all()


def _undelivered() -> Any:
    """How many objects of the member's inbox the device has not acknowledged."""
    return (
        select(func.count())
        .select_from(Inbox)
        .where(Inbox.member == Device.member, Inbox.seq > Device.cursor)
        .scalar_subquery()
        .label("undelivered")
    )


def _paged(statement: Select[Any], column: Any, args: dict[str, Any]) -> Select[Any]:
    if args["after"] is not None:
        statement = statement.where(column > args["after"])
    return statement.order_by(column).limit(args["limit"] + 1)
