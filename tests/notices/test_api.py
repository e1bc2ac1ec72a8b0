"""The door to one's own notices."""

import pytest
from flask.testing import FlaskClient

from server.kernel.database import reading, writing
from server.notices import service
from server.notices.models import Notice
from server.notices.service import NewNotice
from tests import factories
from tests.factories import auth
from tests.wire import exchange

TASKS = [f"00000000-0000-7000-8000-00000000000{i}" for i in range(3)]


def test_notices_are_listed_by_page_and_read(client: FlaskClient) -> None:
    street = factories.street()
    worker, token = street.workers[0], factories.token_for(street.workers[0])
    with writing() as session:
        told = [NewNotice(worker, "task_red", "task", task, {"title": "井盖"}) for task in TASKS]
        service.tell(session, [*told, NewNotice(street.leader, "task_red", "task", TASKS[0], {})])
    first = client.get("/api/v1/notices?limit=2", headers=auth(token)).json
    rest = client.get(f"/api/v1/notices?after={first['next']}", headers=auth(token)).json
    listed = [*first["results"], *rest["results"]]
    assert [notice["about"]["id"] for notice in listed] == TASKS[::-1]
    assert (first["next"], rest["next"]) == (listed[1]["id"], None)

    path = f"/api/v1/notices/{listed[0]['id']}/read"
    answer = client.post(path, headers=auth(token))
    assert answer.status_code == 200
    assert answer.json["read_at"] is not None
    unread = client.get("/api/v1/notices?unread=true", headers=auth(token)).json["results"]
    assert [notice["id"] for notice in unread] == [notice["id"] for notice in listed[1:]]


def test_what_is_told_while_one_reads_on_comes_first_the_next_time(client: FlaskClient) -> None:
    worker = factories.street().workers[0]
    headers = auth(factories.token_for(worker))

    def pages(query: str) -> tuple[list[str], str]:
        page = client.get(f"/api/v1/notices?unread=true&limit=1{query}", headers=headers).json
        return [notice["about"]["id"] for notice in page["results"]], page["next"]

    for task in TASKS[:2]:
        with writing() as session:
            service.tell(session, [NewNotice(worker, "task_red", "task", task, {})])
    newest, after = pages("")
    with writing() as session:
        service.tell(session, [NewNotice(worker, "task_red", "task", TASKS[2], {})])
    assert (newest, pages(f"&after={after}")) == ([TASKS[1]], ([TASKS[0]], None))
    assert pages("")[0] == [TASKS[2]]


def told(member: str) -> str:
    """The path of the door by which the member says that it has read a notice."""
    with writing() as session:
        service.tell(session, [NewNotice(member, "task_red", "task", TASKS[0], {})])
    with reading() as session:
        notice = session.query(Notice.id).filter_by(member=member).scalar()
    return f"/api/v1/notices/{notice}/read"


def test_a_phone_says_that_its_member_has_read_it_the_first_time_counts(
    client: FlaskClient,
) -> None:
    member = factories.street().workers[0]
    path, phone = told(member), factories.device_for(member)
    first, again = (client.post(path, headers=auth(phone.token)) for _ in range(2))
    assert first.status_code == again.status_code == 200
    assert first.json["read_at"] is not None
    assert again.json == first.json
    (change,) = exchange(client, phone)["changes"]
    assert (change["id"], change["version"]) == (first.json["id"], 2)
    assert change["body"]["read_at"] == first.json["read_at"]


def test_what_was_read_on_the_phone_is_read_on_the_page_and_the_other_way_round(
    client: FlaskClient,
) -> None:
    member = factories.street().workers[0]
    tokens = [factories.device_for(member).token, factories.token_for(member)]
    path = told(member)
    on_phone, on_page = (client.post(path, headers=auth(token)) for token in tokens)
    assert on_phone.json["read_at"] == on_page.json["read_at"]


def test_another_s_notice_is_not_found(client: FlaskClient) -> None:
    street = factories.street()
    path = told(street.workers[0])
    others = [factories.token_for(street.admin), factories.device_for(street.workers[1]).token]
    for token in others:
        answer = client.post(path, headers=auth(token))
        assert answer.status_code == 404
        assert answer.json["code"] == "not_found"
    unknown = f"/api/v1/notices/{TASKS[0]}/read"
    assert client.post(unknown, headers=auth(others[1])).status_code == 404


@pytest.mark.parametrize(
    ("state", "status", "code"),
    [("draining", 403, "draining"), ("revoked", 401, "unauthorized")],
)
def test_a_phone_that_only_hands_in_or_is_lost_says_nothing(
    client: FlaskClient, state: str, status: int, code: str
) -> None:
    member = factories.street().workers[0]
    path, phone = told(member), factories.device_for(member, state)
    answer = client.post(path, headers=auth(phone.token))
    assert (answer.status_code, answer.json["code"]) == (status, code)
    with reading() as session:
        assert session.query(Notice.read_at).scalar() is None
