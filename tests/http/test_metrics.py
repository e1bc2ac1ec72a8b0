"""The numbers: rules not paths, closed sets, no ids."""

from flask import Flask
from flask.testing import FlaskClient

from server.http.metrics import count_items
from server.kernel.ids import uuid7


def lines(client: FlaskClient, name: str) -> dict[str, str]:
    text = client.get("/metrics").get_data(as_text=True)
    found = [line.rsplit(" ", 1) for line in text.splitlines() if line.startswith(name)]
    return dict(found)


def test_requests_are_counted_by_rule(client: FlaskClient) -> None:
    for _ in range(3):
        client.get("/healthz")
    counted = lines(client, "gewu_requests_total")
    assert counted['gewu_requests_total{method="GET",rule="/healthz",status="200"}'] == "3.0"


def test_durations_are_counted(client: FlaskClient) -> None:
    client.get("/healthz")
    counted = lines(client, "gewu_request_seconds_count")
    assert counted['gewu_request_seconds_count{rule="/healthz"}'] == "1.0"


def test_ids_and_unknown_paths_are_no_labels(client: FlaskClient) -> None:
    id_ = uuid7()
    client.get(f"/api/v1/tasks/{id_}")
    client.get(f"/nowhere/{id_}")
    client.open("/healthz", method="BREW")
    text = client.get("/metrics").get_data(as_text=True)
    assert id_ not in text
    assert "BREW" not in text
    assert 'gewu_requests_total{method="GET",rule="none",status="404"} 1.0' in text
    assert 'method="other"' in text


def test_items_are_counted_by_verdict(app: Flask, client: FlaskClient) -> None:
    count_items({"accepted": 3, "quarantined": 1})
    count_items({"accepted": 2})
    counted = lines(client, "gewu_exchange_items_total")
    assert counted == {
        'gewu_exchange_items_total{status="accepted"}': "5.0",
        'gewu_exchange_items_total{status="quarantined"}': "1.0",
    }


def test_each_app_counts_for_itself(client: FlaskClient) -> None:
    counted = lines(client, "gewu_requests_total")
    assert counted == {}
