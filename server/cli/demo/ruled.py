"""What came of the rule pack: lights and figures by area, plans that ran, who was told what."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from server.cli.demo.api import Person
from server.cli.demo.facts import Json
from server.cli.demo.week import WEEK
from server.config import Settings
from server.dispatch.plans import queries, running
from server.dispatch.plans.models import Plan
from server.kernel import clock
from server.kernel.clock import iso
from server.kernel.database import reading

AHEAD = timedelta(days=62)
"""Within these days even a plan of once a month comes again."""


@dataclass(frozen=True)
class PlanLine:
    """A plan: when it ran last and how many tasks it gave then, when it comes, how many it would
    give."""

    name: str
    ran: datetime | None
    gave: int
    comes: datetime
    gives: int


@dataclass(frozen=True)
class Ruled:
    """`areas` are (name, figures) in the order of their codes, `total` the figures of all;
    `risen` how many tasks went up a level; `told` notices by kind, `newest` what the last says."""

    total: Json
    areas: list[tuple[str, Json]]
    plans: list[PlanLine]
    risen: int
    told: Counter[str]
    newest: str


def gather(settings: Settings, supervisor: Person, tasks: list[Json]) -> Ruled:
    """As the supervisor sees it, and as `gewu plans next` tells it; inside the app's context.

    `tasks` have their events.
    """
    now = clock.now()
    period = {"from": iso(now - WEEK), "to": iso(now + timedelta(minutes=1)), "by": "area"}
    found = supervisor.get(f"/tasks/statistics?{urlencode(period)}")
    by_area = {row["key"]: row for row in found["results"]}
    areas = sorted(supervisor.all("/areas"), key=lambda area: str(area["code"]))
    notices = supervisor.all("/notices")
    with reading() as session:
        plans = list(_plans(session, settings, now))
    return Ruled(
        total=found["total"],
        areas=[(area["name"], by_area[area["id"]]) for area in areas if area["id"] in by_area],
        plans=plans,
        risen=sum(any(e["action"] == "escalate" for e in task["events"]) for task in tasks),
        told=Counter(notice["kind"] for notice in notices),
        newest=notices[0]["text"] if notices else "",
    )


def _plans(session: Session, settings: Settings, now: datetime) -> Iterator[PlanLine]:
    for plan in queries.running(session):
        yield _line(session, settings, plan, now)


def _line(session: Session, settings: Settings, plan: Plan, now: datetime) -> PlanLine:
    last = next(iter(queries.newest_runs(session, plan.id)), None)
    return PlanLine(
        name=plan.name,
        ran=last and last.at,
        gave=last.tasks if last else 0,
        comes=running.occurring(session, settings, plan, now, now + AHEAD)[0],
        gives=running.number(session, settings, plan, now),
    )
