"""The plans of rule packs hold where and as long as their packs do; templates come from them."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from structlog.testing import capture_logs

from server.dispatch.plans import adopting, jobs, service
from server.dispatch.plans.models import Plan
from server.dispatch.pushes.models import Push
from server.dispatch.pushes.rules import Subject, Target
from server.grid.roles import WORKER
from server.kernel.clock import standing_at
from server.kernel.database import reading, writing
from server.kernel.ids import uuid7
from server.kernel.problems import Problem
from server.regime import service as regime
from tests import factories
from tests.dispatch import given
from tests.dispatch.given import MONDAY
from tests.factories import Street
from tests.regime.spoiled import spoil

SHOPS = "subjects: {shop: {name: 商户}}\n"
DAY, LONG_AGO = timedelta(days=1), date(2026, 1, 1)


@pytest.fixture
def street(app: Flask) -> Street:
    return factories.street()


def text(id_: str = "river", version: int = 1, every: str = "[1, day]", more: str = "") -> str:
    """A pack with a post, a template and a daily plan for the post."""
    return f"""pack: {{id: {id_}, version: {version}, name: 河道巡查}}
calendar: {{hours: [08:30-12:00, 14:00-17:30]}}
tree:
  levels:
    - {{code: street, name: 街道}}
    - {{code: community, name: 社区}}
    - {{code: grid, name: 网格}}
posts: {{grid_worker: {{name: 网格员, role: worker, level: grid}}}}
kinds: {{patrol: {{name: 巡河}}}}
templates: {{walk: {{kind: patrol, title: 巡河一次, text: 沿岸, priority: 2}}}}
deadlines: {{default: {{limit: [3, work_day], yellow_at: 0.7}}}}
plans:
  walk: {{name: 每天巡河, template: walk, post: grid_worker, rhythm: {{every: {every}, at: 08:00}}}}
{more}
"""


def of_shops(version: int) -> str:
    """The same with a plan for each shop."""
    of_post = text(version=version)
    return of_post.replace("post: grid_worker, rhythm", "subject_class: shop, rhythm") + SHOPS


def hold(street: Street, text_: str, area: str | None = None, from_day: date = LONG_AGO) -> None:
    wanted = regime.Installation(text_, from_day, area, past=True)
    with writing() as session:
        regime.install(session, street.admin, MONDAY.date(), wanted)


def look(now: datetime) -> int:
    with standing_at(now):
        return jobs.look(given.settings(), now)


def plans(*, ended: bool = False) -> list[Plan]:
    with reading() as session:
        condition = Plan.ended_at.is_not(None) if ended else Plan.ended_at.is_(None)
        found = list(session.scalars(select(Plan).where(condition).order_by(Plan.id)))
        session.expunge_all()
        return found


def pushes() -> list[Push]:
    with reading() as session:
        found = list(session.scalars(select(Push).order_by(Push.id)))
        session.expunge_all()
        return found


def test_a_plan_of_a_pack_begins_and_gives_its_template(street: Street) -> None:
    hold(street, text(), street.communities[0])
    assert look(MONDAY) == 0
    (plan,) = plans()
    assert (plan.name, plan.area, plan.pack) == ("每天巡河", street.communities[0], "river")
    assert look(MONDAY + DAY) == 3
    (push,) = pushes()
    with standing_at(MONDAY + DAY):
        given.drive(push.id)
    tasks = given.tasks(push.id)
    assert {task.assignee for task in tasks} == set(street.workers[:3])
    assert {(t.title, t.kind, t.template, t.priority) for t in tasks} == {
        ("巡河一次", "patrol", "walk", 2)
    }
    assert {(t.pack, t.limit_number, t.created_by) for t in tasks} == {("river@1", 3, "server")}


def test_an_area_whose_plans_cannot_be_taken_over_stops_no_other(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, sound = sorted(street.communities)
    for area in (broken, sound):
        hold(street, text(), area)
    begin = adopting._begin

    def breaks(session: Any, one: Any, now: datetime) -> None:
        begin(session, one, now)
        assert one.area != broken

    with monkeypatch.context() as patch, capture_logs() as logs:
        patch.setattr(adopting, "_begin", breaks)
        look(MONDAY)
    failed = [log for log in logs if log["event"] == "part_failed"]
    assert [(log["job"], log["of"]) for log in failed] == [("adopt_plans", broken)]
    assert [plan.area for plan in plans()] == [sound]
    look(MONDAY)
    assert {plan.area for plan in plans()} == {broken, sound}


def test_looked_at_again_nothing_changes(street: Street) -> None:
    hold(street, text(), street.communities[0])
    for _ in range(3):
        look(MONDAY)
    (plan,) = plans()
    assert plan.version == 1


def test_a_new_version_keeps_what_people_set(street: Street) -> None:
    hold(street, text())
    look(MONDAY)
    _change(street, plans()[0], missed="each")
    hold(street, text(version=2, every="[1, work_day]"))
    look(MONDAY + DAY)
    (plan,) = plans()
    assert (plan.missed, plan.rhythm["unit"]) == ("each", "work_day")


def _change(street: Street, plan: Plan, **changes: Any) -> None:
    with standing_at(MONDAY):
        wish = service.Change(given.scope(street.admin), plan.id, plan.version)
        with writing() as session:
            service.change(session, given.settings(), wish, changes)


def test_a_plan_that_the_pack_no_longer_has_ends_and_may_come_back(street: Street) -> None:
    hold(street, text())
    look(MONDAY)
    hold(street, text(id_="other").replace("walk: {name", "other: {name"), from_day=MONDAY.date())
    look(MONDAY)
    assert [plan.key for plan in plans()] == ["other:other:*"]
    assert [plan.key for plan in plans(ended=True)] == ["river:walk:*"]
    hold(street, text(version=2), from_day=MONDAY.date() + DAY)
    look(MONDAY + DAY)
    assert [plan.key for plan in plans()] == ["river:walk:*"]


def test_plans_that_cannot_be_read_any_more_stay_as_they_are(street: Street) -> None:
    hold(street, text(), street.communities[0])
    look(MONDAY)
    spoil(text().replace("[1, day]", "[1, moon]"))
    look(MONDAY)
    (plan,) = plans()
    assert (plan.key, plan.version) == (f"river:walk:{street.communities[0]}", 1)
    assert look(MONDAY + DAY) == 3


def test_an_area_with_its_own_pack_is_not_the_deployments(street: Street) -> None:
    hold(street, text())
    hold(street, text(id_="lake").replace("巡河一次", "巡湖一次"), street.communities[1])
    look(MONDAY)
    assert look(MONDAY + DAY) == 6
    for push in pushes():
        given.drive(push.id)
        titles = {task.title for task in given.tasks(push.id)}
        workers = {task.assignee for task in given.tasks(push.id)}
        if titles == {"巡湖一次"}:
            assert workers == set(street.workers[3:])
        else:
            assert (titles, workers) == ({"巡河一次"}, set(street.workers[:3]))


def test_a_plan_for_a_class_of_subjects_waits_for_their_list(street: Street) -> None:
    hold(street, of_shops(1))
    look(MONDAY)
    assert look(MONDAY + DAY) == 0
    shops = tuple(Subject(uuid7(), street.grids[no % 6]) for no in range(8))
    _change(street, plans()[0], target=Target(subjects=shops))
    assert look(MONDAY + 2 * DAY) == 8
    hold(
        street,
        text(version=2).replace("post: grid_worker, rhythm", "subject_class: shop, rhythm") + SHOPS,
    )
    look(MONDAY + 2 * DAY)
    assert look(MONDAY + 3 * DAY) == 8


def test_what_stands_in_a_pack_is_changed_there(street: Street) -> None:
    hold(street, text())
    look(MONDAY)
    with pytest.raises(Problem, match="state_illegal"):
        _change(street, plans()[0], name="另名")
    with pytest.raises(Problem, match="state_illegal"), writing() as session:
        service.end(session, service.Change(given.scope(street.admin), plans()[0].id, 1))


def test_a_post_by_its_code_and_who_has_none(street: Street) -> None:
    hold(street, text(), street.communities[0])
    with writing() as session:
        session.query(factories.Post).filter_by(member=street.workers[0]).delete()
    push = given.push(street, Target(post="grid_worker", area=street.street), template="walk")
    given.drive(push)
    assert given.assignees(push) == dict.fromkeys(street.workers[1:3], 1)
    assert given.row(push).left_out == [{"area": street.grids[0], "why": "nobody"}]


def test_areas_without_the_template_are_left_out(street: Street) -> None:
    hold(street, text(), street.communities[0])
    push = given.push(street, Target(area=street.street), template="walk", fields={"text": "另"})
    given.drive(push)
    assert {task.text for task in given.tasks(push)} == {"另"}
    assert given.row(push).total == 3
    assert given.row(push).left_out == [
        {"area": grid, "why": "template_unknown"} for grid in street.grids[3:]
    ]


def test_posts_of_one_role_and_level_are_told_apart_by_their_codes(street: Street) -> None:
    warden = "warden: {name: 河长, role: worker, level: grid}, grid_worker:"
    hold(street, text().replace("grid_worker:", warden))
    wardens = [factories.member() for _ in range(2)]
    for member, grid in zip(wardens, street.grids, strict=False):
        factories.post(member, WORKER, grid, code="warden")
    bare = street.workers[2]
    with writing() as session:
        posts = session.query(factories.Post)
        for post in posts.filter(factories.Post.member.in_(street.workers)):
            post.code = None if post.member == bare else "grid_worker"
    push = given.push(street, Target(post="warden", area=street.street))
    given.drive(push)
    # Who has no code is any post of the role and level.
    assert given.assignees(push) == dict.fromkeys([*wardens, bare], 1)
    assert [left["area"] for left in given.row(push).left_out] == street.grids[3:]
    push = given.push(street, Target(post="grid_worker", area=street.street))
    given.drive(push)
    assert given.assignees(push) == dict.fromkeys(street.workers, 1)
