"""No task is left with a member who left."""

from datetime import timedelta

import pytest
from flask import Flask

from server.duty import jobs
from server.grid import roles
from server.grid.models import Member, Post
from server.grid.service import members, posts, reach
from server.kernel.database import reading, writing
from tests import factories
from tests.duty import given
from tests.factories import Street
from tests.tasks import given as tasks

NO_OWNER = "no_owner_found"


@pytest.fixture
def street(app: Flask) -> Street:
    return factories.street()


def post_of(member: str) -> str:
    with reading() as session:
        return str(session.query(Post.id).filter_by(member=member).scalar())


def end_post(street: Street, member: str) -> None:
    with writing() as session:
        posts.end(session, given.scope(street.admin), post_of(member))


def end_member(street: Street, member: str) -> None:
    with writing() as session:
        members.end(session, given.scope(street.admin), member)


def test_who_is_given_the_post_gets_the_tasks(street: Street) -> None:
    task = tasks.task(street)
    tasks.steps(street.workers[0], task, ["accept"])
    end_post(street, street.workers[0])
    after = factories.member(roles.WORKER, street.grids[0])
    assert given.queue_done() == 1
    assert given.owner(task) == after
    assert given.acts(task) == ["assign", "accept", "succeed"]
    assert given.told(after) == [("task_handed_over", task)]
    assert tasks.on_feed(street.workers[0])[-1]["op"] == "remove"


def test_else_the_backup_else_the_leader_else_who_is_above(street: Street) -> None:
    backup = factories.member()
    factories.post(backup, roles.WORKER, street.grids[0], backup_of=post_of(street.workers[0]))
    task = tasks.task(street)
    for gone, taker in (
        (street.workers[0], backup),
        (backup, street.leader),
        (street.leader, street.supervisor),
        (street.supervisor, street.admin),
    ):
        end_post(street, gone)
        given.queue_done()
        assert given.owner(task) == taker
    assert given.told(street.admin, "task_no_owner") == [("task_no_owner", task)]
    assert tasks.shown(street, task)["flags"] == [NO_OWNER]
    tasks_before = given.acts(task)
    assert given.ran(jobs.relieve_ownerless) == 0
    assert given.acts(task) == tasks_before
    assert [event.no for event in given.events(task)] == [1, 2, 3, 4, 5, 6]


def test_a_member_who_left_leaves_nothing(street: Street) -> None:
    ids = [tasks.task(street) for _ in range(3)]
    tasks.steps(street.workers[0], ids[2], ["accept", "complete"])
    end_member(street, street.workers[0])
    given.queue_done()
    assert [given.owner(task) for task in ids] == [street.leader, street.leader, street.workers[0]]


def test_the_sweep_finds_what_was_ended_behind_its_back(street: Street) -> None:
    task, other = tasks.task(street), tasks.task(street, worker=1)
    with writing() as session:
        session.get(Member, street.workers[0]).active = False  # type: ignore[union-attr]
        post = session.query(Post).filter_by(member=street.workers[1]).one()
        post.to_day = given.today_() - timedelta(days=1)
    assert given.ran(jobs.relieve_ownerless) == 2
    assert given.ran(jobs.relieve_ownerless) == 0
    assert (given.owner(task), given.owner(other)) == (street.leader, street.leader)


def test_posts_end_with_their_last_day(street: Street) -> None:
    task = tasks.task(street)
    with writing() as session:
        session.query(Post).filter_by(member=street.workers[0]).one().to_day = given.today_()
    with writing() as session:
        reach.turn_day(session, given.today_() + timedelta(days=1))
    assert given.queue_done() == 1
    # By the clock the post is still held: what it reaches stays.
    assert given.owner(task) == street.workers[0]
    with writing() as session:
        day = given.today_() - timedelta(days=1)
        session.query(Post).filter_by(member=street.workers[0]).one().to_day = day
    given.ran(jobs.relieve_ownerless)
    assert given.owner(task) == street.leader


def test_who_moves_to_another_grid_leaves_the_tasks_of_the_old_one(street: Street) -> None:
    worker = street.workers[0]
    old = tasks.task(street)
    factories.post(worker, roles.WORKER, street.grids[3])
    with writing() as session:
        first = session.query(Post.id).filter_by(member=worker, area=street.grids[0]).scalar()
        posts.end(session, given.scope(street.admin), first)
    given.queue_done()
    assert given.owner(old) == street.leader


def test_a_task_given_to_somebody_of_elsewhere_stays_there(street: Street) -> None:
    task = tasks.task(street)
    tasks.reassigned(street, task, 4)
    end_post(street, street.workers[0])
    given.queue_done()
    given.ran(jobs.relieve_ownerless)
    assert given.owner(task) == street.workers[4]


def test_what_was_promised_goes_to_whom_it_was_promised(street: Street) -> None:
    factories.device_for(street.workers[0])
    task = tasks.task(street)
    tasks.reassigned(street, task, 2, "hard")
    assert given.owner(task) == street.workers[0]
    end_member(street, street.workers[0])
    given.queue_done()
    assert given.owner(task) == street.workers[2]


def test_without_anybody_it_is_flagged_once_and_taken_when_somebody_comes(street: Street) -> None:
    task = tasks.task(street)
    everybody = (street.workers[0], street.leader, street.supervisor, street.admin)
    with writing() as session:
        for member in everybody:
            session.get(Member, member).active = False  # type: ignore[union-attr]
    for _ in range(2):
        assert given.ran(jobs.relieve_ownerless) == 0
        assert (given.owner(task), tasks.row(task).flags) == (street.workers[0], [NO_OWNER])
    assert given.acts(task) == ["assign", NO_OWNER]
    leader = factories.member(roles.LEADER, street.communities[0])
    assert given.ran(jobs.relieve_ownerless) == 1
    assert (given.owner(task), tasks.row(task).flags) == (leader, [])
    assert tasks.row(task).version == 3


def test_the_absent_are_passed_over(street: Street) -> None:
    task = tasks.task(street)
    given.slip(street.leader)
    end_member(street, street.workers[0])
    given.queue_done()
    assert given.owner(task) == street.supervisor
