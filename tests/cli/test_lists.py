"""What a person at the machine looks at and does: items, devices, quarantine, tasks, codes."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from server.grid.models import Enrolment
from server.items.models import Quarantine
from server.kernel.audit import AuditEntry
from server.kernel.database import db, reading, writing
from server.kernel.tokens import hash_token
from tests import wire
from tests.cli.conftest import Deployment
from tests.factories import Phone, Street, device_for, member, street

BAD = b'{"broken'


@pytest.fixture
def busy(deployment: Deployment) -> tuple[Deployment, Street, Phone]:
    """A street whose first worker handed in a report and a broken line."""
    with deployment.app() as app:
        here = street()
        phone = device_for(here.workers[0], model="[red]Phone[/red]")
        wire.exchange(app.test_client(), phone, wire.line(), BAD, outbox={"items": 3})
    return deployment, here, phone


Busy = tuple[Deployment, Street, Phone]


def test_items_are_listed_and_narrowed(busy: Busy) -> None:
    deployment, here, _ = busy
    assert "1 rows" in deployment.gewu("items").output
    assert "1 rows" in deployment.gewu("items", "--member", here.workers[0]).output
    assert "0 rows" in deployment.gewu("items", "--member", here.workers[1]).output
    assert "0 rows" in deployment.gewu("items", "--kind", "track").output
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    assert "0 rows" in deployment.gewu("items", "--since", later).output


def test_an_instant_needs_its_offset(busy: Busy) -> None:
    result = busy[0].gewu("items", "--since", "2026-11-22T10:00")
    assert result.exit_code == 2
    assert "Not an instant" in result.output


def test_devices_show_what_they_still_hold_and_markup_stays_text(busy: Busy) -> None:
    deployment, here, phone = busy
    output = deployment.gewu("devices").output
    assert phone.install in output
    assert "[red]Phone[/red]" in output
    assert "1 rows" in output
    assert "0 rows" in deployment.gewu("devices", "--member", here.admin).output


def test_the_quarantine_is_listed_shown_and_replayed(busy: Busy) -> None:
    deployment, _, _ = busy
    assert "bad_json" in deployment.gewu("quarantine", "list").output
    id_ = _only_line(deployment)
    shown = deployment.gewu("quarantine", "show", id_)
    assert shown.stdout_bytes == BAD + b"\n"
    result = deployment.gewu("quarantine", "replay", id_)
    assert f"{id_} → quarantined bad_json" in result.output
    assert id_ in deployment.gewu("quarantine", "list").output


def test_a_mended_line_leaves_the_quarantine(busy: Busy) -> None:
    deployment, _, _ = busy
    id_ = _only_line(deployment)
    with deployment.app(), writing() as session:
        session.get_one(Quarantine, id_).raw = wire.line()
    assert f"{id_} → accepted" in deployment.gewu("quarantine", "replay", "--all").output
    assert "0 rows" in deployment.gewu("quarantine", "list").output
    assert "replayed" in deployment.gewu("quarantine", "list", "--every").output
    again = deployment.gewu("quarantine", "replay", id_)
    assert "does not allow" in again.output


def test_replay_wants_ids_or_all(busy: Busy) -> None:
    assert busy[0].gewu("quarantine", "replay").exit_code == 2
    assert busy[0].gewu("quarantine", "replay", "x", "--all").exit_code == 2


@pytest.mark.parametrize("verb", ["show", "replay"])
@pytest.mark.parametrize("id_", ["nonsense", "00000000-0000-7000-8000-000000000000"])
def test_an_unknown_line_is_said(on_sqlite: Deployment, verb: str, id_: str) -> None:
    result = on_sqlite.gewu("quarantine", verb, id_)
    assert result.exit_code == 1
    assert id_ in result.output


def _only_line(deployment: Deployment) -> str:
    with deployment.app(), reading() as session:
        return str(session.query(Quarantine).one().id)


def test_a_task_is_pushed_and_reaches_the_phone(busy: Busy) -> None:
    deployment, here, phone = busy
    due = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    result = deployment.gewu(
        "tasks", "push", "--to", here.workers[0], "--title", "查看井盖", "--due", due
    )
    assert result.exit_code == 0, result.output
    listed = deployment.gewu("tasks", "list", "--member", here.workers[0]).output
    assert "查看井盖" in listed
    assert "0 rows" in deployment.gewu("tasks", "list", "--state", "done").output
    with deployment.app() as app:
        changes = wire.exchange(app.test_client(), phone)["changes"]
    assert [change["body"]["title"] for change in changes] == ["查看井盖"]


def test_a_due_in_the_past_is_refused(busy: Busy) -> None:
    deployment, here, _ = busy
    past = "2020-01-01T00:00:00+08:00"
    result = deployment.gewu(
        "tasks", "push", "--to", here.workers[0], "--title", "x", "--due", past
    )
    assert result.exit_code == 1
    assert "due" in result.output


def test_enrol_gives_an_address_that_enrols_a_phone_once(deployment: Deployment) -> None:
    with deployment.app():
        worker = member(username="wang", name="王芳")
    output = deployment.gewu("enrol", "WANG", "--ttl", "60").output
    found = re.search(r"^(http://\S+/app#enrol=(\S+))$", output, re.MULTILINE)
    assert found, output
    assert "█" in output or "▀" in output
    with deployment.app(), reading() as session:
        row = session.get_one(Enrolment, hash_token(found[2]))
        assert (row.member, row.created_by, row.used_at) == (worker, "cli", None)
        assert row.expires_at - row.created_at == timedelta(seconds=60)


@pytest.mark.parametrize("named", ["wang", "王芳", "id"])
def test_a_member_is_found_by_user_name_name_and_id(on_sqlite: Deployment, named: str) -> None:
    with on_sqlite.app():
        id_ = member(username="wang", name="王芳")
    assert on_sqlite.gewu("enrol", id_ if named == "id" else named).exit_code == 0


def test_an_unknown_member_is_said(on_sqlite: Deployment) -> None:
    result = on_sqlite.gewu("enrol", "nobody")
    assert result.exit_code == 1
    assert "nobody" in result.output


def test_an_ambiguous_name_lists_the_members(on_sqlite: Deployment) -> None:
    with on_sqlite.app():
        ids = [member(name="王芳"), member(name="王芳")]
    result = on_sqlite.gewu("enrol", "王芳")
    assert result.exit_code == 1
    assert all(id_ in result.output for id_ in ids)


def test_an_inactive_member_is_not_found(on_sqlite: Deployment) -> None:
    with on_sqlite.app():
        member(name="王芳", active=False)
    assert on_sqlite.gewu("enrol", "王芳").exit_code == 1


@pytest.mark.parametrize("ttl", ["59", "604801", "soon"])
def test_a_validity_out_of_range_is_refused(on_sqlite: Deployment, ttl: str) -> None:
    assert on_sqlite.gewu("enrol", "wang", "--ttl", ttl).exit_code == 2


def test_audit_verify_tells_whole_chains_from_broken_ones(deployment: Deployment) -> None:
    assert deployment.gewu("audit", "verify").exit_code == 0
    forged = {"actor": "mallory", "no": 7, "act": "x.y", "object": "x", "prev": "", "hash": "0"}
    with deployment.app(), writing() as session:
        row = forged | {"at": datetime.now(UTC), "detail": json.dumps({})}
        session.execute(db.insert(AuditEntry), row)
    result = deployment.gewu("audit", "verify")
    assert result.exit_code == 1
    assert "Broken: mallory, entry 7" in result.output
