"""A page holds what a plain filter of all rows holds, in either database's way."""

import random
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.grid.listing import Asked, Listing
from server.grid.roles import SUPERVISOR
from server.grid.scope import Holding, Scope
from server.items.models import Item
from server.kernel import clock
from server.kernel.database import reading, writing
from server.kernel.ids import uuid7
from tests import factories
from tests.factories import Street

DAY = date(2026, 6, 1)
ROWS = 150
KINDS = ("report", "visit", "form")
MEMBERS = 4


@dataclass(frozen=True)
class Row:
    id: str
    area: str | None
    member: str
    kind: str


@dataclass(frozen=True)
class Stored:
    """What is in the database: `below` names the areas below each one and itself."""

    rows: list[Row]
    members: list[str]
    below: dict[str, set[str]]


@pytest.fixture
def stored(street: Street) -> Stored:
    """Rows of every area and of none; most lie in two areas."""
    rng = random.Random(1)
    below = {grid: {grid} for grid in street.grids}
    below |= {
        one: {one, *street.grids[3 * row : 3 * row + 3]}
        for row, one in enumerate(street.communities)
    }
    below[street.street] = {street.street, *below}
    below[uuid7()] = set()
    places = [None, *below, *street.grids[:2] * 10]
    members = street.workers[:MEMBERS]
    rows = [
        Row(uuid7(), rng.choice(places), rng.choice(members), rng.choice(KINDS))
        for _ in range(ROWS)
    ]
    _keep(rows)
    return Stored(rows, members, below)


def _keep(rows: list[Row]) -> None:
    with writing() as session:
        for row in rows:
            session.add(_item(row))


def _item(row: Row) -> Item:
    now = clock.now()
    return Item(
        id=row.id,
        install=uuid7(),
        member=row.member,
        seq=1,
        kind=row.kind,
        schema=1,
        sha256="",
        content="",
        at=clock.iso(now),
        estimated=now,
        clock="raw",
        received_at=now,
        area=row.area,
        status="accepted",
        flags=[],
        raw=b"{}",
    )


def draw_scope(data: st.DataObject, stored: Stored) -> Scope:
    """Anybody: with posts that overlap, with none, with one of everything."""
    areas = st.one_of(st.none(), st.sampled_from(list(stored.below)))
    few = st.sampled_from(list(stored.below))
    held = data.draw(st.one_of(st.lists(few, max_size=4), st.lists(areas, max_size=2)))
    holdings = tuple(Holding(SUPERVISOR, area) for area in held)
    return Scope(data.draw(st.sampled_from(stored.members)), DAY, holdings)


def draw_args(data: st.DataObject, stored: Stored) -> dict[str, Any]:
    def maybe(values: Any) -> Any:
        return data.draw(st.one_of(st.none(), st.sampled_from(list(values))))

    return {
        "after": maybe([*(row.id for row in stored.rows), "00000000-0000-7000-8000-000000000000"]),
        "limit": data.draw(st.integers(1, ROWS)),
        "area": maybe(stored.below),
        "member": maybe(stored.members),
        "kind": maybe([*KINDS, "unknown"]),
    }


def expected(stored: Stored, scope: Scope, own: bool, args: dict[str, Any]) -> list[str]:
    """The page as it is told in docs/protocol.md, row by row."""
    reached = set().union(*(stored.below[root] for root in scope.roots))

    def is_shown(row: Row) -> bool:
        visible = scope.everything or row.area in reached or (own and row.member == scope.member)
        return visible and all(
            (
                args["after"] is None or row.id > args["after"],
                args["area"] is None or row.area in stored.below[args["area"]],
                args["member"] in (None, row.member),
                args["kind"] in (None, row.kind),
            )
        )

    return sorted(row.id for row in stored.rows if is_shown(row))[: args["limit"] + 1]


def paged(scope: Scope, own: bool, args: dict[str, Any]) -> list[str]:
    narrowed = [] if args["kind"] is None else [Item.kind == args["kind"]]
    listing = Listing(Item, Item.area, Item.member, own)
    with reading() as session:
        return [row.id for row in listing.page(session, scope, Asked.of(args, narrowed))]


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data(), own=st.booleans())
def test_a_page_is_what_a_plain_filter_gives(
    stored: Stored, data: st.DataObject, own: bool
) -> None:
    scope, args = draw_scope(data, stored), draw_args(data, stored)
    assert paged(scope, own, args) == expected(stored, scope, own, args)


@pytest.mark.parametrize("limit", [1, 7, ROWS])
def test_pages_join(stored: Stored, street: Street, limit: int) -> None:
    """Also where the post of an area is held together with that of one below it."""
    roots = (street.communities[0], street.grids[0], street.communities[1])
    scope = Scope(stored.members[0], DAY, tuple(Holding(SUPERVISOR, root) for root in roots))
    args: dict[str, Any] = dict.fromkeys(("after", "area", "member", "kind")) | {"limit": limit}
    seen: list[str] = []
    while page := paged(scope, True, args | {"after": seen[-1] if seen else None}):
        seen += page[:limit]
    assert seen == expected(stored, scope, True, args | {"limit": ROWS})


def test_more_areas_than_rows_make_one_page(stored: Stored, street: Street) -> None:
    """Most of them hold nothing; the last one holds the first row."""
    grids = [
        factories.area(street.tree, "grid", street.communities[0], "网格", f"c{number}", None)
        for number in range(60)
    ]
    first = Row("00000000-0000-7000-8000-000000000000", grids[-1], street.workers[5], KINDS[0])
    _keep([first])
    scope = Scope(street.leader, DAY, (Holding(SUPERVISOR, street.communities[0]),))
    args: dict[str, Any] = dict.fromkeys(("after", "area", "member", "kind")) | {"limit": 3}
    wider = stored.below | {street.communities[0]: stored.below[street.communities[0]] | {*grids}}
    everywhere = Stored([*stored.rows, first], stored.members, wider)
    found = paged(scope, True, args)
    assert (found[0], found) == (first.id, expected(everywhere, scope, True, args))
