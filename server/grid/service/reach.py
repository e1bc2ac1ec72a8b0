"""What the feed tells members about their areas (网格), their posts (岗位) and themselves.

A member reaches the areas of its live posts and all live areas below them. `live` is switched by
`turn_day`, which the scheduler calls when a day begins, and at once by whoever changes a period; so
what a device was told never depends on the moment at which somebody asks.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, not_, or_, select, update
from sqlalchemy.orm import Session

from server.grid.models import Area, AreaClosure, Member, Post
from server.grid.queries import lives_on
from server.grid.scope import in_force
from server.kernel import events, feed

Reach = dict[tuple[str, str], int]
"""(member, area) → version of the area."""


def reach(session: Session, condition: ColumnElement[bool]) -> Reach:
    """Who reaches which area now, where `condition` (on Post and Area) holds."""
    rows = session.execute(
        select(Post.member, Area.id, Area.version)
        .join(AreaClosure, AreaClosure.ancestor == Post.area)
        .join(Area, Area.id == AreaClosure.descendant)
        .where(Post.live, Area.live, condition)
        .distinct()
    )
    return {(member, area): version for member, area, version in rows}


def publish_change(
    session: Session, before: Reach, after: Reach, touched: Collection[str] = ()
) -> None:
    """Tell who lost an area, who gained one, and who reaches one of the areas `touched`."""
    lost = [pair for pair in before if pair not in after]
    gained = [pair for pair in after if pair not in before or pair[1] in touched]
    removes = [
        feed.Change(member, "area", area, before[member, area], "remove", "out_of_reach")
        for member, area in lost
    ]
    puts = [feed.Change(member, "area", area, after[member, area]) for member, area in gained]
    feed.publish(session, removes + puts)


def publish_members(session: Session, members: Iterable[str]) -> None:
    """Raise the versions of the members' own records and put them on their feeds."""
    raised = session.execute(
        update(Member)
        .where(Member.id.in_(sorted(set(members))))
        .values(version=Member.version + 1)
        .returning(Member.id, Member.version)
    )
    feed.publish(session, [feed.Change(id_, "member", id_, version) for id_, version in raised])


def turn_day(session: Session, day: date) -> None:
    """Let posts and areas begin and end with `day`; the second call of a day does nothing."""
    settle_areas(session, day)
    settle_posts(session, day)


def settle_areas(session: Session, day: date) -> None:
    """Switch on the areas that are valid on `day`, switch off those that are not, and tell."""
    outdated = session.scalars(select(Area.id).where(_outdated(Area.live, lives_on(day)))).all()
    if not outdated:
        return
    concerned = Area.id.in_(outdated)
    before = reach(session, concerned)
    session.execute(update(Area).where(concerned).values(live=not_(Area.live)))
    publish_change(session, before, reach(session, concerned))


def settle_posts(session: Session, day: date) -> None:
    """Switch on the posts in force on `day`, switch off those that are not, and tell."""
    outdated = session.execute(
        select(Post.id, Post.member, Post.area, Post.live).where(
            _outdated(Post.live, in_force(day))
        )
    ).all()
    if not outdated:
        return
    members = sorted({post.member for post in outdated})
    concerned = Post.member.in_(members)
    before = reach(session, concerned)
    ids = [post.id for post in outdated]
    session.execute(update(Post).where(Post.id.in_(ids)).values(live=not_(Post.live)))
    publish_change(session, before, reach(session, concerned))
    publish_members(session, members)
    events.tell(session, events.POSTS_CHANGED, members)
    ended = [(post.id, post.member, post.area) for post in outdated if post.live]
    if ended:
        events.tell(session, events.POSTS_ENDED, ended)


def _outdated(live: Any, wanted: ColumnElement[bool]) -> ColumnElement[bool]:
    return or_(and_(live, not_(wanted)), and_(not_(live), wanted))


def render_areas(session: Session, member: str, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Feed bodies of `area`, those within the member's reach only."""
    within = reach(session, and_(Post.member == member, Area.id.in_(ids)))
    rows = session.scalars(select(Area).where(Area.id.in_([area for _, area in within])))
    names = ("id", "tree", "level", "code", "name", "geometry", "parent", "version")
    return {area.id: {name: getattr(area, name) for name in names} for area in rows}


def render_members(session: Session, member: str, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Feed bodies of `member`: a member learns of itself only."""
    return {member: own_record(session, member)} if member in ids else {}


def own_record(session: Session, member: str) -> dict[str, Any]:
    """What a member's device knows of its member: name, language, roles and live posts."""
    row = session.execute(
        select(Member.id, Member.name, Member.language, Member.version).where(Member.id == member)
    ).one()
    posts = session.execute(
        select(Post.id, Post.role, Post.area, Area.name.label("area_name"), Post.backup_of)
        .outerjoin(Area, Area.id == Post.area)
        .where(Post.member == member, Post.live)
        .order_by(Post.id)
    ).all()
    return {
        "id": row.id,
        "name": row.name,
        "language": row.language,
        "version": row.version,
        "roles": sorted({post.role for post in posts}),
        "posts": [dict(post._mapping) for post in posts],
    }
