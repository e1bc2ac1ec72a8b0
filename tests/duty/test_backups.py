"""Who stands in, comes after and is told by the posts that the pack names (AB岗)."""

import pytest
from flask import Flask

from server.duty import jobs
from server.grid import roles
from server.grid.models import Post
from server.grid.service import posts
from server.kernel import clock
from server.kernel.database import writing
from tests import factories
from tests.duty import given
from tests.factories import Street
from tests.tasks import given as tasks

CALLED = """  desk: {name: 坐席, role: operator, level: community}
  contact: {name: 挂点人员, role: operator, level: community, backups: [chief]}
  member: {name: 网格员, role: worker, level: grid, backups: [contact]}
notices:
  - {on: red, to: [backup]}
"""
"""More posts for the pack of these tests, two of them with one role and level."""


@pytest.fixture
def street(app: Flask) -> Street:
    """With somebody at the desk and a contact person in the first community."""
    given.ruled(CALLED)
    return factories.street()


@pytest.fixture
def contact(street: Street) -> str:
    for code in ("desk", "contact"):
        member = factories.member()
        factories.post(member, roles.OPERATOR, street.communities[0], code=code)
    return member


def end_post(street: Street, member: str) -> None:
    with writing() as session:
        post = session.query(Post).filter_by(member=member).one()
        posts.end(session, given.scope(street.admin), post.id)


def test_who_has_the_backup_stands_in_before_the_leader(street: Street, contact: str) -> None:
    given.slip(street.workers[0])
    assert given.owner(tasks.task(street)) == contact


def test_a_backup_that_is_away_as_well_has_its_own(street: Street, contact: str) -> None:
    given.slip(street.workers[0])
    given.slip(contact)
    assert given.owner(tasks.task(street)) == street.supervisor


def test_a_person_backs_before_a_post(street: Street, contact: str) -> None:
    with writing() as session:
        held = session.query(Post.id).filter_by(member=street.workers[0]).scalar()
    other = factories.member()
    factories.post(other, roles.WORKER, street.grids[0], backup_of=held)
    given.slip(street.workers[0])
    assert given.owner(tasks.task(street)) == other


def test_at_the_begin_of_an_absence_the_tasks_go_there(street: Street, contact: str) -> None:
    task = tasks.task(street)
    given.slip(street.workers[0])
    assert given.ran(jobs.turn_absences) == 1
    assert (given.owner(task), given.acts(task)) == (contact, ["assign", "stand_in"])


def test_what_somebody_left_goes_there(street: Street, contact: str) -> None:
    task = tasks.task(street)
    end_post(street, street.workers[0])
    given.queue_done()
    assert (given.owner(task), given.acts(task)) == (contact, ["assign", "succeed"])


def test_of_two_codes_nobody_comes_after_the_other(street: Street, contact: str) -> None:
    task = tasks.task(street)
    with writing() as session:
        session.query(Post).filter_by(member=street.workers[0]).one().code = "member"
    factories.post(street.workers[1], roles.WORKER, street.grids[0], code="driver")
    end_post(street, street.workers[0])
    given.queue_done()
    assert given.owner(task) == contact


def test_the_backup_is_told(street: Street, contact: str) -> None:
    task = tasks.task(street, due=clock.now() + given.HOUR)
    with clock.standing_at(clock.now() + 2 * given.HOUR):
        assert given.ran(jobs.tell_lights) == 1
    assert given.told(contact) == [("task_red", task)]
    assert given.told(street.leader) == []
