"""What people handle is told as well: the quarantine, notices, pushes and plans."""

import pytest
from flask.testing import FlaskClient

from server.dispatch.plans import adopting
from server.dispatch.plans import service as plan_service
from server.dispatch.pushes.rules import Subject, Target
from server.grid.roles import WORKER
from server.kernel import clock
from server.kernel.database import reading, writing
from server.kernel.ids import uuid7
from server.notices import service as notices
from server.notices.models import Notice
from server.notices.service import NewNotice
from tests import factories
from tests.dispatch import given
from tests.dispatch.plans import test_adopting as packs
from tests.dispatch.plans import test_running as plans
from tests.executed import executed
from tests.factories import Street
from tests.live.asking import Asking
from tests.wire import exchange, line

DAY = plans.DAY


@pytest.fixture
def foreign(client: FlaskClient, street: Street) -> Asking:
    """A supervisor of another street."""
    return Asking(client, factories.street().supervisor)


# The quarantine


def test_a_line_set_aside_is_told_where_its_member_works_and_its_replay_is_not(
    client: FlaskClient, street: Street, supervisor: Asking, foreign: Asking
) -> None:
    phone = factories.device_for(street.workers[4], seen_at=clock.now())
    raw = line(kind="dance")
    for told in ({("aside", street.grids[4])}, set()):
        exchange(client, phone, raw)
        assert (supervisor.told(), foreign.told()) == (told, set())


def test_what_is_set_aside_of_somebody_without_a_post_is_told_to_who_reaches_everything(
    client: FlaskClient, street: Street, supervisor: Asking
) -> None:
    admin = Asking(client, street.admin)
    phone = factories.device_for(factories.member(), seen_at=clock.now())
    exchange(client, phone, line(kind="dance"))
    assert (admin.told(), supervisor.told()) == ({("aside", None)}, set())


def test_judging_a_line_afresh_is_told(
    client: FlaskClient, street: Street, supervisor: Asking
) -> None:
    phone = factories.device_for(street.workers[0], seen_at=clock.now())
    exchange(client, phone, line(kind="dance"))
    supervisor.told()
    headers = factories.auth(factories.token_for(street.supervisor))
    (row,) = client.get("/api/v1/quarantine", headers=headers).json["results"]
    path = f"/api/v1/quarantine/{row['id']}/replay"
    assert client.post(path, headers=headers).status_code == 200
    assert supervisor.told() == {("aside", street.grids[0])}


def test_only_lines_set_aside_ask_for_the_posts_of_their_member(
    client: FlaskClient, street: Street
) -> None:
    phone = factories.device_for(street.workers[0], seen_at=clock.now())
    asked = []
    for count in (0, 1, 5):
        lines = [line(kind="dance") for _ in range(count)]
        with executed() as seen:
            exchange(client, phone, line(), *lines)
        asked.append(sum("FROM post" in text for text, _ in seen))
    assert asked == [asked[0], asked[0] + 1, asked[0] + 1]


# Notices


def test_who_is_told_something_hears_of_it_as_its_inbox_alone(
    client: FlaskClient, street: Street, supervisor: Asking
) -> None:
    leader = Asking(client, street.leader)
    new = NewNotice(street.leader, "task_red", "task", uuid7())
    with writing() as session:
        notices.tell(session, [new])
    assert (leader.told(), supervisor.told()) == ({("inbox", None)}, set())
    with reading() as session:
        notice = session.query(Notice.id).scalar()
    for told in ({("inbox", None)}, set()):
        with writing() as session:
            notices.read(session, street.leader, notice)
        assert (leader.told(), supervisor.told()) == (told, set())


# Pushes


def test_a_push_is_told_when_it_is_planned_and_with_each_slice(
    street: Street, supervisor: Asking, foreign: Asking
) -> None:
    community = street.communities[0]
    push = given.push(street, Target(area=community))
    assert supervisor.told() == {("push", community)}
    for grids in (street.grids[:2], street.grids[2:3]):
        given.advance(push, 2)
        assert supervisor.told() == {("push", community), *(("task", grid) for grid in grids)}
    assert given.advance(push) == 0
    assert supervisor.told() == foreign.told() == set()


def test_a_push_that_lies_in_several_areas_is_told_in_each_of_them(
    street: Street, supervisor: Asking, foreign: Asking
) -> None:
    grids = [street.grids[1], street.grids[5], street.grids[2]]
    push = given.push(street, Target(subjects=tuple(Subject(uuid7(), grid) for grid in grids)))
    assert supervisor.told() == {("push", grid) for grid in grids}
    for some in (grids[:2], grids[2:]):
        with executed() as seen:
            given.advance(push, 2)
        assert supervisor.told() == {(kind, grid) for kind in ("push", "task") for grid in some}
        assert sum("INTO mark" in text for text, _ in seen) == 1
    assert foreign.told() == set()


def test_a_push_marks_itself_once_a_slice(street: Street, supervisor: Asking) -> None:
    push = given.push(street, Target(area=street.street))
    supervisor.told()
    with executed() as seen:
        given.advance(push)
    assert sum("INTO mark" in text for text, _ in seen) == 1
    assert ("push", street.street) in supervisor.told()


# Plans


def test_a_plan_is_told_when_it_is_made_changed_run_and_taken_away(
    street: Street, supervisor: Asking, foreign: Asking
) -> None:
    area = street.communities[0]
    plan = plans.plan(street)
    assert supervisor.told() == {("plan", area)}
    settings, scope = given.settings(), given.scope(street.supervisor)
    with writing() as session:
        wish = plan_service.Change(scope, plan, 1)
        plan_service.change(session, settings, wish, {"name": "日检二"})
    assert supervisor.told() == {("plan", area)}
    plans.look(plans.MONDAY + DAY)
    assert supervisor.told() == {("plan", area), ("push", area)}
    plans.look(plans.MONDAY + DAY)
    assert supervisor.told() == set()
    with writing() as session:
        plan_service.end(session, plan_service.Change(scope, plan, 2))
    assert supervisor.told() == {("plan", area)}
    assert foreign.told() == set()


def test_the_plans_of_a_pack_are_told_when_they_begin_change_and_end(
    street: Street, supervisor: Asking
) -> None:
    area = street.communities[0]
    day = plans.MONDAY.date()
    packs.hold(street, packs.text(), area)
    supervisor.told()
    steps = [
        (packs.text(), {("plan", area)}),
        (packs.text(), set()),
        (packs.text(version=2, every="[1, work_day]"), {("plan", area)}),
    ]
    for text, told in steps:
        packs.hold(street, text, area)
        supervisor.told()
        adopting.adopt(day, plans.MONDAY)
        assert supervisor.told() == told


def test_a_plan_of_the_whole_deployment_is_told_to_all_staff(
    client: FlaskClient, street: Street, supervisor: Asking, foreign: Asking
) -> None:
    admin, worker = Asking(client, street.admin), Asking(client, street.workers[0])
    scope = given.scope(street.admin)
    data = {"name": "日检", "area": None, "target": Target(role=WORKER), "template": None}
    data |= {"task": {"title": "检查"}, "rhythm": plans.Rhythm("day"), "missed": "once"}
    with writing() as session:
        plan_service.create(session, given.settings(), scope, data | {"confirm": None})
    everybody = {("plan", None)}
    assert [page.told() for page in (admin, supervisor, foreign)] == [everybody] * 3
    assert worker.told() == set()
