"""Pages of long lists, as quick for who sees nearly all of a list as for who sees little of it.

PostgreSQL chooses its way by what it has counted. SQLite has counted nothing: it would gather and
sort all that the areas within reach hold, however few rows are asked for. There the areas are
walked side by side, each along its index: n rows out of k areas take k + n look-ups.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    column,
    nulls_last,
    select,
    table,
    true,
    union,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from server.grid.models import Area, AreaClosure
from server.grid.queries import below
from server.grid.scope import Scope

Conditions = Sequence[ColumnElement[bool]]
# The walk as it knows itself: an area, and how far it has come there.
_WALK = table("walk", column("area"), column("id"))


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page is asked for: up to `limit` + 1 rows after an id, by id.

    `area` stands for itself and all below it; `narrowed` are conditions on the other columns.
    `by_area`: an index by area knows what is asked for, and none knows it for all areas together.
    """

    after: str | None
    limit: int
    area: str | None
    member: str | None
    narrowed: Conditions
    by_area: bool = False

    @classmethod
    def of(cls, args: dict[str, Any], narrowed: Conditions, member: str = "member") -> "Asked":
        """By the arguments of a request, in which `member` may have another name."""
        return cls(args["after"], args["limit"], args["area"], args[member], narrowed)

    @property
    def most(self) -> int:
        return self.limit + 1


@dataclass(frozen=True, slots=True)
class Listing:
    """A table with the columns `id`, `area`, `member` and the indexes (area, id), (member, id).

    `own` tells whether members see what is theirs wherever it lies.
    """

    model: Any
    area: InstrumentedAttribute[Any]
    member: InstrumentedAttribute[Any]
    own: bool = False

    def visible(self, scope: Scope) -> ColumnElement[bool]:
        """A condition: the row is shown to the scope."""
        if self.own:
            return scope.covers_or_own(self.area, self.member)
        return scope.covers(self.area)

    def page(self, session: Session, scope: Scope, asked: Asked) -> Sequence[Any]:
        """The rows that the scope shows and that are asked for."""
        dialect = session.get_bind().dialect.name
        return session.scalars(self.statement(dialect, scope, asked)).all()

    def statement(self, dialect: str, scope: Scope, asked: Asked) -> Select[Any]:
        """What `page` asks the database."""
        is_of_all = scope.everything and asked.area is None and not asked.by_area
        if asked.member is not None or is_of_all:
            return self._filtered(scope, asked)
        areas = _reached(scope, asked.area)
        if dialect == "sqlite":
            return self._out_of(select(self._walk(areas, asked).c.id), scope, asked)
        if asked.by_area:
            return self._out_of(self._firsts(areas, asked), scope, asked)
        return self._filtered(scope, asked)

    def _filtered(self, scope: Scope, asked: Asked) -> Select[Any]:
        """The page as its conditions tell it, along the ids of all or of the member's rows."""
        whose = true() if asked.member is None else self.member == asked.member
        conditions = (self.visible(scope), self._below(asked.area), whose, *asked.narrowed)
        return self._first(self.model, conditions, asked.after, asked.most)

    def _out_of(self, ids: Select[Any], scope: Scope, asked: Asked) -> Select[Any]:
        """The page out of the first rows of the areas and the first ones of one's own."""
        either = union(ids, select(self._mine(scope, asked))) if self.own else ids
        return self._first(self.model, [self.model.id.in_(either)], None, asked.most)

    def _firsts(self, areas: Select[Any], asked: Asked) -> Select[Any]:
        """The first rows of all the areas, out of a page of each."""
        area = areas.distinct().subquery()
        conditions = (self.area == area.c.descendant, *asked.narrowed)
        page = self._first(self.model.id, conditions, asked.after, asked.most).lateral()
        ids = select(page.c.id).select_from(area.join(page, true()))
        return select(ids.order_by(page.c.id).limit(asked.most).subquery())

    def _walk(self, areas: Select[Any], asked: Asked) -> CTE:
        """The first rows of all the areas: SQLite takes the least id of its queue at each step."""
        start = areas.distinct().subquery().c.descendant.label("area")
        begun = select(start, self._next(start, asked.after, asked).label("id"))
        going = select(_WALK.c.area, self._next(_WALK.c.area, _WALK.c.id, asked))
        steps = union_all(begun, going.where(_WALK.c.id.is_not(None)))
        # An area that is through has no next row; it waits behind all that have one.
        in_order = steps.order_by(nulls_last(column("id"))).limit(asked.most)
        return in_order.cte("walk", recursive=True)

    def _next(self, area: Any, after: Any, asked: Asked) -> Any:
        conditions = (self.area == area, *asked.narrowed)
        found = self._first(self.model.id, conditions, after, 1)
        return found.correlate_except(self.model).scalar_subquery()

    def _mine(self, scope: Scope, asked: Asked) -> Any:
        conditions = (self.member == scope.member, self._below(asked.area), *asked.narrowed)
        return self._first(self.model.id, conditions, asked.after, asked.most).subquery()

    def _first(self, what: Any, conditions: Conditions, after: Any, most: int) -> Select[Any]:
        beyond = true() if after is None else self.model.id > after
        return select(what).where(beyond, *conditions).order_by(self.model.id).limit(most)

    def _below(self, area: str | None) -> ColumnElement[bool]:
        return true() if area is None else self.area.in_(below(area))


def _reached(scope: Scope, area: str | None) -> Select[Any]:
    """A subquery of the ids of the areas within reach, those below `area` if it is given."""
    if area is None:
        return select(Area.id.label("descendant")) if scope.everything else scope.areas()
    return below(area).where(scope.covers(AreaClosure.descendant))
