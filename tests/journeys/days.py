"""Days under a shipped rule pack: its town, a clock that the story moves, the worker's jobs."""

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self
from zoneinfo import ZoneInfo

from fieldkit.clock import FakeClock, iso
from server.grid import roles
from server.grid.models import AreaStamp, Tree
from server.jobs import running
from server.jobs.consumer import do_next
from server.jobs.schedule import JOBS
from server.jobs.work import WORK
from server.kernel import clock
from server.kernel.database import db, writing
from server.kernel.ids import uuid7
from server.packs import reading, shipped
from server.packs.definition import Level, Pack
from tests import factories
from tests.factories import SIDE, SOUTH, WEST, Street, square
from tests.journeys.web import call
from tests.journeys.world import Device, World

ZONE = ZoneInfo("Asia/Shanghai")
GRIDS = 3


def local(text: str) -> datetime:
    """The instant that the clocks of the town show as `2026-11-23 07:15`."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


def shown(instant: str | None) -> str | None:
    """An instant of the wire as the clocks of the town show it."""
    return instant and datetime.fromisoformat(instant).astimezone(ZONE).strftime("%m-%d %H:%M")


@dataclass(frozen=True)
class Town:
    """One area of each level of a pack, three of the lowest; every post held by one a place."""

    areas: dict[str, list[str]]
    posts: dict[str, list[str]]
    people: dict[str, list[str]]
    """By code of the post, in the order of the areas: posts, and their holders."""
    street: Street


def laid_out(pack: Pack) -> Town:
    """A town with the levels and the posts of the pack."""
    with writing() as session:
        session.add(Tree(code=pack.id, name=pack.name, levels=_levels(pack)))
        session.add(AreaStamp(id=1, stamp=uuid7()))
    areas = _areas(pack)
    posts: dict[str, list[str]] = {}
    people: dict[str, list[str]] = {}
    for rule in pack.posts:
        people[rule.code] = [factories.member() for _ in areas[rule.level]]
        held = zip(people[rule.code], areas[rule.level], strict=True)
        posts[rule.code] = [factories.post(member, rule.role, area) for member, area in held]
    return Town(areas, posts, people, _street(pack, areas, people))


def _levels(pack: Pack) -> list[dict[str, str]]:
    return [{"code": level.code, "name": level.name} for level in pack.levels]


def _areas(pack: Pack) -> dict[str, list[str]]:
    areas: dict[str, list[str]] = {}
    parent, above = None, pack.levels[:-1]
    for number, level in enumerate(above, 1):
        parent = _area(pack, level, parent, "330199001" + "001" * number, 0, GRIDS)
        areas[level.code] = [parent]
    cells = [_area(pack, pack.levels[-1], parent, f"330199002{n:03}", n, 1) for n in range(GRIDS)]
    return areas | {pack.levels[-1].code: cells}


def _area(pack: Pack, level: Level, parent: str | None, code: str, column: int, width: int) -> str:
    shape = square(SOUTH, round(WEST + column * SIDE, 6), SIDE, width * SIDE)
    return factories.area(pack.id, level.code, parent, f"{level.name}{column + 1}", code, shape)


def _street(pack: Pack, areas: dict[str, list[str]], people: dict[str, list[str]]) -> Street:
    by_role: dict[str, list[str]] = {}
    for rule in pack.posts:
        by_role.setdefault(rule.role, []).extend(people[rule.code])
    return Street(
        tree=pack.id,
        street=areas[pack.levels[0].code][0],
        communities=areas[pack.levels[-2].code],
        grids=areas[pack.levels[-1].code],
        admin=factories.member(roles.ADMIN, None),
        supervisor=by_role[roles.SUPERVISOR][0],
        leader=by_role[roles.LEADER][0],
        workers=by_role[roles.WORKER],
    )


class Days:
    """A story under a shipped pack that begins at `begin`; time passes only when it says so."""

    def __init__(self, world: World, pack: str, begin: str) -> None:
        self.world = world
        self._standing, self._phones = ExitStack(), list[Device]()
        self._ran: dict[str, datetime] = {}
        self.wait_until(begin)
        text = shipped.text(pack)
        with world.inside():
            self.town = laid_out(reading.read(text))
        world.street = self.town.street
        self._install(text, begin[:10])
        self.look()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._standing.close()

    def _install(self, text: str, day: str) -> None:
        """Over HTTP, for the whole town and nothing else."""
        with self.world.inside():
            token = factories.token_for(self.town.street.admin)
        path = f"/packs?from={day}&area={self.town.street.street}"
        answer = call(
            self.world.url, "POST", path, token, text.encode(), content_type="application/yaml"
        )
        assert answer.status == 201, answer.body.decode()

    def wait_until(self, text: str) -> None:
        """It becomes that late, on all phones too, and no worker process runs."""
        before, now = clock.now(), local(text)
        self._standing.close()
        self._standing.enter_context(clock.standing_at(now))
        for phone in self._phones:
            phone.clock.sleep((now - before).total_seconds())

    def until(self, text: str) -> None:
        """It becomes that late, and the worker does what is due by then."""
        self.wait_until(text)
        self.look()

    def look(self) -> None:
        """The worker's jobs whose interval is over, then all that waits in the queue."""
        now = clock.now()
        for name, (job, interval) in JOBS.items():
            if name not in self._ran or now - self._ran[name] >= interval:
                assert running.run(self.world.app, name, job), name
                self._ran[name] = now
        with self.world.inside():
            while do_next(WORK):
                pass
            db.session.remove()

    def phone(self, worker: int = 0) -> Device:
        """A phone of the worker that shows the time of the story."""
        device = self.world.device(worker, FakeClock(clock.now()))
        self._phones.append(device)
        return device

    def task(self, id_: str) -> dict[str, Any]:
        """The task as the supervisor sees it."""
        return dict(self.world.supervisor.get(f"/tasks/{id_}"))

    def due(self, id_: str) -> str | None:
        return shown(self.task(id_)["due"])

    def titled(self, title: str) -> list[dict[str, Any]]:
        """All tasks of this title."""
        found = self.world.supervisor.get("/tasks?limit=200")
        assert not found["next"]
        return [task for task in found["results"] if task["title"] == title]

    def told(self, member: str, task: str) -> list[str]:
        """The kinds of the notices that the member got about the task, in order."""
        listed = self.world.person(member).get("/notices?limit=200")["results"]
        about = sorted((n["at"], n["kind"]) for n in listed if n["about"]["id"] == task)
        return [kind for _, kind in about]

    def figures(self, begin: str, end: str, **query: str) -> dict[str, Any]:
        """The statistics of a period, by what `by` names or of all."""
        period = {"from": _wire(begin), "to": _wire(end)} | query
        rest = "&".join(f"{name}={value}" for name, value in period.items())
        return dict(self.world.supervisor.get(f"/tasks/statistics?{rest}"))

    def by(self, what: str, begin: str, end: str) -> dict[str, dict[str, Any]]:
        """The same by `area` or `person`."""
        found = self.figures(begin, end, by=what)["results"]
        return {row["key"]: row for row in found}


def _wire(text: str) -> str:
    return clock.iso(local(text))


def act(device: Device, task: str, *actions: str, **given: Any) -> None:
    """Do the task on the phone as it stands at the server, hand it in, and hear what came of it."""
    device.sync()
    for action in actions:
        device.acts.act_on(device.tasks()[task], action, **given)
    device.sync()
    device.sync()


def ask(phone: Device, task: str, until: str) -> dict[str, Any]:
    """Ask for more time up to `until` from the phone; the request that it shows then."""
    act(phone, task, "request_extension", reason="等材料", until=local(until))
    return dict(phone.tasks()[task]["request"])


def granted(days: Days, task: str, until: str | None = None) -> tuple[int, str]:
    """(status, code of the problem) of the supervisor's granting."""
    supervisor, path = days.world.supervisor, f"/tasks/{task}"
    version = supervisor.ask("GET", path).headers["etag"]
    body = {"until": iso(local(until))} if until else {}
    answer = supervisor.ask("POST", f"{path}/grant", body, if_match=version)
    return answer.status, "" if answer.status == 200 else answer.code
