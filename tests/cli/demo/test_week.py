"""The week before the phones came, by the rules of the pack and at the moments of then."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from server.cli.demo import week
from server.cli.demo.street import Login, Street, Worker
from server.dispatch.plans.models import Plan, PlanRun
from server.grid.models import AreaStamp
from server.grid.roles import LEADER, OPERATOR
from server.kernel import clock
from server.kernel.database import reading, writing
from server.kernel.ids import uuid7
from server.tasks.clock import Light, light
from server.tasks.models import Task, TaskEvent
from tests import factories
from tests.journeys.days import local

NOW = local("2026-12-09 10:00")
"""A Wednesday; the Monday before is the first of its month."""


@pytest.fixture
def street(app: Flask) -> Iterator[Street]:
    """Played from end to end under the pack."""
    made = factories.street()
    contact = factories.member()
    for grid in made.grids:
        factories.post(contact, LEADER, grid)
    for community in made.communities:
        factories.member(OPERATOR, community)
    with writing() as session:
        session.add(AreaStamp(id=1, stamp=uuid7()))
    homes = zip(made.workers, made.grids, strict=True)
    workers = [Worker(member, member, grid) for member, grid in homes]
    supervisor = Login("郑", "supervisor", "zheng", "", made.supervisor)
    demo = Street(made.street, made.grids, workers, [], supervisor, contact)
    with clock.standing_at(NOW):
        week.play(app.extensions["gewu_settings"], demo)
    yield demo


def tasks(**named: object) -> list[Task]:
    with reading() as session:
        found = session.scalars(select(Task).filter_by(**named).order_by(Task.id)).all()
        session.expunge_all()
        return list(found)


def test_each_plan_ran_when_it_was_due(street: Street) -> None:
    with reading() as session:
        rows = session.execute(
            select(Plan.name, PlanRun.at, PlanRun.made_at, PlanRun.tasks).join(
                PlanRun, PlanRun.plan == Plan.id
            )
        ).all()
    assert all(row.made_at == row.at for row in rows)
    assert {row.name: (row.at, row.tasks) for row in rows} == {
        "街道人员每周巡查": (local("2026-12-09 08:00"), 6),
        "周五交办函": (local("2026-12-04 08:30"), 2),
        "周五上午社区例会": (local("2026-12-04 09:00"), 6),
        "周五下午联合巡查": (local("2026-12-04 14:30"), 6),
        "每月第一个周一街道例会": (local("2026-12-07 09:00"), 6),
    }
    assert len(rows) == 5


def test_tasks_are_as_old_as_they_say(street: Street) -> None:
    friday = local("2026-12-04 09:00")
    meetings = tasks(template="friday_meeting")
    assert {task.created_at for task in meetings} == {task.clock_from for task in meetings}
    assert {task.created_at for task in meetings} == {friday}
    assert {task.created_at for task in tasks(push=None)} == {NOW - week.GIVEN}


def test_of_the_supervisors_orders_there_is_one_of_each_light(street: Street) -> None:
    held = [light(task, NOW) for task in tasks(push=None, assignee=street.contact)]
    assert sorted(held) == sorted([Light.RED, Light.YELLOW, Light.GREEN])
    (late,) = tasks(push=None, assignee=street.workers[0].id)
    assert light(late, NOW) is Light.RED
    assert all(task.escalation == 0 for task in tasks(push=None))


def test_what_nobody_accepted_went_up_and_was_told(street: Street) -> None:
    meetings = tasks(template="friday_meeting")
    # To the contacts of the communities, then to the street.
    assert [task.escalation for task in meetings] == [2] * 6
    assert {task.assignee for task in meetings} == {street.supervisor.id}
    with reading() as session:
        at = session.scalars(
            select(TaskEvent.at).where(
                TaskEvent.task == meetings[0].id, TaskEvent.action == "escalate"
            )
        ).all()
    assert all(moment <= NOW for moment in at)
    assert all(task.told_red == task.due for task in meetings)


@pytest.mark.parametrize("days", range(7))
def test_there_is_each_light_on_any_day(days: int) -> None:
    """Whatever the hour, the orders end as they should."""
    now = datetime.fromisoformat("2026-12-02T03:00:00+00:00") + timedelta(days=days, hours=5 * days)
    street = Street("s", ["a", "b", "c"], [Worker("w", "", "a")], [], Login("", "", "", ""), "k")
    ends = [order["due"] for order in week._orders(street, now)]
    shares = [week.GIVEN / (due - (now - week.GIVEN)) for due in ends if due]
    assert [share > 1 for share in shares] == [True, False, False, True]
    assert [0.7 < share < 1 for share in shares] == [False, True, False, False]
