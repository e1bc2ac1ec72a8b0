"""Answers are gzipped when asked."""

import gzip
import json

from flask import Flask
from flask.testing import FlaskClient

from tests import factories
from tests.wire import line, post_lines


def test_an_exchange_is_gzipped_only_when_asked(app: Flask, client: FlaskClient) -> None:
    phone = factories.device_for(factories.street().workers[0])
    lines = [line(seq=n) for n in range(1, 20)]
    plain = post_lines(client, phone, lines)
    packed = post_lines(client, phone, lines, {"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < len(plain.data) / 2
    answers = [r["status"] for r in json.loads(gzip.decompress(packed.data))["results"]]
    assert answers == ["accepted"] * 19
    assert "Accept-Encoding" in plain.headers["Vary"]


def test_a_small_answer_is_left_as_it_is(client: FlaskClient) -> None:
    answer = client.get("/healthz", headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert "Content-Encoding" not in answer.headers
