"""阳光街道: an invented street with 2 communities, 6 cells and the people who look after them.

The ground lies at invented WGS-84 coordinates; cells are numbered from west to east, from north to
south, in 15 characters (GB/T 47678.3).
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from server.cli.demo import ground
from server.cli.demo.api import Person

SOUTH, WEST = 30.2012, 120.1503
HEIGHT, WIDTH = 0.0045, 0.0052
ROWS, COLUMNS = 2, 3
BEND = ((0, 3, 1, 2), (2, 0, 3, 1), (1, 2, 0, 3))
"""How far each corner lies off a straight lattice, in 1/10,000 degrees; one row from the south."""

STREET_CODE = "330199001"
COMMUNITIES = ("向阳社区", "和平社区")
WORKERS = ("陈建国", "李秀英", "王志强", "张桂兰", "刘晓明", "赵玉梅", "周海燕", "吴国庆")
LEADERS = ("孙网格长", "钱网格长")
SUPERVISOR = "郑监督员"
CONTACT = "冯挂点"
SPARE_BACKS = (1, 4)
"""The cells (numbers) that the two workers without a cell of their own back up."""
IN_OFFICE = timedelta(days=30)

Corner = list[float]


@dataclass(frozen=True)
class Worker:
    """A worker (网格员); `home` is the id of the cell of the first post."""

    id: str
    name: str
    home: str


@dataclass(frozen=True)
class Login:
    """Who can log in, and by which password; `id` once the member was made."""

    name: str
    role: str
    username: str
    password: str
    id: str = ""


@dataclass(frozen=True)
class Street:
    """The street's own `area`, its cells (`grids`), and the people who were made.

    `leaders` of the communities in order; `contact` is the member who looks after every cell for
    the street (挂点), without a phone.
    """

    area: str
    grids: list[str]
    workers: list[Worker]
    leaders: list[Login]
    supervisor: Login
    contact: str


def build(admin: Person, today: date) -> Street:
    """Make the areas, members and posts through the API."""
    street, communities, grids = _areas(admin)
    posts = _Posts(admin, (today - IN_OFFICE).isoformat())
    workers = _workers(admin, posts, grids)
    leaders = [
        _official(admin, posts, Login(name, "leader", f"leader{number}", ground.password()), area)
        for number, (name, area) in enumerate(zip(LEADERS, communities, strict=True), 1)
    ]
    for leader, area in zip(leaders, communities, strict=True):
        posts.give(leader.id, area, "operator", "community_contact")
    supervisor = Login(SUPERVISOR, "supervisor", "supervisor", ground.password())
    supervisor = _official(admin, posts, supervisor, street)
    return Street(street, grids, workers, leaders, supervisor, _contact(admin, posts, grids))


class _Posts:
    """Gives posts that began on `since`."""

    def __init__(self, admin: Person, since: str) -> None:
        self._admin, self._since = admin, since

    def give(
        self,
        member: str,
        area: str,
        role: str,
        code: str | None = None,
        backup_of: str | None = None,
    ) -> str:
        body = {"member": member, "area": area, "role": role, "code": code}
        post = self._admin.post("/posts", body | {"from_day": self._since, "backup_of": backup_of})
        return str(post["id"])


def _workers(admin: Person, posts: _Posts, grids: list[str]) -> list[Worker]:
    """Six with a cell each, every cell backed by a neighbour (AB岗), and two who only back."""
    workers = []
    for number, name in enumerate(WORKERS):
        home = grids[number] if number < len(grids) else grids[SPARE_BACKS[number - len(grids)]]
        phone = f"199{number + 1:08}"
        member = admin.post("/members", {"name": name, "phone": phone})
        workers.append(Worker(str(member["id"]), name, home))
    owners = workers[: len(grids)]
    mains = [posts.give(worker.id, worker.home, "worker", "room_head") for worker in owners]
    for number, main in enumerate(mains):
        posts.give(workers[_neighbour(number)].id, grids[number], "worker", backup_of=main)
    for worker, number in zip(workers[len(grids) :], SPARE_BACKS, strict=True):
        posts.give(worker.id, grids[number], "worker", backup_of=mains[number])
    return workers


def _neighbour(number: int) -> int:
    """The next cell of the same community."""
    row, column = divmod(number, COLUMNS)
    return row * COLUMNS + (column + 1) % COLUMNS


def _official(admin: Person, posts: _Posts, login: Login, area: str) -> Login:
    """Make the member and give the post."""
    body = {"username": login.username, "name": login.name, "password": login.password}
    made = replace(login, id=str(admin.post("/members", body)["id"]))
    posts.give(made.id, area, login.role)
    return made


def _contact(admin: Person, posts: _Posts, grids: list[str]) -> str:
    member = str(admin.post("/members", {"name": CONTACT})["id"])
    for grid in grids:
        posts.give(member, grid, "leader", "street_contact")
    return member


def _areas(admin: Person) -> tuple[str, list[str], list[str]]:
    """Ids of the street, its communities and its cells."""

    def make(level: str, parent: str | None, code: str, name: str, ring: list[Corner]) -> str:
        body = {"tree": ground.TREE, "level": level, "parent": parent, "code": code, "name": name}
        geometry = {"type": "Polygon", "coordinates": [ring]}
        return str(admin.post("/areas", body | {"geometry": geometry})["id"])

    street = make("street", None, STREET_CODE, "阳光街道", _ring(0, ROWS, 0, COLUMNS))
    communities, grids = [], []
    for place in range(ROWS):
        row = ROWS - 1 - place
        code, name = f"{STREET_CODE}{place + 1:03}", COMMUNITIES[place]
        ring = _ring(row, row + 1, 0, COLUMNS)
        communities.append(make("community", street, code, name, ring))
        for column in range(COLUMNS):
            ring = _ring(row, row + 1, column, column + 1)
            cell, called = f"{code}{column + 1:03}", f"{name}第{column + 1}网格"
            grids.append(make("grid", communities[place], cell, called, ring))
    return street, communities, grids


def _ring(south: int, north: int, west: int, east: int) -> list[Corner]:
    """The closed ring, counter-clockwise, around the lattice cells between these lines."""
    along = [(south, column) for column in range(west, east + 1)]
    up = [(row, east) for row in range(south + 1, north + 1)]
    back = [(north, column) for column in range(east - 1, west - 1, -1)]
    down = [(row, west) for row in range(north - 1, south - 1, -1)]
    return [_corner(row, column) for row, column in (*along, *up, *back, *down)]


def _corner(row: int, column: int) -> Corner:
    """[lon, lat] of a corner of the lattice."""
    off = BEND[row][column] / 10_000
    return [round(WEST + column * WIDTH + off, 6), round(SOUTH + row * HEIGHT + off / 2, 6)]
