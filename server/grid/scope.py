"""Who may see what: derived from the token's member and today's posts, here and nowhere else."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from server.grid.models import AreaClosure, Member, Post
from server.kernel.problems import Problem

Day = date | ColumnElement[date]


@dataclass(frozen=True, slots=True)
class Holding:
    """One post held today; `area` None reaches everything."""

    role: str
    area: str | None


@dataclass(frozen=True, slots=True)
class Scope:
    """What a member reaches through the posts it holds on `day`, which is today."""

    member: str
    day: date
    holdings: tuple[Holding, ...]

    def limited_to(self, roles: Collection[str]) -> "Scope":
        """The same member, reaching only what posts of these roles reach."""
        return Scope(self.member, self.day, tuple(h for h in self.holdings if h.role in roles))

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(h.role for h in self.holdings)

    @property
    def everything(self) -> bool:
        return any(h.area is None for h in self.holdings)

    @property
    def roots(self) -> list[str]:
        """The areas of the posts; each stands for itself and all below it."""
        return sorted({h.area for h in self.holdings if h.area is not None})

    def areas(self) -> Select[Any]:
        """A subquery of the ids of every area within reach."""
        return select(AreaClosure.descendant).where(AreaClosure.ancestor.in_(self.roots))

    def covers(self, column: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
        """A condition: the row's area `column` lies within reach."""
        return true() if self.everything else column.in_(self.areas())

    def covers_or_own(
        self, column: InstrumentedAttribute[Any], member: InstrumentedAttribute[Any]
    ) -> ColumnElement[bool]:
        """The same, or the row belongs to the member itself."""
        return or_(self.covers(column), member == self.member)

    def check_area(self, session: Session, area: str | None) -> None:
        """`forbidden` unless `area` lies within reach."""
        if self.everything:
            return
        within = self.areas().where(AreaClosure.descendant == area)
        if area is None or session.execute(within).first() is None:
            raise Problem("forbidden")

    def covers_member(self, column: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
        """A condition: the member `column` is oneself or within reach.

        Within reach is who holds a post there, today or later; who held one there and holds none
        any more; and whom one wrote down oneself and who never held any.
        """
        if self.everything:
            return true()
        post, member = aliased(Post), aliased(Member)
        ever = select(post.id).where(post.member == column)
        within = ever.where(post.area.in_(self.areas()))
        lasting = lasts_beyond(self.day, post)
        mine = select(member.id).where(member.id == column, member.created_by == self.member)
        return or_(
            column == self.member,
            within.where(lasting).exists(),
            and_(within.exists(), ~ever.where(lasting).exists()),
            and_(mine.exists(), ~ever.exists()),
        )

    def check_member(self, session: Session, member: str) -> None:
        """`forbidden` unless `member` lies within reach; see `covers_member`."""
        if self.everything:
            return
        found = select(Member.id).where(Member.id == member, self.covers_member(Member.id))
        if session.execute(found).first() is None:
            raise Problem("forbidden")


def today(timezone: str, now: datetime) -> date:
    """The deployment's day at `now`."""
    return now.astimezone(ZoneInfo(timezone)).date()


def lasts_beyond(day: Day, post: Any = Post) -> ColumnElement[bool]:
    """A condition on Post (or an alias of it): held on `day` or later."""
    return or_(post.to_day.is_(None), post.to_day >= day)


def in_force(day: Day) -> ColumnElement[bool]:
    """A condition on Post: held on `day`; `to_day` is the last day."""
    return and_(Post.from_day <= day, lasts_beyond(day))


def scope_of(session: Session, member: str, day: date) -> Scope:
    """The member's reach on `day`."""
    rows = session.execute(
        select(Post.role, Post.area).where(Post.member == member, in_force(day)).order_by(Post.id)
    )
    return Scope(member, day, tuple(Holding(role, area) for role, area in rows))
