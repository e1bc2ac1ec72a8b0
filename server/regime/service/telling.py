"""What the feed tells members about packs: those that hold where their live posts are."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.grid.models import Post
from server.kernel import feed
from server.kernel.feed import Change, Inbox
from server.regime import rules
from server.regime.books import Books, books
from server.regime.models import PackText, RegimeStamp
from server.regime.service.holding import the_pack

Told = dict[tuple[str, str], int]
"""(member, the feed's id of the pack) → its version."""


def turn_day(session: Session, day: date) -> None:
    """Packs begin and end with `day`; the second call of a day does nothing."""
    turned = session.execute(select(RegimeStamp.turned)).first()
    if turned is not None and turned[0] != day:
        settle(session, day)


def posts_changed(session: Session, members: Collection[str]) -> None:
    """Posts of these members, or what lies above them, are others now.

    Whoever installs a pack meanwhile is waited for, and waits.
    """
    turned = session.scalar(select(RegimeStamp.turned).with_for_update(read=True))
    if turned is not None:
        _settle(session, turned, members)


def settle(session: Session, day: date) -> None:
    """Tell everybody with a live post which packs hold there on `day`."""
    session.execute(update(RegimeStamp).values(turned=day))
    _settle(session, day, None)


def _settle(session: Session, day: date, members: Collection[str] | None) -> None:
    objects = _objects(session)
    wanted = _wanted(session, books(session), objects, day, members)
    told = _told(session, objects, members)
    puts = [Change(m, "pack", o, v) for (m, o), v in wanted.items() if (m, o) not in told]
    gone = [(m, o, v) for (m, o), v in told.items() if (m, o) not in wanted]
    removes = [Change(m, "pack", o, v, "remove", "no_longer_in_force") for m, o, v in gone]
    feed.publish(session, removes + puts)


def _objects(session: Session) -> dict[str, str]:
    """The feed's id of every installed pack, by ref."""
    rows = session.execute(select(PackText.id, PackText.version, PackText.object))
    return {f"{id_}@{version}": object_ for id_, version, object_ in rows}


def _wanted(
    session: Session,
    held: Books,
    objects: dict[str, str],
    day: date,
    members: Collection[str] | None,
) -> Told:
    posts = select(Post.member, Post.area).where(Post.live)
    if members is not None:
        posts = posts.where(Post.member.in_(members))
    refs = {(member, held.ref(area, day)) for member, area in session.execute(posts.distinct())}
    return {(m, objects[ref]): _version(ref) for m, ref in sorted(refs, key=str) if ref is not None}


def _told(session: Session, objects: dict[str, str], members: Collection[str] | None) -> Told:
    """What they were told last; of whoever has no live post any more, posts_changed is told."""
    whose = members if members is not None else select(Post.member).where(Post.live)
    rows = session.execute(
        select(Inbox.member, Inbox.object, Inbox.version).where(
            Inbox.member.in_(whose), Inbox.object.in_(list(objects.values())), Inbox.op == "put"
        )
    )
    return {(member, object_): version for member, object_, version in rows}


def _version(ref: str) -> int:
    return int(ref.rpartition("@")[2])


def render(session: Session, member: str, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Feed bodies of `pack`: what holds where the member has live posts, as it was told."""
    day = session.scalar(select(RegimeStamp.turned))
    if day is None:
        return {}
    held, objects = books(session), _objects(session)
    areas = session.scalars(select(Post.area).where(Post.member == member, Post.live).distinct())
    terms = [term for area in areas if (term := held.term(area, day)) is not None]
    return {
        objects[term.ref]: rules.for_devices(the_pack(session, held, term.ref), term.from_day)
        for term in sorted(terms, key=lambda term: term.from_day, reverse=True)
        if objects[term.ref] in ids
    }
