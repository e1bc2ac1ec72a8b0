"""What other rooms ask of the grid room."""

from datetime import date

from server.grid import queries, roles
from server.kernel.database import reading
from tests import factories
from tests.factories import Street

DAY = date(2026, 6, 1)


def test_a_member_reaches_the_areas_of_its_posts_and_all_below(street: Street) -> None:
    with reading() as session:
        assert queries.post_areas(session, street.workers[4], DAY) == [street.grids[4]]
        reached = queries.post_areas(session, street.leader, DAY)
        assert sorted(reached) == sorted([street.communities[0], *street.grids[:3]])
        assert queries.post_areas(session, street.admin, DAY) == []
        assert queries.post_areas(session, street.leader, date(2019, 1, 1)) == []


def test_home_is_the_first_worker_post_else_the_first(street: Street) -> None:
    member = factories.member(roles.OPERATOR, street.communities[1])
    # Ids of one millisecond are in no order.
    posts = {
        factories.post(member, roles.WORKER, area, from_day=DAY): area for area in street.grids[3:5]
    }
    with reading() as session:
        before = date(2026, 5, 31)
        assert queries.home_area(session, member, before) == street.communities[1]
        assert queries.home_area(session, member, DAY) == posts[min(posts)]
        assert queries.home_area(session, street.admin, DAY) is None


def test_holders_come_nearest_first_backups_last(street: Street) -> None:
    deputy, colleague = factories.member(), factories.member()
    backed = factories.post(factories.member(), roles.OPERATOR, street.communities[1])
    factories.post(deputy, roles.WORKER, street.grids[0], backup_of=backed)
    factories.post(colleague, roles.WORKER, street.grids[0])
    asked = [roles.WORKER, roles.LEADER, roles.SUPERVISOR]
    with reading() as session:
        found = queries.holders(session, street.grids[0], asked, DAY)
        assert found == [street.workers[0], colleague, deputy, street.leader, street.supervisor]
        assert queries.holders(session, street.grids[5], [roles.LEADER], DAY) == []


def test_devices_that_may_still_speak(street: Street) -> None:
    member = street.workers[0]
    active, draining, _ = (
        factories.device_for(member, state) for state in ("active", "draining", "revoked")
    )
    with reading() as session:
        found = queries.member_devices(session, member)
        assert {device.install for device in found} == {active.install, draining.install}


def test_roles_of_several_members(street: Street) -> None:
    nobody = factories.member()
    factories.post(street.leader, roles.OPERATOR, street.communities[0])
    with reading() as session:
        held = queries.roles_of(session, [street.leader, street.admin, nobody], DAY)
    assert held == {street.leader: ["leader", "operator"], street.admin: ["admin"], nobody: []}
