"""Health: alive is not ready; each part that fails is named; numbers are not for everybody."""

import shutil
from pathlib import Path
from urllib.parse import urlsplit

import flask_migrate
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from server.grid import roles
from server.kernel.database import writing
from tests.factories import auth, device_for, member, street, token_for

FAR = {"REMOTE_ADDR": "203.0.113.9"}


@pytest.fixture
def ready(app: Flask, client: FlaskClient) -> FlaskClient:
    """A client of an app that has all it needs."""
    flask_migrate.stamp()
    _photos(app).mkdir(parents=True, exist_ok=True)
    return client


def _photos(app: Flask) -> Path:
    return Path(urlsplit(app.config["MEDIA_URL"]).path)


def test_ready_with_everything_in_place(ready: FlaskClient) -> None:
    assert ready.get("/readyz").get_json() == {"status": "ready"}


def test_the_photo_folder_must_be_writable(app: Flask, ready: FlaskClient) -> None:
    shutil.rmtree(_photos(app))
    answer = ready.get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert answer.get_json()["errors"] == {"media": ["not_writable"]}
    assert ready.get("/healthz").status_code == 200


def test_the_schema_must_be_the_newest(ready: FlaskClient) -> None:
    with writing() as session:
        session.execute(text("DELETE FROM alembic_version"))
    assert ready.get("/readyz").get_json()["errors"] == {"database": ["not_migrated"]}


@pytest.mark.parametrize("name", ["signing.pem", "field.key"])
@pytest.mark.parametrize("fault", ["missing", "spoilt", "binary"])
def test_the_keys_must_be_readable(app: Flask, ready: FlaskClient, name: str, fault: str) -> None:
    path = app.config["KEYS"] / name
    path.unlink()
    if fault != "missing":
        path.write_bytes(b"\xff\xfe" if fault == "binary" else b"no key")
    assert ready.get("/readyz").get_json()["errors"] == {"keys": ["unreadable"]}


def test_a_database_that_is_away_is_named(ready: FlaskClient, app: Flask) -> None:
    with writing() as session:
        session.execute(text("ALTER TABLE alembic_version RENAME TO alembic_version_gone"))
        session.execute(text("CREATE TABLE alembic_version (other integer)"))
    answer = ready.get("/readyz")
    assert answer.get_json()["errors"] == {"database": ["unreachable"]}


def test_numbers_are_open_to_the_machine_itself(client: FlaskClient) -> None:
    assert b"gewu_requests_total" in client.get("/metrics").data
    here = {"REMOTE_ADDR": "::1"}
    assert client.get("/metrics", environ_base=here).status_code == 200


@pytest.mark.parametrize("claimed", ["127.0.0.1", "::1", "203.0.113.9, 127.0.0.1"])
def test_nobody_becomes_local_by_saying_so(client: FlaskClient, claimed: str) -> None:
    headers = {"X-Forwarded-For": claimed}
    assert client.get("/metrics", headers=headers, environ_base=FAR).status_code == 401


def test_a_proxy_on_the_machine_opens_nothing(client: FlaskClient) -> None:
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 401


@pytest.mark.parametrize(
    ("role", "status"),
    [(roles.ADMIN, 200), (roles.AUDITOR, 200), (roles.SUPERVISOR, 403), (roles.WORKER, 403)],
)
def test_from_elsewhere_they_are_for_auditors_and_admins(
    client: FlaskClient, role: str, status: int
) -> None:
    area = None if role in roles.AREALESS else street().street
    token = token_for(member(role, area), kind="api")
    assert client.get("/metrics", headers=auth(token), environ_base=FAR).status_code == status


def test_a_device_reads_no_numbers(client: FlaskClient) -> None:
    phone = device_for(street().workers[0])
    headers = auth(phone.token)
    assert client.get("/metrics", headers=headers, environ_base=FAR).status_code == 401
