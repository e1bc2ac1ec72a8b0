"""`gewu pack install|list` and `gewu calendar`."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from server.kernel import clock
from server.kernel.database import reading, writing
from server.tasks.models import Task
from tests import factories
from tests.cli.conftest import Deployment
from tests.regime.conftest import text
from tests.tasks import given

SOON = "2099-01-01"


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "river.yaml"
    path.write_text(text(), encoding="utf-8")
    return str(path)


def test_a_file_and_a_shipped_pack(deployment: Deployment, file: str) -> None:
    with deployment.app():
        factories.street()
    done = deployment.gewu("pack", "install", file, "--from", SOON, "--area", "330199001001")
    assert (done.exit_code, "river@1" in done.output) == (0, True), done.output
    done = deployment.gewu("pack", "install", "xiaoshan", "--from", "2026-01-01", "--yes")
    assert (done.exit_code, "xiaoshan@1" in done.output) == (0, True), done.output
    listed = deployment.gewu("pack", "list").output
    for shown in ("everywhere", "xiaoshan@1", "✓", "330199001001", "river@1", SOON):
        assert shown in listed
    assert listed.count("✓") == 1


def test_what_is_refused(deployment: Deployment, file: str, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("pack: {id: x}\nfoo: 1\n")
    changed = tmp_path / "changed.yaml"
    changed.write_text(text() + "# changed\n", encoding="utf-8")
    assert deployment.gewu("pack", "install", file, "--from", SOON).exit_code == 0
    refusals = {
        (str(broken), "--from", SOON): ":2:",
        (str(changed), "--from", SOON): "installed with other content",
        ("nothing", "--from", SOON): "nothing",
        (file, "--from", SOON, "--area", "1"): "No such area",
    }
    for args, word in refusals.items():
        refused = deployment.gewu("pack", "install", *args)
        assert (refused.exit_code, word in refused.output) == (1, True), refused.output
    assert deployment.gewu("pack", "install", file, "--from", "soon").exit_code == 2


def test_a_day_that_is_over_is_asked_for(deployment: Deployment, file: str) -> None:
    asked = ("pack", "install", file, "--from", "2026-01-01")
    refused = deployment.gewu(*asked, typed="n\n")
    assert (refused.exit_code, "is over" in refused.output) == (1, True)
    assert "river@1" not in deployment.gewu("pack", "list").output
    assert deployment.gewu(*asked, typed="y\n").exit_code == 0
    assert "river@1" in deployment.gewu("pack", "list").output


def test_a_dry_run_tells_which_limits_would_move(deployment: Deployment, file: str) -> None:
    now = datetime(2026, 11, 26, 4, tzinfo=UTC)
    with deployment.app(), clock.standing_at(now):
        street = factories.street()
        without, by_hand, before = (given.task(street) for _ in range(3))
        with writing() as session:
            session.get_one(Task, by_hand).due = now + timedelta(days=9)
            session.get_one(Task, before).clock_from = now - timedelta(days=2)
    run = ("pack", "install", file, "--from", "2026-11-26", "--dry-run")
    tried = deployment.gewu(*run)
    assert tried.exit_code == 0, tried.output
    assert without in tried.output
    assert "2026-12-01 17:30:00" in tried.output
    assert "1 open task" in tried.output
    for kept in (by_hand, before):
        assert kept not in tried.output
    assert "river@1" not in deployment.gewu("pack", "list").output
    with deployment.app(), reading() as session:
        assert session.get_one(Task, without).due is None


def test_the_calendar(deployment: Deployment) -> None:
    shown = ("calendar", "show", "--from", "2027-02-05", "--to", "2027-02-08")
    assert "provisional" in deployment.gewu(*shown).output
    done = deployment.gewu("calendar", "set", "2027-02-06", "--working", "--note", "调休")
    assert (done.exit_code, "2027-02-06: working" in done.output) == (0, True)
    output = deployment.gewu(*shown).output
    assert "ordered here" in output and "调休" in output and "Sat" in output
    done = deployment.gewu("calendar", "unset", "2027-02-06")
    assert "2027-02-06: rest (provisional)" in done.output
    assert "days written" in deployment.gewu("calendar", "refresh").output
    assert "0 days written" in deployment.gewu("calendar", "refresh").output


def test_a_calendar_that_cannot_be(deployment: Deployment) -> None:
    for args in (("set", "2027-02-06"), ("set", "2027-02-30", "--rest"), ("unset", "x")):
        assert deployment.gewu("calendar", *args).exit_code == 2
    for beyond in ("1899-12-31", "9999-12-31"):
        refused = deployment.gewu("calendar", "set", beyond, "--rest")
        assert (refused.exit_code, "from 1900" in refused.output) == (1, True)
    reversed_ = deployment.gewu("calendar", "show", "--from", "2027-02-05", "--to", "2027-02-01")
    assert (reversed_.exit_code, "ends before" in reversed_.output) == (1, True)
    today = deployment.gewu("calendar", "show").output
    assert str(date.today())[:7] in today
