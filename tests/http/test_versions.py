"""`If-Match` and `ETag`."""

from pathlib import Path

import pytest
from flask import Flask, Response

from server.app import create_app
from server.http.versions import if_match, with_version
from server.kernel.problems import Problem
from tests.conftest import settings_for


@pytest.fixture
def bare(tmp_path: Path) -> Flask:
    """The app without a database."""
    return create_app(settings_for(tmp_path, f"sqlite:///{tmp_path}/none.db"))


def seen(bare: Flask, header: str | None) -> int:
    headers = {} if header is None else {"If-Match": header}
    with bare.test_request_context(headers=headers):
        return if_match()


@pytest.mark.parametrize(
    ("header", "version"),
    [('"3"', 3), ("3", 3), ('W/"3"', 3), (' "3" ', 3), ('"0"', 0), ('"2147483647"', 2**31 - 1)],
)
def test_the_version_that_the_caller_saw(bare: Flask, header: str, version: int) -> None:
    assert seen(bare, header) == version


@pytest.mark.parametrize(
    ("header", "status", "code"),
    [
        (None, 428, "version_needed"),
        ("", 412, "version_old"),
        ("*", 412, "version_old"),
        ('"x"', 412, "version_old"),
        ('"-1"', 412, "version_old"),
        ('"1.0"', 412, "version_old"),
        ('"1", "2"', 412, "version_old"),
        ('"²"', 412, "version_old"),
        ('10000000000"', 412, "version_old"),
        ("9" * 5000, 412, "version_old"),
    ],
    ids=lambda value: str(value)[:12],
)
def test_what_is_no_version_of_ours(
    bare: Flask, header: str | None, status: int, code: str
) -> None:
    with pytest.raises(Problem) as caught:
        seen(bare, header)
    assert (caught.value.entry.status, caught.value.code) == (status, code)


def test_the_etag_is_what_if_match_takes(bare: Flask) -> None:
    with bare.test_request_context():
        etag = with_version(Response(), 12).headers["ETag"]
    assert (etag, seen(bare, etag)) == ('"12"', 12)
