"""An ordinary street (街道), made by the services: areas, workers, phones, tasks."""

import math
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import shapely
from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from server import keys
from server.cli.queries import ACTOR, everything
from server.grid import roles
from server.grid.models import Area
from server.grid.scope import Scope, today
from server.grid.service import areas, devices, logins, members, posts
from server.kernel import clock
from server.kernel.database import writing
from server.kernel.ids import uuid7
from server.tasks import service as tasks

COMMUNITIES, GRIDS = 4, 8
SOUTH, WEST, SIDE = 30.25, 120.15, 0.004
POINTS_A_SIDE = 12
BEND = 0.06
LEVELS = [
    {"code": "street", "name": "街道"},
    {"code": "community", "name": "社区"},
    {"code": "grid", "name": "网格"},
]
TREE = "bench"


@dataclass(frozen=True)
class Worker:
    """A worker (网格员) with an enrolled phone; lat, lon is the middle of the own grid cell."""

    member: str
    area: str
    lat: float
    lon: float
    install: str
    token: str


def build() -> list[Worker]:
    """The street with its workers, one a grid cell; needs the application's context."""
    scope = everyone()
    with writing() as session:
        areas.create_tree(session, scope, {"code": TREE, "name": "阳光街道", "levels": LEVELS})
    cells = [[_cell(row, column) for column in range(GRIDS)] for row in range(COMMUNITIES)]
    street = _area(scope, "street", None, "330199001", shapely.union_all(cells))
    workers = []
    for row, line in enumerate(cells, 1):
        code = f"33019900100{row}"
        community = _area(scope, "community", street, code, shapely.union_all(line))
        for column, cell in enumerate(line, 1):
            grid = _area(scope, "grid", community, f"{code}{column:03}", cell)
            workers.append(_worker(scope, grid, cell.centroid))
    return workers


def everyone() -> Scope:
    """That of whoever sees everything."""
    settings = current_app.extensions["gewu_settings"]
    return everything(today(settings.timezone, clock.now()))


def _cell(row: int, column: int) -> shapely.Polygon:
    """A cell with bent sides, each shared with its neighbour point by point."""
    south = [_corner(row, column + part) for part in _parts()]
    north = [_corner(row + 1, column + part) for part in _parts()]
    west = [_corner(row + part, column) for part in _parts()]
    east = [_corner(row + part, column + 1) for part in _parts()]
    return shapely.Polygon([*south, *east, *north[::-1], *west[::-1]])


def _parts() -> list[float]:
    return [part / POINTS_A_SIDE for part in range(POINTS_A_SIDE + 1)]


def _corner(row: float, column: float) -> tuple[float, float]:
    """(lon, lat); whole numbers are corners and stay where they are."""
    lat = row + BEND * math.sin(2 * math.pi * column)
    lon = column + BEND * math.sin(2 * math.pi * row)
    return round(WEST + SIDE * lon, 7), round(SOUTH + SIDE * lat, 7)


def _area(scope: Scope, level: str, parent: str | None, code: str, shape: Any) -> str:
    data = {
        "tree": TREE,
        "parent": parent,
        "level": level,
        "code": code,
        "name": code,
        "geometry": shapely.geometry.mapping(shape),
        "valid_from": None,
        "valid_to": None,
    }
    with writing() as session:
        return areas.create(session, scope, data).id


def _worker(scope: Scope, area: str, middle: Any) -> Worker:
    with writing() as session:
        member = _posted(session, scope, "网格员", roles.WORKER, area)
        phone = _enrolled(session, member)
    return Worker(member, area, middle.y, middle.x, phone.install, phone.token)


def with_new_phone(worker: Worker) -> Worker:
    """The same worker with one more phone, just enrolled."""
    with writing() as session:
        phone = _enrolled(session, worker.member)
    return replace(worker, install=phone.install, token=phone.token)


def _enrolled(session: Session, member: str) -> devices.Enrolled:
    invited = devices.make_enrolment(session, ACTOR, member, 3600, "http://127.0.0.1")
    facts = {"model": "bench", "os": "Android 14", "app": "1.0", "timezone": "Asia/Shanghai"}
    return devices.enrol(session, invited.code, uuid7(), facts)


def _posted(session: Session, scope: Scope, name: str, role: str, area: str) -> str:
    """A new member with a post from today on."""
    named = {"name": name, "username": None, "phone": None, "language": "zh"}
    member = members.create(session, scope, named, keys.cipher()).id
    post = {"member": member, "role": role, "area": area, "backup_of": None}
    posts.create(session, scope, post | {"from_day": scope.day, "to_day": None})
    return member


@dataclass(frozen=True)
class Head:
    """A supervisor (监督员) of the whole street, with an API token; `community` is one below it."""

    token: str
    street: str
    community: str


def head() -> Head:
    """A new one; needs the app's context."""
    with writing() as session:
        street = session.scalars(select(Area.id).where(Area.level == "street")).one()
        community = session.scalars(select(Area.id).where(Area.parent == street)).first()
        member = _posted(session, everyone(), "街道", roles.SUPERVISOR, street)
        return Head(logins.create_token(session, member, "bench", 1).token, street, str(community))


TITLE, TEXT = "清理楼道堆物", "拍前后对比照片"


def assign(worker: Worker, count: int, due: datetime | None = None) -> list[str]:
    """The ids of so many new tasks of the worker."""
    new = tasks.NewTask(worker.member, TITLE, worker.area, text=TEXT, due=due)
    with writing() as session:
        return tasks.assign_many(session, ACTOR, [new] * count)
