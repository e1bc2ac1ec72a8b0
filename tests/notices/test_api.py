"""The door to one's own notices."""

from flask.testing import FlaskClient

from server.kernel.database import writing
from server.notices import service
from server.notices.service import NewNotice
from tests import factories
from tests.factories import auth

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
    assert sorted(notice["about"]["id"] for notice in listed) == TASKS
    assert rest["next"] is None

    path = f"/api/v1/notices/{listed[0]['id']}/read"
    answer = client.post(path, headers=auth(token))
    assert answer.status_code == 200
    assert answer.json["read_at"] is not None
    unread = client.get("/api/v1/notices?unread=true", headers=auth(token)).json["results"]
    assert [notice["id"] for notice in unread] == [notice["id"] for notice in listed[1:]]


def test_another_s_notice_is_not_found(client: FlaskClient) -> None:
    street = factories.street()
    with writing() as session:
        service.tell(session, [NewNotice(street.workers[0], "task_red", "task", TASKS[0], {})])
    token = factories.token_for(street.workers[0])
    (notice,) = client.get("/api/v1/notices", headers=auth(token)).json["results"]
    path = f"/api/v1/notices/{notice['id']}/read"
    answer = client.post(path, headers=auth(factories.token_for(street.admin)))
    assert answer.status_code == 404
    assert answer.json["code"] == "not_found"
