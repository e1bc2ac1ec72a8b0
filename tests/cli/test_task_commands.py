"""`gewu tasks list|show|reassign|export` and `gewu plans`."""

import csv
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from server.dispatch.plans import service as plans
from server.dispatch.pushes.rules import Target
from server.kernel import clock
from server.kernel.database import writing
from server.packs.definition import Rhythm
from tests.cli.conftest import Deployment
from tests.dispatch import given as dispatched
from tests.factories import Street, device_for, street
from tests.tasks import given


@pytest.fixture
def here(deployment: Deployment) -> Street:
    with deployment.app():
        return street()


def test_lists_are_narrowed_by_area_and_light(deployment: Deployment, here: Street) -> None:
    with deployment.app():
        given.task(here, 0)
        given.task(here, 4, due=datetime.now(UTC) - timedelta(hours=1))
    assert "2 rows" in deployment.gewu("tasks", "list", "--area", "330199001").output
    assert "1 rows" in deployment.gewu("tasks", "list", "--area", "第2社区").output
    red = deployment.gewu("tasks", "list", "--light", "red").output
    assert "1 rows" in red
    assert "成员" in red
    assert deployment.gewu("tasks", "list", "--light", "blue").exit_code == 2


def test_a_task_is_shown_with_its_events_and_given_to_another(
    deployment: Deployment, here: Street
) -> None:
    with deployment.app():
        task = given.task(here, 0)
    args = ("tasks", "reassign", task, "--to", here.workers[1], "--reason", "休假")
    assert "Given to" in deployment.gewu(*args).output
    shown = deployment.gewu("tasks", "show", task).output
    assert re.search("assign.*\n.*reassign", shown)
    assert "休假" in shown
    again = deployment.gewu(*args)
    assert again.exit_code == 1
    assert "already" in again.output


def test_a_hard_reassignment_waits_for_the_old_device(deployment: Deployment, here: Street) -> None:
    with deployment.app():
        device_for(here.workers[0])
        task = given.task(here, 0)
    args = ("--to", here.workers[1], "--reason", "休假", "--hard")
    assert "has let go" in deployment.gewu("tasks", "reassign", task, *args).output


@pytest.mark.parametrize("id_", ["nonsense", "00000000-0000-7000-8000-000000000000"])
def test_an_unknown_task_is_said(deployment: Deployment, id_: str) -> None:
    for args in (("show", id_), ("reassign", id_, "--to", "admin", "--reason", "x")):
        result = deployment.gewu("tasks", *args)
        assert result.exit_code == 1
        assert id_ in result.output


def test_an_export_opens_in_a_spreadsheet_and_calculates_nothing(
    deployment: Deployment, here: Street, tmp_path: Path
) -> None:
    with deployment.app():
        for title in ("=1+1", "+1", "-1", "@SUM(A1)", '井盖,"坏"\n第二行'):
            target = Target(member=here.workers[0])
            dispatched.drive(dispatched.push(here, target, fields={"title": title}))
    file = tmp_path / "tasks.csv"
    result = deployment.gewu("tasks", "export", "-o", str(file))
    assert "Exported 5 tasks" in result.output
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened))
    titles = [row["Title"] for row in rows]
    assert titles == ["'=1+1", "'+1", "'-1", "'@SUM(A1)", '井盖,"坏"\n第二行']
    assert {row["Area code"] for row in rows} == {"330199001001001"}


def test_an_export_is_narrowed(deployment: Deployment, here: Street) -> None:
    with deployment.app():
        given.task(here, 0)
        given.task(here, 4, due=datetime.now(UTC) - timedelta(hours=1))
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    for args, count in (
        ((), 2),
        (("--light", "red"), 1),
        (("--area", "330199001001"), 1),
        (("--state", "done"), 0),
        (("--since", tomorrow), 0),
        (("--until", tomorrow), 2),
    ):
        assert f"Exported {count} tasks" in deployment.gewu("tasks", "export", *args).output


def test_a_file_that_cannot_be_written_is_said(deployment: Deployment, here: Street) -> None:
    result = deployment.gewu("tasks", "export", "-o", "/dev/null/tasks.csv")
    assert result.exit_code == 1
    assert "/dev/null/tasks.csv cannot be written" in result.output


def test_plans_are_listed_foretold_and_run(deployment: Deployment, here: Street) -> None:
    with deployment.app():
        yesterday = clock.now() - timedelta(days=1)
        data = {
            "name": "日检",
            "area": here.street,
            "target": Target(),
            "template": None,
            "task": {"title": "检查"},
            "rhythm": Rhythm("day"),
            "missed": "once",
            "confirm": None,
        }
        with clock.standing_at(yesterday):
            scope = dispatched.scope(here.supervisor)
            with writing() as session:
                plans.create(session, dispatched.settings(), scope, data)
    listed = deployment.gewu("plans", "list").output
    assert "日检" in listed and "every day" in listed
    assert "60 tasks in the next 10 days" in deployment.gewu("plans", "next", "--days", "10").output
    assert "6 tasks planned" in deployment.gewu("plans", "run").output
    assert "0 tasks planned" in deployment.gewu("plans", "run").output
