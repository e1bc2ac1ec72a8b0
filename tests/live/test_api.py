"""The door where no stream goes on: what changed since the last position, within reach alone."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from server.grid.roles import OPERATOR
from server.grid.scope import scope_of, today
from server.grid.service import devices
from server.kernel import clock, feed, marks
from server.kernel.database import writing
from server.kernel.ids import uuid7
from server.kernel.state import rotate_epoch
from server.live import queries
from tests import factories
from tests.factories import Street
from tests.live.asking import HELLO, Asking
from tests.live.page import PATH
from tests.tasks import given
from tests.wire import exchange, line


def hand_in(client: FlaskClient, street: Street, *lines: bytes) -> None:
    """A phone that was seen just now hands in, so that its device is no news."""
    phone = factories.device_for(street.workers[0], seen_at=clock.now())
    exchange(client, phone, *lines)


def report(street: Street, grid: int = 0) -> bytes:
    lat, lon = street.point(grid)
    return line(loc={"lat": lat, "lon": lon})


def test_nothing_is_told_while_nothing_changes(supervisor: Asking) -> None:
    assert supervisor.told() == set()
    assert supervisor.told() == set()


def test_items_are_told_by_their_areas(
    client: FlaskClient, street: Street, supervisor: Asking
) -> None:
    hand_in(client, street, report(street, 0), report(street, 4), report(street, 0))
    assert supervisor.told() == {("item", street.grids[0]), ("item", street.grids[4])}
    assert supervisor.told() == set()


def test_a_replay_changes_nothing(client: FlaskClient, street: Street, supervisor: Asking) -> None:
    raw = report(street)
    hand_in(client, street, raw)
    supervisor.told()
    hand_in(client, street, raw)
    assert supervisor.told() == set()


def test_tasks_are_told_when_given_and_at_each_step(street: Street, supervisor: Asking) -> None:
    task = given.task(street, 2)
    assert supervisor.told() == {("task", street.grids[2])}
    given.steps(street.workers[2], task, ["accept"])
    assert supervisor.told() == {("task", street.grids[2])}
    given.reassigned(street, task, 3)
    assert supervisor.told() == {("task", street.grids[2])}


def test_shifts_are_told(client: FlaskClient, street: Street, supervisor: Asking) -> None:
    hand_in(client, street, line("shift_start", {"shift": uuid7()}))
    assert supervisor.told() == {("item", street.grids[0]), ("shift", street.grids[0])}


def test_devices_are_told_when_seen_at_most_once_a_minute(
    client: FlaskClient, street: Street, supervisor: Asking
) -> None:
    phone = factories.device_for(street.workers[1])
    for told in ({("device", street.grids[1])}, set()):
        exchange(client, phone, outbox={"items": len(told), "media": 0, "oldest": None})
        assert supervisor.told() == told


def test_devices_are_told_when_enrolled_and_revoked(street: Street, supervisor: Asking) -> None:
    with writing() as session:
        code = devices.make_enrolment(session, "x", street.workers[1], 60, "http://h").code
    with writing() as session:
        devices.enrol(session, code, install := uuid7(), {})
    assert supervisor.told() == {("device", street.grids[1])}
    with writing() as session:
        scope = scope_of(session, street.supervisor, today("Asia/Shanghai", clock.now()))
        devices.revoke(session, scope, install, "now")
    assert supervisor.told() == {("device", street.grids[1])}


def test_the_device_of_who_holds_no_post_is_told_where_it_held_one(
    street: Street, supervisor: Asking
) -> None:
    gone = factories.member()
    with writing() as session:
        devices.drain_all(session, gone)
    assert supervisor.told() == set()
    factories.post(gone, OPERATOR, street.communities[1])
    with writing() as session:
        devices.drain_all(session, gone)
    assert supervisor.told() == {("device", street.communities[1])}


def test_nobody_is_told_of_foreign_areas(client: FlaskClient, street: Street) -> None:
    foreign = factories.street()
    pages = {
        "supervisor": Asking(client, street.supervisor),
        "leader": Asking(client, street.leader),
        "worker": Asking(client, street.workers[0]),
        "foreign": Asking(client, foreign.supervisor),
        "admin": Asking(client, street.admin),
    }
    hand_in(client, street, report(street, 0), report(street, 5))
    near, far = ("item", street.grids[0]), ("item", street.grids[5])
    assert {name: page.told() for name, page in pages.items()} == {
        "supervisor": {near, far},
        "leader": {near},
        "worker": set(),
        "foreign": set(),
        "admin": {near, far},
    }


def test_what_lies_in_no_area_is_told_to_who_reaches_everything(
    client: FlaskClient, street: Street, supervisor: Asking
) -> None:
    admin = Asking(client, street.admin)
    with writing() as session:
        marks.touch(session, "item", [None])
    assert (admin.told(), supervisor.told()) == ({("item", None)}, set())


def test_everybody_is_told_of_the_own_inbox(client: FlaskClient, street: Street) -> None:
    worker, other = Asking(client, street.workers[0]), Asking(client, street.workers[1])
    given.task(street)
    assert worker.told() == {("inbox", None)}
    assert worker.told() == other.told() == set()


def test_a_post_that_was_given_meanwhile_is_greeted_anew(
    client: FlaskClient, street: Street
) -> None:
    worker = Asking(client, street.workers[0])
    factories.post(street.workers[0], OPERATOR, street.communities[0])
    assert worker.ask() == [HELLO]
    hand_in(client, street, report(street))
    assert worker.told() == {("item", street.grids[0])}


@pytest.mark.parametrize("seen", ["x", "0123456789abcdef.1.1", "\x7f", "9" * 4000])
def test_who_comes_from_nowhere_is_greeted(supervisor: Asking, seen: str) -> None:
    supervisor.seen = seen
    assert supervisor.ask() == [HELLO]


def test_a_position_of_somebody_else_is_none(
    client: FlaskClient, street: Street, supervisor: Asking
) -> None:
    admin = Asking(client, street.admin)
    supervisor.seen = admin.seen
    assert supervisor.ask() == [HELLO]


def test_a_position_of_another_life_of_the_server_is_none(supervisor: Asking) -> None:
    with writing() as session:
        rotate_epoch(session)
    assert supervisor.ask() == [HELLO]


def test_who_missed_too_much_is_greeted(
    street: Street, supervisor: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST_MISSED", 2)
    for _ in range(2):
        given.task(street)
    assert supervisor.told() == {("task", street.grids[0])}
    for _ in range(3):
        given.task(street)
    assert supervisor.ask() == [HELLO]


def test_who_missed_what_was_swept_is_greeted(
    street: Street, supervisor: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marks, "KEPT", 1)
    for _ in range(4):
        given.task(street)
    with writing() as session:
        assert marks.sweep(session) > 0
    assert supervisor.ask() == [HELLO]


def test_a_revoked_token_is_told_nothing(client: FlaskClient, street: Street) -> None:
    page = Asking(client, street.supervisor)
    client.delete("/api/v1/sessions/current", headers=factories.auth(page.token))
    answer = client.get(PATH, headers=factories.auth(page.token, last_event_id=page.seen))
    assert answer.status_code == 401


def test_the_answer_says_when_to_come_again_and_that_nobody_may_gather_it(
    client: FlaskClient, street: Street
) -> None:
    answer = client.get(PATH, headers=factories.auth(factories.token_for(street.admin)))
    assert 2000 <= int(answer.text.split("\n")[0].removeprefix("retry: ")) <= 6000
    assert answer.headers["X-Accel-Buffering"] == "no"
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_head_has_no_body(client: FlaskClient, street: Street) -> None:
    answer = client.head(PATH, headers=factories.auth(factories.token_for(street.admin)))
    assert (answer.status_code, answer.data) == (200, b"")


def test_an_inbox_that_was_never_written_is_at_zero(app: Flask, street: Street) -> None:
    with writing() as session:
        feed.publish(session, [feed.Change(street.admin, "member", street.admin, 1)])
    with writing() as session:
        assert queries.inboxes(session, [street.admin, street.leader]) == {street.admin: 1}
