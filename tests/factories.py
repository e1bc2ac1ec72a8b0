"""Builders that the tests share: an invented street (街道) with its people, phones and tokens.

Each opens its own write transaction: call them outside of `writing()`. Rows are written directly,
so nothing of them is on the feed or in the audit trail.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from server.grid import roles
from server.grid.models import Area, AreaClosure, Device, Member, PersonToken, Post, Tree
from server.items.handling import Incoming
from server.kernel import clock
from server.kernel.database import writing
from server.kernel.ids import uuid7
from server.kernel.tokens import hash_token

SOUTH, WEST, SIDE = 30.0, 120.0, 0.01
LEVELS = [
    {"code": "street", "name": "街道"},
    {"code": "community", "name": "社区"},
    {"code": "grid", "name": "网格"},
]
LONG_AGO = date(2020, 1, 1)
_numbers = count(1)
_open: Session | None = None


@dataclass(frozen=True)
class Street:
    """阳光街道: two communities of three square cells (网格) each, about 1 km wide.

    All ids. `workers[i]` holds the worker post of `grids[i]`, `leader` the leader post of
    `communities[0]` (above `grids[0:3]`), `supervisor` the street; `admin` reaches everything.
    """

    tree: str
    street: str
    communities: list[str]
    grids: list[str]
    admin: str
    supervisor: str
    leader: str
    workers: list[str]

    def point(self, index: int) -> tuple[float, float]:
        """(lat, lon) of the middle of `grids[index]`."""
        row, column = divmod(index, 3)
        return SOUTH + (row + 0.5) * SIDE, WEST + (column + 0.5) * SIDE


@dataclass(frozen=True)
class Phone:
    """An enrolled device."""

    install: str
    token: str


def square(south: float, west: float, height: float, width: float) -> dict[str, Any]:
    """A GeoJSON rectangle; all in degrees."""
    north, east = round(south + height, 6), round(west + width, 6)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


@contextmanager
def _transaction() -> Iterator[Session]:
    """A write transaction; builders called inside another one's take part in it."""
    global _open
    if _open is not None:
        yield _open
        _open.flush()
        return
    with writing() as _open:
        try:
            yield _open
            _open.flush()
        finally:
            _open = None


def street() -> Street:
    """A new street with its people; see `Street`."""
    with _transaction():
        return _street()


def _street() -> Street:
    tree = _tree()
    shape = square(SOUTH, WEST, 0.02, 0.03)
    top = _made_area(tree, "street", None, "阳光街道", "330199001", shape)
    communities, grids = [], []
    for row in range(2):
        south, code = round(SOUTH + row * SIDE, 6), f"33019900100{row + 1}"
        name, shape = f"第{row + 1}社区", square(south, WEST, SIDE, 3 * SIDE)
        communities.append(_made_area(tree, "community", top.id, name, code, shape))
        for column in range(3):
            shape = square(south, round(WEST + column * SIDE, 6), SIDE, SIDE)
            name, cell = f"第{row + 1}社区第{column + 1}网格", f"{code}00{column + 1}"
            grids.append(_made_area(tree, "grid", communities[row].id, name, cell, shape))
    held = [(roles.ADMIN, None), (roles.SUPERVISOR, top), (roles.LEADER, communities[0])]
    held += [(roles.WORKER, grid) for grid in grids]
    people = [_made_member() for _ in held]
    _put_together(
        [top, *communities, *grids],
        people,
        [
            _made_post(who.id, role, place and place.id)
            for who, (role, place) in zip(people, held, strict=True)
        ],
    )
    admin, supervisor, leader, *workers = (who.id for who in people)
    return Street(
        tree=tree,
        street=top.id,
        communities=[place.id for place in communities],
        grids=[place.id for place in grids],
        admin=admin,
        supervisor=supervisor,
        leader=leader,
        workers=workers,
    )


def _put_together(areas: list[Area], people: list[Member], posts: list[Post]) -> None:
    """Write them table by table: row by row takes several times as long. Parents come first."""
    chains: dict[str | None, list[str]] = {None: []}
    for place in areas:
        chains[place.id] = [place.id, *chains[place.parent]]
    links = [
        AreaClosure(ancestor=ancestor, descendant=place.id, depth=depth)
        for place in areas
        for depth, ancestor in enumerate(chains[place.id])
    ]
    with _transaction() as session:
        for rows in (areas, links, people, posts):
            session.add_all(rows)
            session.flush()


def _tree() -> str:
    code = f"tree{next(_numbers)}"
    with _transaction() as session:
        session.add(Tree(code=code, name="阳光街道", levels=LEVELS))
    return code


def area(
    tree: str, level: str, parent: str | None, name: str, code: str, geometry: dict[str, Any] | None
) -> str:
    """A new area; its id. The cached shapes do not hear of it unless nothing was cached yet."""
    made = _made_area(tree, level, parent, name, code, geometry)
    id_ = made.id
    with _transaction() as session:
        session.add(made)
        session.flush()
        above = session.query(AreaClosure).filter_by(descendant=parent).all() if parent else []
        rows = [(link.ancestor, link.depth + 1) for link in above] + [(id_, 0)]
        session.add_all(
            AreaClosure(ancestor=ancestor, descendant=id_, depth=depth) for ancestor, depth in rows
        )
    return id_


def _made_area(
    tree: str, level: str, parent: str | None, name: str, code: str, geometry: dict[str, Any] | None
) -> Area:
    made = Area(id=uuid7(), tree=tree, level=level, parent=parent, name=name, code=code, live=True)
    made.geometry = geometry
    if geometry is not None:
        lons, lats = zip(*geometry["coordinates"][0], strict=True)
        made.south, made.west = min(lats), min(lons)
        made.north, made.east = max(lats), max(lons)
    return made


def member(role: str | None = None, area: str | None = None, **given: Any) -> str:
    """A new member (without a password), holding a post since long ago if `role` is given."""
    made = _made_member(**given)
    id_ = made.id
    with _transaction() as session:
        session.add(made)
    if role is not None:
        post(id_, role, area)
    return id_


def _made_member(**given: Any) -> Member:
    number = next(_numbers)
    named = {"username": f"user{number}", "name": f"成员{number}"} | given
    return Member(id=uuid7(), created_at=clock.now(), **named)


def post(
    member: str,
    role: str,
    area: str | None,
    from_day: date = LONG_AGO,
    to_day: date | None = None,
    backup_of: str | None = None,
    code: str | None = None,
) -> str:
    """A new post; its id."""
    given = {"to_day": to_day, "backup_of": backup_of, "code": code}
    made = _made_post(member, role, area, from_day, **given)
    id_ = made.id
    with _transaction() as session:
        session.add(made)
    return id_


def _made_post(
    member: str, role: str, area: str | None, from_day: date = LONG_AGO, **given: Any
) -> Post:
    return Post(
        id=uuid7(), member=member, role=role, area=area, from_day=from_day, live=True, **given
    )


def vacate(area: str) -> None:
    """Nobody holds a post of the area any more."""
    with _transaction() as session:
        session.query(Post).filter_by(area=area).update({"to_day": LONG_AGO, "live": False})


def token_for(member: str, kind: str = "session", hours: int = 12) -> str:
    """A live session (or `api`) token of the member."""
    token = f"{'gws_' if kind == 'session' else 'gwa_'}{uuid7()}"
    now = clock.now()
    with _transaction() as session:
        session.add(
            PersonToken(
                token=hash_token(token),
                member=member,
                kind=kind,
                created_at=now,
                expires_at=now + timedelta(hours=hours),
            )
        )
    return token


def device_for(member: str, state: str = "active", **given: Any) -> Phone:
    """An enrolled device of the member."""
    phone = Phone(install=uuid7(), token=f"gwd_{uuid7()}")
    with _transaction() as session:
        session.add(
            Device(
                install=phone.install,
                member=member,
                token=hash_token(phone.token),
                state=state,
                enrolled_at=clock.now(),
                **given,
            )
        )
    return phone


def auth(token: str, **more: str) -> dict[str, str]:
    """Request headers with the bearer token; `more` may name others, as in `if_match='3'`."""
    named = {name.replace("_", "-").title(): value for name, value in more.items()}
    return {"Authorization": f"Bearer {token}"} | named


def incoming(kind: str, member: str, body: dict[str, Any], **given: Any) -> Incoming:
    """An item as a room's handler gets it, captured and received now."""
    now = clock.now()
    named: dict[str, Any] = {
        "id": uuid7(),
        "sha256": "0" * 64,
        "raw": b"{}",
        "install": uuid7(),
        "member": member,
        "seq": next(_numbers),
        "kind": kind,
        "schema": 1,
        "at": now,
        "estimated": now,
        "clock": "raw",
        "received_at": now,
        "body": body,
    }
    return Incoming(**named | given)
