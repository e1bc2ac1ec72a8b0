"""The door to slips of absence (请假单)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from server.duty.models import Absence
from server.grid import roles
from server.kernel import clock
from server.kernel.audit import AuditEntry
from server.kernel.clock import iso
from server.kernel.database import reading
from tests import factories
from tests.duty import given
from tests.factories import Street, auth

PATH = "/api/v1/absences"
NOBODY = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
def street(client: FlaskClient) -> Street:
    return factories.street()


def ask(client: FlaskClient, who: str, **body: Any) -> Any:
    given_ = {"from": "2036-01-01", "to": "2036-01-03"} | body
    return client.post(PATH, json=given_, headers=auth(factories.token_for(who)))


def change(client: FlaskClient, who: str, slip: dict[str, Any], **body: Any) -> Any:
    headers = auth(factories.token_for(who), if_match=str(slip["version"]))
    return client.patch(f"{PATH}/{slip['id']}", json=body, headers=headers)


def end(client: FlaskClient, who: str, id_: str) -> Any:
    return client.delete(f"{PATH}/{id_}", headers=auth(factories.token_for(who)))


def seen(client: FlaskClient, who: str, id_: str) -> Any:
    return client.get(f"{PATH}/{id_}", headers=auth(factories.token_for(who)))


def test_a_worker_s_own_slip_waits_until_its_leader_approves(
    client: FlaskClient, street: Street
) -> None:
    worker = street.workers[0]
    answer = ask(client, worker, reason="看病", backup=street.workers[1])
    assert answer.status_code == 201
    slip = answer.json
    assert (slip["member"], slip["state"], slip["approved_by"]) == (worker, "requested", None)
    assert (slip["from"], slip["to"]) == ("2035-12-31T16:00:00.000Z", "2036-01-03T16:00:00.000Z")
    assert slip["open_tasks"] == "hand_back"
    assert given.told(street.leader) == [("absence_asked", slip["id"])]

    answer = change(client, street.leader, slip, approved=True)
    assert (answer.status_code, answer.json["state"]) == (200, "approved")
    assert answer.json["approved_by"] == street.leader
    assert given.told(worker) == [("absence_approved", slip["id"])]
    with reading() as session:
        acts = session.query(AuditEntry.act).filter_by(object=slip["id"]).order_by(AuditEntry.at)
        assert [row.act for row in acts] == ["absence.create", "absence.approve"]


def test_a_leader_s_slip_for_others_stands_its_own_does_not(
    client: FlaskClient, street: Street
) -> None:
    assert ask(client, street.leader, member=street.workers[0]).json["state"] == "approved"
    own = ask(client, street.leader).json
    assert own["state"] == "requested"
    assert given.told(street.supervisor) == [("absence_asked", own["id"])]
    assert change(client, street.leader, own, approved=True).status_code == 403
    assert change(client, street.supervisor, own, approved=True).status_code == 200
    assert ask(client, street.admin).json["state"] == "approved"


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"from": "2036-01-04"}, "to", "period_reversed"),
        ({"from": "2020-01-01", "to": "2020-01-02"}, "to", "absence_past"),
        ({"to": "2046-01-01"}, "to", "invalid"),
        ({"from": "2036-01-01T08:00"}, "from", "invalid"),
        ({"from": "0001-01-01"}, "from", "invalid"),
        ({"to": "9999-12-31"}, "to", "invalid"),
        ({"from": 7}, "from", "invalid"),
        ({"from": None}, "from", "invalid"),
        ({"backup": NOBODY}, "backup", "reference_unknown"),
        ({"open_tasks": "burn"}, "open_tasks", "invalid"),
        ({"reason": "x" * 501}, "reason", "invalid"),
        ({"reason": "\x00"}, "reason", "invalid"),
        ({"approved": True}, "approved", "invalid"),
    ],
)
def test_what_is_refused(
    client: FlaskClient, street: Street, fields: dict, field: str, code: str
) -> None:
    answer = ask(client, street.workers[0], **fields)
    assert (answer.status_code, answer.json["code"]) == (422, code)
    assert list(answer.json["errors"]) == [field]


def test_nobody_stands_in_for_itself(client: FlaskClient, street: Street) -> None:
    answer = ask(client, street.workers[0], backup=street.workers[0])
    assert answer.json["code"] == "reference_unknown"


def test_two_absences_of_a_member_do_not_overlap(client: FlaskClient, street: Street) -> None:
    worker = street.workers[0]
    first = ask(client, worker).json
    for period in (
        {"from": "2036-01-03", "to": "2036-01-05"},
        {"from": "2035-12-01", "to": "2036-01-01"},
        {"from": "2036-01-02", "to": "2036-01-02"},
        {"from": "2035-12-01", "to": "2036-02-01"},
    ):
        answer = ask(client, worker, **period)
        assert answer.json["errors"] == {"from": [first["id"]]}, period
        assert answer.json["code"] == "absence_overlap"
    assert ask(client, worker, **{"from": "2036-01-04", "to": "2036-01-04"}).status_code == 201
    answer = change(client, worker, first, to="2036-01-04")
    assert answer.json["code"] == "absence_overlap"
    assert end(client, worker, first["id"]).status_code == 204
    assert ask(client, worker).status_code == 201


def test_a_key_makes_one_slip_of_two_requests(client: FlaskClient, street: Street) -> None:
    token = factories.token_for(street.workers[0])
    body = {"from": "2036-01-01", "to": "2036-01-03"}
    headers = auth(token, idempotency_key="k1")
    first = client.post(PATH, json=body, headers=headers)
    again = client.post(PATH, json=body, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json["id"] == again.json["id"]


def test_what_was_approved_only_superiors_change(client: FlaskClient, street: Street) -> None:
    worker = street.workers[0]
    slip = ask(client, worker).json
    slip = change(client, worker, slip, to="2036-01-05").json
    slip = change(client, street.leader, slip, approved=True).json
    assert change(client, worker, slip, to="2036-01-06").status_code == 403
    assert change(client, street.leader, slip | {"version": 1}, to="2036-01-06").status_code == 412
    later = change(client, street.leader, slip, to="2036-01-06")
    assert later.json["to"] == "2036-01-06T16:00:00.000Z"
    assert end(client, worker, slip["id"]).status_code == 204
    over = seen(client, worker, slip["id"]).json
    assert over["state"] == "ended"
    assert change(client, street.leader, over, to="2036-01-07").json["code"] == "state_illegal"
    assert end(client, worker, slip["id"]).status_code == 204
    assert seen(client, worker, slip["id"]).json == over


def test_why_is_told_to_the_member_and_its_superiors_alone(
    client: FlaskClient, street: Street
) -> None:
    slip = ask(client, street.workers[0], reason="看病").json
    operator = factories.member(roles.OPERATOR, street.communities[0])
    for who, why in (
        (street.workers[0], "看病"),
        (street.leader, "看病"),
        (street.admin, "看病"),
        (operator, None),
    ):
        assert seen(client, who, slip["id"]).json["reason"] == why
    assert seen(client, street.workers[1], slip["id"]).status_code == 404
    with reading() as session:
        (kept,) = session.query(Absence.reason).one()
    assert "看病" not in kept


def test_the_list_is_narrowed_by_member_and_moment(client: FlaskClient, street: Street) -> None:
    ids = [ask(client, worker).json["id"] for worker in street.workers[:3]]
    headers = auth(factories.token_for(street.leader))

    def listed(query: str) -> list[str]:
        answer = client.get(f"{PATH}?{query}", headers=headers)
        return [row["id"] for row in answer.json["results"]]

    assert listed("") == ids
    assert listed(f"member={street.workers[1]}") == [ids[1]]
    assert listed(f"after={ids[0]}&limit=1") == [ids[1]]
    assert listed("at=2036-01-03T15:59:59Z") == ids
    assert listed("at=2036-01-03T16:00:00Z") == []


def test_an_absence_that_is_on_begins_at_once(client: FlaskClient, street: Street) -> None:
    worker, now = street.workers[0], clock.now()
    period = {"from": iso(now - timedelta(hours=1)), "to": iso(now + timedelta(hours=1))}
    slip = ask(client, street.leader, member=worker, **period).json
    assert slip["version"] == 2
    answer = change(client, street.leader, slip, backup=street.workers[1])
    assert answer.json["code"] == "state_illegal"
    longer = change(client, street.leader, slip, to=iso(now + timedelta(hours=2)))
    assert longer.status_code == 200


def test_a_member_who_left_asks_for_nothing(client: FlaskClient, street: Street) -> None:
    gone = factories.member(roles.WORKER, street.grids[0], active=False)
    answer = ask(client, street.leader, member=gone)
    assert answer.json["errors"] == {"member": ["reference_unknown"]}
    assert ask(client, street.leader, member=NOBODY).status_code == 403


def test_moments_keep_their_instant(client: FlaskClient, street: Street) -> None:
    slip = ask(client, street.workers[0], **{"from": "2036-01-01T13:30:00+08:00"}).json
    assert datetime.fromisoformat(slip["from"]) == datetime(2036, 1, 1, 5, 30, tzinfo=UTC)
