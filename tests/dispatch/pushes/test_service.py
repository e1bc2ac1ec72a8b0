"""Whom an order reaches, and what a planned push keeps."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from server.dispatch.pushes import service
from server.dispatch.pushes.rules import Subject, Target
from server.duty.models import Absence
from server.grid import roles
from server.kernel import clock, queue
from server.kernel.audit import AuditEntry
from server.kernel.database import reading, writing
from server.kernel.ids import uuid7
from server.kernel.problems import Problem
from tests import factories
from tests.dispatch import given
from tests.duty import given as duty
from tests.factories import LONG_AGO, Street

NOWHERE = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
def street(app: Flask) -> Street:
    return factories.street()


def test_an_area_is_every_worker_post_below_it(street: Street) -> None:
    push = given.push(street, Target(area=street.communities[0]))
    given.drive(push)
    given.check_each_once(push)
    assert given.assignees(push) == dict.fromkeys(street.workers[:3], 1)
    assert {(task.assignee, task.area) for task in given.tasks(push)} == set(
        zip(street.workers[:3], street.grids[:3], strict=True)
    )
    assert given.row(push).area == street.communities[0]


def test_a_member_gets_it_at_home(street: Street) -> None:
    push = given.push(street, Target(member=street.workers[4]))
    given.drive(push)
    assert [(t.assignee, t.area) for t in given.tasks(push)] == [
        (street.workers[4], street.grids[4])
    ]


def test_a_post_is_its_holder_in_its_area(street: Street) -> None:
    post = factories.post(street.workers[0], roles.OPERATOR, street.communities[1])
    push = given.push(street, Target(post=post))
    given.drive(push)
    assert [(t.assignee, t.area) for t in given.tasks(push)] == [
        (street.workers[0], street.communities[1])
    ]


def test_a_role_within_an_area(street: Street) -> None:
    push = given.push(street, Target(role=roles.LEADER, area=street.street))
    given.drive(push)
    assert [(t.assignee, t.area) for t in given.tasks(push)] == [
        (street.leader, street.communities[0])
    ]
    left_out = given.row(push).left_out
    assert left_out == [{"area": grid, "why": "nobody"} for grid in street.grids[3:]]


def test_without_an_area_it_is_all_that_one_reaches(street: Street) -> None:
    factories.street()
    push = given.push(street, Target(role=roles.WORKER))
    given.drive(push)
    assert given.assignees(push) == dict.fromkeys(street.workers, 1)


def test_subjects_go_to_the_worker_of_their_area(street: Street) -> None:
    shops = [uuid7() for _ in range(4)]
    subjects = (
        Subject(shops[0], street.grids[0]),
        Subject(shops[1], street.grids[0]),
        Subject(shops[2], street.communities[1]),
        Subject(shops[3], assignee=street.workers[5]),
    )
    push = given.push(street, Target(subjects=subjects))
    given.drive(push)
    assert {(t.subject, t.assignee, t.area) for t in given.tasks(push)} == {
        (shops[0], street.workers[0], street.grids[0]),
        (shops[1], street.workers[0], street.grids[0]),
        (shops[3], street.workers[5], street.grids[5]),
    }
    assert given.row(push).left_out == [
        {"area": street.communities[1], "subject": shops[2], "why": "nobody"}
    ]
    assert given.row(push).target == {"subjects": 4}


def test_a_backup_gets_none_beside_the_holder_and_all_in_its_place(street: Street) -> None:
    backup = factories.member()
    with reading() as session:
        held = service.queries.seats(session, given.scope(street.admin), street.grids[0], "worker")
    assert [seat.member for seat in held] == [street.workers[0]]
    holder = _post_of(street.workers[0])
    factories.post(backup, roles.WORKER, street.grids[0], backup_of=holder)
    push = given.push(street, Target(area=street.grids[0]))
    given.drive(push)
    assert given.assignees(push) == {street.workers[0]: 1}
    _end_post(holder)
    push = given.push(street, Target(area=street.grids[0]))
    given.drive(push)
    assert given.assignees(push) == {backup: 1}


def _post_of(member: str) -> str:
    with reading() as session:
        post = session.scalar(select(factories.Post.id).where(factories.Post.member == member))
        return str(post)


def _end_post(post: str) -> None:
    with writing() as session:
        session.get_one(factories.Post, post).to_day = LONG_AGO


def test_who_is_absent_is_stood_in_for_when_the_task_is_given(street: Street) -> None:
    absent, other, third = street.workers[:3]
    duty.slip(absent, backup=other)
    push = given.push(street, Target(area=street.communities[0]))
    given.drive(push)
    given.check_each_once(push)
    assert given.assignees(push) == {other: 2, third: 1}
    (taken,) = [task.id for task in given.tasks(push) if task.area == street.grids[0]]
    assert [event.detail for event in duty.events(taken)] == [{"instead_of": absent}]
    assert given.row(push).left_out == []


def test_who_is_back_before_it_is_given_gets_it(street: Street) -> None:
    absence = duty.slip(street.workers[0], backup=street.workers[1])
    push = given.push(street, Target(area=street.grids[0]))
    with writing() as session:
        session.get_one(Absence, absence).ended_at = clock.now()
    given.drive(push)
    assert given.assignees(push) == {street.workers[0]: 1}


def test_who_is_absent_and_has_nobody_is_left_out(street: Street) -> None:
    for member in (street.workers[2], street.leader, street.supervisor, street.admin):
        duty.slip(member)
    push = given.push(street, Target(area=street.communities[0]))
    given.drive(push)
    assert given.assignees(push) == dict.fromkeys(street.workers[:2], 1)
    assert given.row(push).left_out == [{"area": street.grids[2], "why": "absent"}]


@pytest.mark.parametrize(
    ("target", "code"),
    [
        (lambda s: Target(area=s.grids[0]), "nobody_reached"),
        (lambda s: Target(area=s.street, role=roles.DEPARTMENT), "nobody_reached"),
        (lambda s: Target(area=NOWHERE), "forbidden"),
        (lambda s: Target(member=NOWHERE), "reference_unknown"),
        (lambda s: Target(member=s.admin), "reference_unknown"),
        (lambda s: Target(post=NOWHERE), "reference_unknown"),
        (lambda s: Target(post="grid_worker", area=s.street), "reference_unknown"),
        (lambda s: Target(subjects=(Subject(uuid7(), NOWHERE),)), "reference_unknown"),
        (lambda s: Target(subjects=(Subject(uuid7(), assignee=NOWHERE),)), "reference_unknown"),
        (lambda s: Target(subjects=(Subject(NOWHERE),)), "invalid"),
        (lambda s: Target(subjects=(Subject(uuid7(), s.grids[1]),) * 2), "subject_twice"),
        (lambda s: Target(member=s.admin, area=s.street), "invalid"),
        (lambda s: Target(member=s.admin, role=roles.WORKER), "invalid"),
        (lambda s: Target(), "invalid"),
    ],
)
def test_what_reaches_nobody_is_refused_and_nothing_written(
    street: Street, target: object, code: str
) -> None:
    _end_post(_post_of(street.workers[0]))
    with pytest.raises(Problem) as raised:
        given.push(street, target(street))  # type: ignore[operator]
    assert raised.value.code == code
    with reading() as session:
        assert session.query(service.Push).count() == 0


def test_nobody_tells_which_areas_have_none(street: Street) -> None:
    _end_post(_post_of(street.workers[0]))
    with pytest.raises(Problem) as raised:
        given.push(street, Target(area=street.grids[0]))
    assert raised.value.extra == {"left_out": [{"area": street.grids[0], "why": "nobody"}]}


@pytest.mark.parametrize(
    "target",
    [
        lambda s: Target(area=s.street),
        lambda s: Target(member=s.workers[0]),
        lambda s: Target(post=_post_of(s.workers[0])),
        lambda s: Target(role="worker", area=s.grids[0]),
        lambda s: Target(subjects=(Subject(uuid7(), s.grids[0]),)),
        lambda s: Target(subjects=(Subject(uuid7(), assignee=s.workers[0]),)),
    ],
)
def test_a_foreign_area_is_forbidden(street: Street, target: object) -> None:
    foreign = factories.street()
    with pytest.raises(Problem, match="forbidden"):
        given.push(street, target(foreign))  # type: ignore[operator]


@pytest.mark.parametrize(
    ("ahead", "code"), [(-timedelta(seconds=1), "due_past"), (timedelta(days=3654), "due_far")]
)
def test_an_end_that_nobody_can_set_is_refused(street: Street, ahead: timedelta, code: str) -> None:
    with pytest.raises(Problem, match=code):
        given.push(street, Target(area=street.street), fields={"due": clock.now() + ahead})


def test_a_template_without_a_pack_is_unknown(street: Street) -> None:
    with pytest.raises(Problem) as raised:
        given.push(street, Target(area=street.street), template="patrol")
    assert raised.value.code == "template_unknown"
    assert raised.value.extra["left_out"][0]["why"] == "template_unknown"


def test_a_large_number_is_told_before_anything_is_written(street: Street) -> None:
    target = Target(area=street.street)
    for confirmed in (None, 5, 7):
        with pytest.raises(Problem) as raised:
            given.push(street, target, ask_above=5, confirmed=confirmed)
        assert (raised.value.code, raised.value.extra) == ("confirm_needed", {"number": 6})
    with reading() as session:
        assert session.query(service.Push).count() == 0
        assert session.query(queue.Job).count() == 0
    given.push(street, target, ask_above=5, confirmed=6)
    given.push(street, target, ask_above=6)


def test_all_the_fields_arrive(street: Street) -> None:
    due = clock.now() + timedelta(days=1)
    loc = {"lat": 30.0, "lon": 120.0, "datum": "wgs84"}
    fields = {"text": "见附件", "kind": "check", "priority": 2, "due": due, "loc": loc}
    push = given.push(street, Target(area=street.grids[0]), fields=fields)
    given.drive(push)
    (task,) = given.tasks(push)
    assert (task.text, task.kind, task.priority, task.due) == ("见附件", "check", 2, due)
    assert (task.loc, task.created_by) == (loc, street.supervisor)


def test_the_audit_names_the_push_and_the_number(street: Street) -> None:
    push = given.push(street, Target(area=street.street))
    given.drive(push, most=4)
    with reading() as session:
        noted = session.execute(
            select(AuditEntry.act, AuditEntry.detail)
            .where(AuditEntry.actor == street.supervisor, AuditEntry.object == push)
            .order_by(AuditEntry.no)
        ).all()
    assert [tuple(row) for row in noted] == [
        ("push.plan", '{"plan": null, "tasks": 6}'),
        ("push.assign", '{"tasks": 4}'),
        ("push.assign", '{"tasks": 2}'),
    ]
