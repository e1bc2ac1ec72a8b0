"""The begin and the end of absences, and what becomes of tasks meanwhile."""

from datetime import timedelta

import pytest
from flask import Flask

from server import keys
from server.duty import jobs
from server.duty.service import absences, standing
from server.duty.service.absences import Desk
from server.grid import roles
from server.grid.models import Post
from server.kernel import clock
from server.kernel.database import reading, writing
from server.kernel.problems import Problem
from server.tasks import service
from server.tasks.standing import NewTask
from tests import factories
from tests.duty import given
from tests.factories import Street
from tests.tasks import given as tasks

DAY = timedelta(days=1)


@pytest.fixture
def street(app: Flask) -> Street:
    return factories.street()


def backed(street: Street, worker: int, by: int) -> None:
    """`by` holds the backup post (B岗) of `worker`."""
    with reading() as session:
        post = session.query(Post.id).filter_by(member=street.workers[worker]).scalar()
    factories.post(street.workers[by], roles.WORKER, street.grids[worker], backup_of=post)


@pytest.mark.parametrize(
    ("pair", "chosen", "leader_away", "taker"),
    [
        (True, True, False, "B"),
        (False, True, False, "chosen"),
        (False, False, False, "leader"),
        (False, False, True, "supervisor"),
    ],
)
def test_a_new_task_goes_to_who_stands_in(
    street: Street, pair: bool, chosen: bool, leader_away: bool, taker: str
) -> None:
    if pair:
        backed(street, 0, 1)
    if leader_away:
        given.slip(street.leader)
    given.slip(street.workers[0], backup=street.workers[4] if chosen else None)
    task = tasks.task(street)
    expected = {
        "B": street.workers[1],
        "chosen": street.workers[4],
        "leader": street.leader,
        "supervisor": street.supervisor,
    }
    assert given.owner(task) == expected[taker]
    (event,) = given.events(task)
    assert event.detail == {"instead_of": street.workers[0]}
    assert [change["id"] for change in tasks.on_feed(expected[taker])] == [task]
    assert tasks.on_feed(street.workers[0]) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"approved_by": None},
        {"begins": clock.now() + DAY, "ends": clock.now() + 2 * DAY},
        {"begins": clock.now() - 2 * DAY, "ends": clock.now() - DAY},
        {"ended_at": clock.now()},
    ],
)
def test_a_slip_that_does_not_stand_changes_nothing(street: Street, fields: dict) -> None:
    given.slip(street.workers[0], **fields)
    assert given.owner(tasks.task(street)) == street.workers[0]


def test_without_anybody_a_task_stays_with_who_is_away(street: Street) -> None:
    alone = factories.area(street.tree, "street", None, "孤岛", "X1", None)
    member = factories.member(roles.WORKER, alone)
    given.slip(member)
    given.slip(street.admin)
    with reading() as session:
        now = clock.now()
        assert standing.stand_in(session, member, alone, now, given.ZONE) == member


def test_a_reassignment_to_who_is_away_goes_to_the_stand_in(street: Street) -> None:
    task = tasks.task(street, worker=1)
    given.slip(street.workers[0], backup=street.workers[2])
    tasks.reassigned(street, task, 0)
    assert given.owner(task) == street.workers[2]
    with pytest.raises(Problem, match="assignee_same"):
        tasks.reassigned(street, task, 0)


def test_open_tasks_go_and_come_back(street: Street) -> None:
    worker, stand_in = street.workers[0], street.workers[3]
    untouched, done, given_on = (tasks.task(street) for _ in range(3))
    tasks.steps(worker, untouched, ["accept", "start"])
    before = tasks.task(street)
    tasks.steps(worker, before, ["accept", "complete"])
    slip = given.slip(worker, backup=stand_in)

    assert given.ran(jobs.turn_absences) == 1
    assert given.ran(jobs.turn_absences) == 0
    assert {given.owner(t) for t in (untouched, done, given_on)} == {stand_in}
    assert given.owner(before) == worker
    assert given.told(stand_in, "task_handed_over") == [
        ("task_handed_over", task) for task in sorted((untouched, done, given_on))
    ]

    tasks.steps(stand_in, done, ["accept", "complete"], assignment=2)
    tasks.reassigned(street, given_on, 4)
    new = tasks.task(street)
    assert given.owner(new) == stand_in
    with writing() as session:
        desk = Desk(given.scope(worker), given.ZONE, keys.cipher())
        absences.end(session, desk, slip)
    assert given.owner(untouched) == worker
    assert given.acts(untouched) == ["assign", "accept", "start", "stand_in", "take_back"]
    assert (given.owner(done), given.owner(given_on)) == (stand_in, street.workers[4])
    assert given.owner(new) == stand_in
    assert given.told(worker) == [("absence_ended", slip), ("task_handed_back", untouched)]
    assert given.owner(tasks.task(street)) == worker


@pytest.mark.parametrize(
    ("setting", "during", "after"), [("keep", 0, 0), ("hand_over", 3, 3), ("hand_back", 3, 0)]
)
def test_what_the_slip_says_of_open_tasks(
    street: Street, setting: str, during: int, after: int
) -> None:
    task = tasks.task(street)
    given.slip(street.workers[0], backup=street.workers[3], open_tasks=setting)
    given.ran(jobs.turn_absences)
    assert given.owner(task) == street.workers[during]
    assert given.ran(jobs.turn_absences, clock.now() + 2 * DAY) == 1
    assert given.owner(task) == street.workers[after]


def test_who_is_away_again_gets_nothing_back(street: Street) -> None:
    task, worker = tasks.task(street), street.workers[0]
    first_ends = clock.now() + timedelta(hours=1)
    given.slip(worker, backup=street.workers[3], ends=first_ends)
    given.ran(jobs.turn_absences)
    given.slip(worker, begins=first_ends, ends=first_ends + DAY, backup=street.workers[4])
    with clock.standing_at(first_ends):
        assert given.ran(jobs.turn_absences) == 2
    assert given.owner(task) == street.workers[3]


def test_an_absence_that_passed_unseen_is_only_closed(street: Street) -> None:
    task = tasks.task(street)
    given.slip(street.workers[0], backup=street.workers[3])
    assert given.ran(jobs.turn_absences, clock.now() + 2 * DAY) == 1
    assert given.acts(task) == ["assign"]


def test_many_tasks_of_many_go_to_each_one_s_stand_in(street: Street) -> None:
    backed(street, 0, 1)
    given.slip(street.workers[0])
    given.slip(street.workers[4], backup=street.workers[5])
    new = [NewTask(w, "走访", street.grids[i]) for i, w in enumerate(street.workers)] * 2
    with writing() as session:
        ids = service.assign_many(session, street.supervisor, new)
    owners = [given.owner(task) for task in ids]
    workers = street.workers
    expected = [workers[1], workers[1], workers[2], workers[3], workers[5], workers[5]]
    assert owners == expected * 2
