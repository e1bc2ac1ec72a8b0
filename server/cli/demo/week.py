"""The week before the phones came: 茶山's rules are in force, and nobody has a phone yet.

It is played now and at the moments of then: the server's own code installs the pack, runs its
plans, gives tasks, takes them up a level and tells of lights, while its clock stands there.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from server.cli.demo.street import Street
from server.cli.options import opened
from server.cli.queries import ACTOR
from server.config import Settings
from server.dispatch.plans import jobs as plans
from server.duty import jobs as duty
from server.grid.scope import scope_of, today
from server.jobs.consumer import do_next
from server.jobs.work import WORK
from server.kernel import clock
from server.kernel.database import reading, writing
from server.packs import reading as packs
from server.packs import shipped
from server.packs.rhythm import occurrences
from server.regime import service as regime
from server.tasks import service as tasks

PACK = "chashan"
WEEK, HOUR = timedelta(days=7), timedelta(hours=1)
GIVEN = 6 * HOUR
"""So long ago the supervisor gave the tasks of `_orders`; by no pack do they go up so soon."""
AT_ONCE = 2


def play(settings: Settings, street: Street) -> None:
    """The week up to now."""
    now = clock.now()
    given_at = now - GIVEN
    with opened(settings):
        with clock.standing_at(now - WEEK):
            _install(settings, street)
            _work(settings)
        for moment in sorted({*_due(settings, now), given_at, now}):
            with clock.standing_at(moment):
                if moment == given_at:
                    _give(settings, street, now)
                _work(settings)


def _install(settings: Settings, street: Street) -> None:
    day = today(settings.timezone, clock.now())
    wanted = regime.Installation(shipped.text(PACK), day, street.area)
    with writing() as session:
        regime.install(session, ACTOR, day, wanted)


def _due(settings: Settings, now: datetime) -> Iterator[datetime]:
    """When the plans of the pack were due in that week."""
    pack, zone = packs.read(shipped.text(PACK)), ZoneInfo(settings.timezone)
    with reading() as session:
        is_workday = regime.workdays(session)
        for plan in pack.plans:
            yield from occurrences(plan.rhythm, now - WEEK, now, is_workday, zone)


def _work(settings: Settings) -> None:
    """What a worker process does at this moment."""
    now = clock.now()
    plans.look(settings, now)
    while do_next(WORK):
        pass
    duty.escalate_tasks(settings, now)
    duty.tell_lights(settings, now)


def _give(settings: Settings, street: Street, now: datetime) -> None:
    """The supervisor's orders, in its name and within its reach."""
    with writing() as session:
        day = today(settings.timezone, clock.now())
        scope = scope_of(session, street.supervisor.id, day)
        for order in _orders(street, now):
            tasks.assign(session, scope, order)


def _orders(street: Street, now: datetime) -> Iterator[dict[str, Any]]:
    """By now one is late in the hands of who has a phone, and of the contact's one has each light.

    What a person sets as the end of a task is kept in plain time: yellow from 7/10 of the way.
    """
    ends = (("限期清理消防通道", -HOUR), ("督办占道经营", 2 * HOUR), ("走访新租户", 2 * WEEK))
    for (title, left), cell in zip(ends, street.grids, strict=False):
        yield _matter(title, street.contact, cell, now + left)
    first = street.workers[0]
    yield _matter("补报井盖破损", first.id, first.home, now - HOUR) | {"priority": AT_ONCE}


def _matter(title: str, assignee: str, area: str, due: datetime) -> dict[str, Any]:
    return {"kind": "matter", "title": title, "assignee": assignee, "area": area, "due": due}
