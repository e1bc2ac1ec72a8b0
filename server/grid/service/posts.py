"""Posts (岗位): who holds which role where and when; given and ended here."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.grid import rules
from server.grid.models import Area, Member, Post
from server.grid.queries import lives_on
from server.grid.scope import Scope, lasts_beyond
from server.grid.service import reach
from server.kernel import audit
from server.kernel.problems import Problem, invalid


def show(session: Session, scope: Scope, id_: str) -> Post:
    """The post if it is one's own or its area within reach, else `not_found`."""
    within = scope.covers_or_own(Post.area, Post.member)
    post = session.scalar(select(Post).where(Post.id == id_, within))
    if post is None:
        raise Problem("not_found")
    return post


def create(session: Session, scope: Scope, data: dict[str, Any]) -> Post:
    """Give a post; see the rules for what is refused. It is on the feed when it is in force."""
    _check_may_give(session, scope, data["role"], data["area"])
    scope.check_member(session, data["member"])
    _lock(session, data["area"], scope.day)
    if not session.scalar(select(Member.active).where(Member.id == data["member"])):
        raise invalid("member", "reference_unknown")
    post = Post(**data, version=1, live=False)
    post.code = post.code or _code_backed(session, post)
    _check(session, post)
    session.add(post)
    session.flush()
    reach.settle_posts(session, scope.day)
    audit.note(session, scope.member, "post.create", post.id, **_facts(post))
    return post


def change(session: Session, scope: Scope, id_: str, version: int, changes: dict[str, Any]) -> Post:
    """Set the last day of a post (or none) or its code; `version_old` if somebody changed it."""
    post = _own(session, scope, id_)
    _lock(session, post.area, scope.day)
    if post.version != version:
        raise Problem("version_old")
    with session.no_autoflush:
        for name, value in changes.items():
            setattr(post, name, value)
        _check(session, post)
    _save(session, scope, post, "post.change")
    return post


def end(session: Session, scope: Scope, id_: str) -> Post:
    """End a post at once: its last day is the day before; one that ended before stays as it is."""
    post = _own(session, scope, id_)
    if post.to_day is None or post.to_day >= scope.day:
        post.to_day = scope.day - timedelta(days=1)
        _save(session, scope, post, "post.end")
    return post


def end_all(session: Session, member: str, day: date) -> None:
    """End at once every post that the member holds on `day` or later."""
    session.execute(
        update(Post)
        .where(Post.member == member, lasts_beyond(day))
        .values(to_day=day - timedelta(days=1), version=Post.version + 1)
    )
    reach.settle_posts(session, day)


def _own(session: Session, scope: Scope, id_: str) -> Post:
    """The post, locked, if one may take it away; `not_found` out of reach, else `forbidden`."""
    statement = select(Post).where(Post.id == id_, scope.covers(Post.area)).with_for_update()
    post = session.scalar(statement)
    if post is None:
        raise Problem("not_found")
    _check_may_give(session, scope, post.role, post.area)
    return post


def _check_may_give(session: Session, scope: Scope, role: str, area: str | None) -> None:
    scope.limited_to(rules.GIVERS[role]).check_area(session, area)


def _lock(session: Session, area: str | None, day: date) -> None:
    """Others who give posts of the area wait; `reference_unknown` unless the area is live."""
    if area is None:
        return
    live = select(Area.id).where(Area.id == area, lives_on(day)).with_for_update()
    if session.scalar(live) is None:
        raise invalid("area", "reference_unknown")


def _check(session: Session, post: Post) -> None:
    seat = _seat(post)
    rules.check_seat(seat)
    if post.backup_of is not None:
        backed = session.get(Post, post.backup_of)
        rules.check_backup(seat, _seat(backed) if backed else None)
    rows = session.scalars(select(Post).where(Post.area == post.area, Post.role == post.role))
    rules.check_single(seat, [_seat(row) for row in rows])


def _code_backed(session: Session, post: Post) -> str | None:
    """A backup is the post that it backs, unless it says otherwise."""
    return session.scalar(select(Post.code).where(Post.id == post.backup_of))


def _seat(post: Post) -> rules.Seat:
    period = rules.Period(post.from_day, post.to_day)
    return rules.Seat(post.id, post.member, post.role, post.area, period, post.backup_of, post.code)


def _save(session: Session, scope: Scope, post: Post, act: str) -> None:
    post.version += 1
    session.flush()
    reach.settle_posts(session, scope.day)
    audit.note(session, scope.member, act, post.id, **_facts(post))


def _facts(post: Post) -> dict[str, Any]:
    return {
        "member": post.member,
        "role": post.role,
        "code": post.code,
        "area": post.area,
        "to_day": post.to_day and post.to_day.isoformat(),
    }
