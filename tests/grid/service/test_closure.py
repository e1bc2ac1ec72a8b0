"""The closure table is what the parents say, after any moves."""

from datetime import date

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from server.grid.models import Area, AreaClosure
from server.grid.scope import Holding, Scope
from server.grid.service import areas
from server.kernel.database import reading, writing
from server.kernel.ids import uuid7
from server.kernel.problems import Problem

ADMIN = Scope(uuid7(), date(2026, 6, 1), (Holding("admin", None),))
LEVELS = [{"code": f"level{n}", "name": f"{n}"} for n in range(4)]
PARENTS = [None, 0, 0, 1, 1, 2, 2, 3, 4, 5]
DEPTHS = [0, 1, 1, 2, 2, 2, 2, 3, 3, 3]
Links = set[tuple[str, str, int]]


def plant() -> list[str]:
    """A tree of ten areas on four levels; their ids."""
    code, ids = uuid7()[-12:], list[str]()
    with writing() as session:
        areas.create_tree(session, ADMIN, {"code": code, "name": "x", "levels": LEVELS})
        for number, (parent, depth) in enumerate(zip(PARENTS, DEPTHS, strict=True)):
            data = {
                "tree": code,
                "parent": None if parent is None else ids[parent],
                "level": f"level{depth}",
                "code": f"{code}-{number}",
                "name": "x",
            }
            ids.append(areas.create(session, ADMIN, data).id)
    return ids


def move(area: str, parent: str) -> bool:
    """Move the area if the rules allow it; whether they did."""
    try:
        with writing() as session:
            version = session.get_one(Area, area).version
            areas.change(session, ADMIN, area, version, {"parent": parent})
    except Problem as problem:
        assert problem.code in ("tree_cycle", "level_wrong")
        return False
    return True


def links_of(ids: list[str]) -> Links:
    """What the closure table says."""
    columns = select(AreaClosure.ancestor, AreaClosure.descendant, AreaClosure.depth)
    with reading() as session:
        rows = session.execute(columns.where(AreaClosure.descendant.in_(ids)))
        return {(row.ancestor, row.descendant, row.depth) for row in rows}


def walked(ids: list[str]) -> Links:
    """What walking up from every area says."""
    with reading() as session:
        rows = session.execute(select(Area.id, Area.parent).where(Area.id.in_(ids)))
        parents = {row.id: row.parent for row in rows}
    links: Links = set()
    for area in ids:
        above, depth = area, 0
        while above is not None:
            links.add((above, area, depth))
            above, depth = parents[above], depth + 1
    return links


def test_a_move_takes_all_below_along(app: Flask) -> None:
    ids = plant()
    assert move(ids[3], ids[2])
    assert (ids[2], ids[7], 2) in links_of(ids)
    assert (ids[1], ids[7], 2) not in links_of(ids)
    assert links_of(ids) == walked(ids)


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9)), min_size=1, max_size=8))
def test_after_any_moves_the_closure_is_what_the_parents_say(
    app: Flask, moves: list[tuple[int, int]]
) -> None:
    ids = plant()
    for area, parent in moves:
        move(ids[area], ids[parent])
    assert links_of(ids) == walked(ids)
