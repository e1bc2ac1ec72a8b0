import http.client
import io
import json
from typing import Any

import pytest
from flask import Flask

from server.gate.head import UNKNOWN, Head
from server.gate.refusal import answer
from server.http.errors import problem_response
from server.kernel.problems import Problem

ENGLISH = Head(is_vital=False, device=1, size=10, english=True, bodiless=False)
HEAD = Head(is_vital=False, device=1, size=10, english=True, bodiless=True)


class _Bytes:
    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, mode: str) -> io.BytesIO:
        return io.BytesIO(self._data)


def parsed(data: bytes, method: str = "POST") -> tuple[http.client.HTTPResponse, bytes]:
    response = http.client.HTTPResponse(_Bytes(data), method=method)  # type: ignore[arg-type]
    response.begin()
    return response, response.read()


@pytest.mark.parametrize(("head", "language"), [(UNKNOWN, "zh"), (ENGLISH, "en")])
def test_it_says_what_the_app_says_when_it_is_busy(app: Flask, head: Head, language: str) -> None:
    response, body = parsed(answer(head, "epoch", 42, keep=False))
    with app.test_request_context(headers={"Accept-Language": language}):
        said = problem_response(Problem("busy", retry_after=42))
    assert json.loads(body) == said.json
    assert response.status == said.status_code == 503
    for name in ("Content-Type", "Retry-After"):
        assert response.headers[name] == said.headers[name]


@pytest.mark.parametrize(("keep", "said"), [(True, "keep-alive"), (False, "close")])
def test_a_device_takes_it_for_an_answer_of_its_server(keep: bool, said: str) -> None:
    response, _ = parsed(answer(ENGLISH, "an epoch", 1, keep))
    assert response.headers["Gewu-Epoch"] == "an epoch"
    assert response.headers["Gewu-Protocol"] == "1"
    assert response.headers["Connection"] == said


def test_a_head_is_answered_without_a_body() -> None:
    data: Any = answer(HEAD, "e", 1, keep=True)
    response, body = parsed(data, "HEAD")
    assert response.status == 503
    assert body == b""
    assert data.endswith(b"\r\n\r\n")
