"""Who may see what."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from server.grid import roles
from server.grid.models import Area, Member
from server.grid.scope import scope_of, today
from server.kernel.database import reading
from server.kernel.problems import Problem
from tests import factories
from tests.factories import Street

DAY = date(2026, 6, 1)


def areas_seen(member: str, *allowed: str) -> set[str]:
    with reading() as session:
        scope = scope_of(session, member, DAY).limited_to(allowed or roles.ROLES)
        return set(session.scalars(select(Area.id).where(scope.covers(Area.id))))


def members_seen(member: str) -> set[str]:
    with reading() as session:
        covered = scope_of(session, member, DAY).covers_member(Member.id)
        return set(session.scalars(select(Member.id).where(covered)))


def test_a_post_reaches_its_area_and_all_below(street: Street) -> None:
    everything = {street.street, *street.communities, *street.grids}
    assert areas_seen(street.workers[0]) == {street.grids[0]}
    assert areas_seen(street.leader) == {street.communities[0], *street.grids[:3]}
    assert areas_seen(street.supervisor) == areas_seen(street.admin) == everything
    assert areas_seen(factories.member()) == set()


def test_a_door_counts_only_the_posts_that_it_is_open_to(street: Street) -> None:
    factories.post(street.workers[0], roles.SUPERVISOR, street.communities[1])
    reached = areas_seen(street.workers[0], roles.SUPERVISOR)
    assert reached == {street.communities[1], *street.grids[3:]}


def test_posts_count_from_their_first_day_to_their_last(street: Street) -> None:
    member = factories.member()
    factories.post(member, roles.WORKER, street.grids[0], from_day=DAY, to_day=DAY)
    factories.post(member, roles.WORKER, street.grids[1], from_day=DAY + timedelta(days=1))
    factories.post(member, roles.WORKER, street.grids[2], to_day=DAY - timedelta(days=1))
    assert areas_seen(member) == {street.grids[0]}


def test_members_are_seen_by_their_posts_and_by_themselves(street: Street) -> None:
    assert members_seen(street.leader) == {street.leader, *street.workers[:3]}
    assert street.admin not in members_seen(street.supervisor)
    assert members_seen(street.workers[0]) == {street.workers[0]}


def test_leavers_stay_with_those_who_had_them_until_they_work_elsewhere(street: Street) -> None:
    leaver = factories.member()
    factories.post(leaver, roles.WORKER, street.grids[0], to_day=DAY - timedelta(days=1))
    assert leaver in members_seen(street.leader)
    factories.post(leaver, roles.WORKER, street.grids[5], from_day=DAY + timedelta(days=9))
    assert leaver not in members_seen(street.leader)


def test_who_holds_no_post_yet_is_seen_by_who_wrote_it_down(street: Street) -> None:
    newcomer = factories.member(created_by=street.leader)
    assert newcomer in members_seen(street.leader)
    assert newcomer not in members_seen(street.supervisor)
    factories.post(newcomer, roles.WORKER, street.grids[5])
    assert newcomer not in members_seen(street.leader)


def test_checks_refuse_what_is_out_of_reach(street: Street) -> None:
    with reading() as session:
        scope = scope_of(session, street.leader, DAY)
        scope.check_area(session, street.grids[0])
        scope.check_member(session, street.workers[0])
        for check, value in [
            (scope.check_area, street.grids[5]),
            (scope.check_area, None),
            (scope.check_member, street.workers[5]),
        ]:
            with pytest.raises(Problem, match="forbidden"):
                check(session, value)


def test_days_begin_at_midnight_of_the_deployment() -> None:
    evening = datetime(2026, 5, 31, 16, 30, tzinfo=UTC)
    assert today("Asia/Shanghai", evening) == date(2026, 6, 1)
    assert today("UTC", evening) == date(2026, 5, 31)
