"""An installed pack that this reader refuses: what can be read of it holds, and nothing breaks."""

from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from structlog.testing import capture_logs

from server.kernel import feed
from server.kernel.database import reading, writing
from server.packs.definition import Amount, Pack, Unit
from server.packs.reading import PackMistakes
from server.regime import service
from server.regime.models import PackText
from server.regime.service import Installation
from server.tasks.models import Task
from tests import factories
from tests.factories import Street
from tests.packs.calendars import local
from tests.regime.conftest import DAY, Hold, text
from tests.regime.spoiled import NO_SPAN, OVERLAPPING, spoil
from tests.tasks import given

NOON = local("2026-11-26 12:00")
LIMIT = Amount(3, Unit.WORK_DAY)


def held(area: str | None = None, day: date = DAY) -> Pack:
    with reading() as session:
        found = service.in_force(session, area, day)
    assert found is not None
    return found


def hours(pack: Pack) -> list[str]:
    return [f"{span.begin:%H:%M}-{span.end:%H:%M}" for span in pack.calendar.hours]


def test_what_blocks_say_of_each_other_holds_as_it_was_taken(street: Street, hold: Hold) -> None:
    hold()
    spoil(text().replace(*OVERLAPPING))
    pack = held()
    assert (pack.ref, pack.name, pack.left_out) == ("river@1", "河道巡查", frozenset())
    assert hours(pack)[0] == OVERLAPPING[1]
    assert pack.deadlines.default is not None and pack.deadlines.default.limit == LIMIT


def test_a_block_that_cannot_be_read_is_left_out_and_the_others_hold(
    street: Street, hold: Hold
) -> None:
    hold()
    spoil(text().replace(*NO_SPAN))
    pack = held()
    assert (pack.ref, pack.left_out) == ("river@1", {"calendar"})
    assert hours(pack) == ["08:30-12:00", "14:00-17:30"]
    assert pack.deadlines.default is not None and pack.deadlines.default.limit == LIMIT


@pytest.mark.parametrize("kept", ["", "!new {}", "a: [", "- list", "\x07", "pack: 1"])
def test_of_what_is_no_pack_at_all_its_name_is_left(street: Street, hold: Hold, kept: str) -> None:
    hold()
    spoil(kept)
    pack = held()
    assert (pack.id, pack.version, pack.name) == ("river", 1, "河道巡查")
    assert {"calendar", "pack"} <= pack.left_out
    assert hours(pack) == ["08:30-12:00", "14:00-17:30"]
    assert pack.deadlines.default is None


def test_the_text_stays_and_it_is_logged_once(street: Street, hold: Hold) -> None:
    hold()
    kept = spoil(text().replace(*NO_SPAN))
    with capture_logs() as logs:
        for _ in range(3):
            held()
    (told,) = logs
    assert (told["event"], told["log_level"], told["pack"]) == ("pack_refused", "error", "river@1")
    assert told["left_out"] == ["calendar"]
    with reading() as session:
        assert session.scalar(select(PackText.text)) == kept


def test_tasks_are_given_under_it_and_keep_its_ref(
    client: FlaskClient, street: Street, hold: Hold
) -> None:
    hold(from_day=factories.LONG_AGO)
    spoil(text().replace(*NO_SPAN))
    headers = factories.auth(factories.token_for(street.supervisor))
    wanted = {"assignee": street.workers[0], "title": "检查消防通道"}
    answer = client.post("/api/v1/tasks", json=wanted, headers=headers)
    assert answer.status_code == 201, answer.json
    with reading() as session:
        row = session.get_one(Task, answer.json["id"])
        assert (row.pack, row.limit_number, row.limit_unit) == ("river@1", 3, "work_day")
    assert (
        given.steps(street.workers[0], answer.json["id"], ["accept", "complete"])
        == ["accepted"] * 2
    )


def test_a_phone_gets_what_can_be_read(street: Street, hold: Hold) -> None:
    hold()
    spoil("pack: 1")
    with reading() as session:
        page = feed.page(session, street.workers[0], 0, 100)
    (change,) = [change for change in page if change["kind"] == "pack"]
    assert (change["body"]["ref"], change["body"]["name"]) == ("river@1", "河道巡查")


def test_its_text_is_given_as_it_is_and_is_not_installed_again(
    client: FlaskClient, street: Street, hold: Hold
) -> None:
    hold()
    kept = spoil(text().replace(*NO_SPAN))
    headers = factories.auth(factories.token_for(street.admin))
    answer = client.get("/api/v1/packs/river/1", headers=headers)
    assert (answer.status_code, answer.text) == (200, kept)
    with pytest.raises(PackMistakes), writing() as session:
        service.install(session, "cli", DAY, Installation(kept, DAY))


def test_a_mended_version_takes_its_place(street: Street, hold: Hold) -> None:
    hold()
    spoil("pack: 1")
    hold(version=2)
    pack = held()
    assert (pack.ref, pack.left_out) == ("river@2", frozenset())
