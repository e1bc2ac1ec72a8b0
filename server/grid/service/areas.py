"""Trees and their areas (网格): making, changing, moving and ending them."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, literal, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from server.grid import rules
from server.grid.locate import renew_stamp
from server.grid.models import Area, AreaClosure, Post, Tree
from server.grid.queries import below
from server.grid.scope import Scope
from server.grid.service import reach
from server.kernel import audit, events, geo
from server.kernel.ids import uuid7
from server.kernel.problems import Problem, invalid

SHAPING = {"geometry", "valid_from", "valid_to"}
"""Changes of these are checked against the neighbours."""


def create_tree(session: Session, scope: Scope, data: dict[str, Any]) -> Tree:
    """A new tree with its levels from the top down; `code_taken`."""
    if not scope.everything:
        raise Problem("forbidden")
    rules.check_levels(data["levels"])
    tree = Tree(**data)
    session.add(tree)
    _flush(session)
    audit.note(session, scope.member, "tree.create", tree.code)
    return tree


def show(session: Session, scope: Scope, id_: str, lock: bool = False) -> Area:
    """The area if it is within reach, else `not_found`."""
    statement = select(Area).where(Area.id == id_, scope.covers(Area.id))
    area = session.scalar(statement.with_for_update() if lock else statement)
    if area is None:
        raise Problem("not_found")
    return area


def create(session: Session, scope: Scope, data: dict[str, Any]) -> Area:
    """A new area below its parent; one without a parent needs a reach without bounds."""
    renew_stamp(session)
    _check_may_put_below(session, scope, data["parent"])
    tree = session.get(Tree, data["tree"])
    if tree is None:
        raise invalid("tree", "reference_unknown")
    area = Area(**data, id=uuid7(), version=1, live=False)
    _check_place(session, tree, area)
    _check_facts(area)
    _draw(session, area)
    session.add(area)
    _flush(session)
    session.add(AreaClosure(ancestor=area.id, descendant=area.id, depth=0))
    _link(session, area)
    reach.settle_areas(session, scope.day)
    audit.note(session, scope.member, "area.create", area.id, code=area.code)
    return area


def change(session: Session, scope: Scope, id_: str, version: int, data: dict[str, Any]) -> Area:
    """Change what `data` names; `version_old` if somebody else did since `version`."""
    renew_stamp(session)
    area = show(session, scope, id_, lock=True)
    if area.version != version:
        raise Problem("version_old")
    concerned = Area.id.in_(below(id_))
    before = reach.reach(session, concerned)
    with session.no_autoflush:
        moved = _apply(session, scope, area, data)
    _flush(session)
    if moved:
        _unlink(session, area)
        _link(session, area)
        events.tell(session, events.POSTS_CHANGED, _posted(session, below(id_)))
    reach.publish_change(session, before, reach.reach(session, concerned), {id_})
    if "name" in data:
        reach.publish_members(session, _posted(session, [id_]))
    reach.settle_areas(session, scope.day)
    audit.note(session, scope.member, "area.change", id_, fields=sorted(data))
    return area


def _apply(session: Session, scope: Scope, area: Area, data: dict[str, Any]) -> bool:
    """Check and set the new values; whether the parent is another."""
    moved = "parent" in data and data["parent"] != area.parent
    if moved:
        _check_may_put_below(session, scope, data["parent"])
        rules.check_parent(data["parent"], session.scalars(below(area.id)))
    for name, value in data.items():
        setattr(area, name, value)
    area.version += 1
    if moved:
        _check_place(session, session.get_one(Tree, area.tree), area)
    _check_facts(area)
    if data.keys() & SHAPING:
        _draw(session, area)
    return moved


def end(session: Session, scope: Scope, id_: str, last: date | None) -> Area:
    """End the area after the day `last` (default today), and the posts in it.

    `area_in_use` while areas below it last longer.
    """
    renew_stamp(session)
    area = show(session, scope, id_, lock=True)
    last = last or scope.day
    rules.check_period(rules.Period(area.valid_from, last), "valid_to")
    longer = or_(Area.valid_to.is_(None), Area.valid_to > last)
    children = session.scalars(select(Area.code).where(Area.parent == id_, longer)).all()
    if children:
        raise Problem("area_in_use", errors={"children": list(children)})
    area.valid_to, area.version = last, area.version + 1
    session.execute(
        update(Post)
        .where(Post.area == id_, or_(Post.to_day.is_(None), Post.to_day > last))
        .values(to_day=last, version=Post.version + 1)
    )
    session.flush()
    reach.turn_day(session, scope.day)
    audit.note(session, scope.member, "area.end", area.id, valid_to=last.isoformat())
    return area


def _check_may_put_below(session: Session, scope: Scope, parent: str | None) -> None:
    """`forbidden` outside of one's reach; `reference_unknown` if there is no such parent."""
    if not scope.everything:
        scope.check_area(session, parent)
    if parent is not None and session.get(Area, parent) is None:
        raise invalid("parent", "reference_unknown")


def _check_place(session: Session, tree: Tree, area: Area) -> None:
    """The parent is of the same tree, and of the level above."""
    above = session.get_one(Area, area.parent) if area.parent else None
    if above is not None and above.tree != tree.code:
        raise invalid("parent", "reference_unknown", f"{above.code}: {above.tree}")
    rules.check_level(tree.levels, area.level, above.level if above else None)


def _check_facts(area: Area) -> None:
    rules.check_code(area.level, area.code)
    rules.check_period(rules.Period(area.valid_from, area.valid_to), "valid_to")


def _draw(session: Session, area: Area) -> None:
    """Check the geometry alone and against its neighbours; set the box around it."""
    if area.geometry is None:
        area.south = area.west = area.north = area.east = None
        return
    area.geometry = rules.sound_geometry(area.geometry)
    area.south, area.west, area.north, area.east = geo.Shape.from_geojson(area.geometry).bbox
    rules.check_overlap(area.geometry, _neighbours(session, area))


def _neighbours(session: Session, area: Area) -> Iterator[tuple[str, dict[str, Any]]]:
    """(code, geometry) of areas of the same tree and level whose boxes and periods meet its own."""
    period = rules.Period(area.valid_from, area.valid_to)
    rows = session.execute(
        select(Area.code, Area.geometry, Area.valid_from, Area.valid_to).where(
            Area.tree == area.tree,
            Area.level == area.level,
            Area.id != area.id,
            Area.south <= area.north,
            Area.north >= area.south,
            Area.west <= area.east,
            Area.east >= area.west,
        )
    )
    for row in rows:
        if rules.Period(row.valid_from, row.valid_to).meets(period):
            yield row.code, row.geometry


def _posted(session: Session, areas: Any) -> Sequence[str]:
    """The members with a live post in one of the areas themselves."""
    held = select(Post.member).where(Post.area.in_(areas), Post.live)
    return session.scalars(held.distinct()).all()


def _flush(session: Session) -> None:
    """The only uniqueness here is that of codes."""
    try:
        session.flush()
    except IntegrityError as error:
        raise invalid("code", "code_taken") from error


# The closure table


def _link(session: Session, area: Area) -> None:
    """Put the area, and what lies below it, below its parent and all above that."""
    above, under = aliased(AreaClosure), aliased(AreaClosure)
    pairs = (
        select(above.ancestor, under.descendant, above.depth + under.depth + literal(1))
        .join(under, under.ancestor == area.id)
        .where(above.descendant == area.parent)
    )
    session.execute(insert(AreaClosure).from_select(["ancestor", "descendant", "depth"], pairs))


def _unlink(session: Session, area: Area) -> None:
    """Take the area, and what lies below it, away from everything above it."""
    inside = list(session.scalars(below(area.id)))
    session.execute(
        delete(AreaClosure).where(
            AreaClosure.descendant.in_(inside), AreaClosure.ancestor.not_in(inside)
        )
    )
