"""Who may see what: derived from the token's member and today's posts, here and nowhere else."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from server.grid.models import AreaClosure, Post
from server.kernel.problems import Problem


@dataclass(frozen=True, slots=True)
class Holding:
    """One post held today; `area` None reaches everything."""

    role: str
    area: str | None


@dataclass(frozen=True, slots=True)
class Scope:
    """What a member reaches through the posts it holds today."""

    member: str
    holdings: tuple[Holding, ...]

    def limited_to(self, roles: Collection[str]) -> "Scope":
        """The same member, reaching only what posts of these roles reach."""
        return Scope(self.member, tuple(h for h in self.holdings if h.role in roles))

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

    def check_member(self, session: Session, member: str) -> None:
        """`forbidden` unless `member` is oneself or holds a post within reach, today or later."""
        if self.everything or member == self.member:
            return
        held = select(Post.id).where(Post.member == member, Post.area.in_(self.areas()))
        if session.execute(held).first() is None:
            raise Problem("forbidden")


def today(timezone: str, now: datetime) -> date:
    """The deployment's day at `now`."""
    return now.astimezone(ZoneInfo(timezone)).date()


def in_force(day: date) -> ColumnElement[bool]:
    """A condition on Post: held on `day`; `to_day` is the last day."""
    return (Post.from_day <= day) & (Post.to_day.is_(None) | (Post.to_day >= day))


def scope_of(session: Session, member: str, day: date) -> Scope:
    """The member's reach on `day`."""
    rows = session.execute(
        select(Post.role, Post.area).where(Post.member == member, in_force(day)).order_by(Post.id)
    )
    return Scope(member, tuple(Holding(role, area) for role, area in rows))
