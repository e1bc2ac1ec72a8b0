"""From a request to an envelope and lines; no database plays a part."""

import gzip
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request

from server.app import create_app
from server.kernel.problems import Problem
from server.sync.reading import read_exchange
from tests.conftest import settings_for
from tests.factories import Phone
from tests.wire import envelope, line

MIB = 1 << 20
PHONE = Phone("0199c0de-0000-7000-8000-000000000001", "gwd_invented")
FIRST = envelope(PHONE)
BODY = b"\n".join([FIRST, line(seq=1), line(seq=2), b""])


@pytest.fixture
def bare(tmp_path: Path) -> Flask:
    """The app without a database, with batches of 4 kB and bodies of 1 MiB."""
    return create_app(
        settings_for(
            tmp_path,
            f"sqlite:///{tmp_path}/none.db",
            batch_bytes=4096,
            item_bytes=1024,
            body_bytes=MIB,
        )
    )


def read(bare: Flask, body: bytes, **headers: str) -> tuple[dict[str, Any], list[bytes]]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with bare.test_request_context("/api/v1/sync", method="POST", data=body, headers=named):
        return read_exchange(request, bare.extensions["gewu_settings"])


def refusal(bare: Flask, body: bytes, **headers: str) -> tuple[int, str]:
    """(status, code) of the Problem."""
    with pytest.raises(Problem) as caught:
        read(bare, body, **headers)
    return caught.value.entry.status, caught.value.code


def of_lines(*lines: bytes) -> bytes:
    return b"\n".join([FIRST, *lines, b""])


@pytest.mark.parametrize("packed", [False, True])
def test_the_lines_are_given_byte_for_byte(bare: Flask, packed: bool) -> None:
    lines = [b"  {} ", b"\xff\x00rubbish", line()]
    body = of_lines(*lines)
    headers = {"Content_Encoding": "gzip"} if packed else {}
    given, found = read(bare, gzip.compress(body) if packed else body, **headers)
    assert found == lines
    assert (given["install"], given["cursor"], given["want"]) == (PHONE.install, 0, None)


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (FIRST, []),
        (FIRST + b"\n", []),
        (FIRST + b"\n\n \n\r\n", []),
        (FIRST + b"\na", [b"a"]),
        (FIRST + b"\r\n\na\r\n\n b\n", [b"a\r", b" b"]),
    ],
    ids=["bare", "newline", "blanks", "no newline", "between"],
)
def test_blank_lines_are_none(bare: Flask, body: bytes, lines: list[bytes]) -> None:
    assert read(bare, body)[1] == lines


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (gzip.compress(BODY)[:-9], 400, "body_truncated"),
        (gzip.compress(BODY)[:20], 400, "body_truncated"),
        (b"", 400, "body_truncated"),
        (BODY, 400, "body_encoding"),
        (zlib.compress(BODY), 400, "body_encoding"),
        (gzip.compress(BODY) + gzip.compress(BODY), 400, "body_encoding"),
        (gzip.compress(FIRST + b"\n" * MIB), 413, "batch_too_large"),
    ],
    ids=["cut", "cut early", "empty", "plain", "zlib", "twice", "too large"],
)
def test_gzip_that_is_none(bare: Flask, body: bytes, status: int, code: str) -> None:
    assert refusal(bare, body, Content_Encoding="gzip") == (status, code)


def test_a_bomb_is_not_unpacked(bare: Flask) -> None:
    deflate = zlib.compressobj(9, wbits=31)
    parts = [deflate.compress(FIRST + b"\n"), *(deflate.compress(b"x" * MIB) for _ in range(256))]
    bomb = b"".join([*parts, deflate.flush()])
    tracemalloc.start()
    try:
        assert refusal(bare, bomb, Content_Encoding="gzip") == (413, "batch_too_large")
        assert tracemalloc.get_traced_memory()[1] < 8 * MIB
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip"])
def test_other_encodings_are_415(bare: Flask, encoding: str) -> None:
    assert refusal(bare, BODY, Content_Encoding=encoding) == (415, "media_type")


@pytest.mark.parametrize("version", ["2", "0", "1.1", "", "one"])
def test_other_versions_are_426(bare: Flask, version: str) -> None:
    assert refusal(bare, BODY, Gewu_Protocol=version) == (426, "protocol_version")


def test_without_a_version_it_is_the_first(bare: Flask) -> None:
    assert read(bare, BODY) == read(bare, BODY, Gewu_Protocol="1")


def test_100_items_are_a_batch_and_101_are_not(bare: Flask) -> None:
    assert len(read(bare, of_lines(*[b"{}"] * 100))[1]) == 100
    with pytest.raises(Problem) as caught:
        read(bare, of_lines(*[b"{}"] * 101))
    assert caught.value.code == "batch_too_large"
    assert caught.value.extra == {"limits": {"batch_items": 100, "batch_bytes": 4096}}


def test_a_batch_is_as_long_as_it_may_be_and_no_longer(bare: Flask) -> None:
    fits = [b"x" * 1023] * 4
    assert read(bare, of_lines(*fits))[1] == fits
    assert refusal(bare, of_lines(*fits, b"y")) == (413, "batch_too_large")


def test_an_oversized_line_counts_as_one_of_the_size_of_an_item(bare: Flask) -> None:
    lines = [b"a", b"x" * 100_000, b"b"]
    assert read(bare, of_lines(*lines))[1] == lines
    assert refusal(bare, of_lines(*[b"x" * 100_000] * 4)) == (413, "batch_too_large")


def test_a_thousand_blank_lines_and_no_more(bare: Flask) -> None:
    assert read(bare, FIRST + b"\n" * 1001)[1] == []
    assert refusal(bare, FIRST + b"\n" * 1002) == (413, "batch_too_large")


@pytest.mark.parametrize(
    ("first", "field"),
    [
        (b"", "_"),
        (b"[]", "_"),
        (b'{"cursor": 1}', "install"),
        (envelope(PHONE, cursor=-1), "cursor"),
        (envelope(PHONE, cursor=1.0), "cursor"),
        (envelope(PHONE, mono=2**53), "mono"),
        (envelope(PHONE, sent_at="2026-11-22T06:40:00"), "sent_at"),
        (envelope(PHONE, want={"bytes": "24000"}), "want"),
        (envelope(PHONE, outbox={"items": -1}), "outbox"),
        (envelope(PHONE, boot="x" * 65), "boot"),
        (envelope(PHONE, epoch=7), "epoch"),
    ],
    ids=lambda value: value[:40].decode() if isinstance(value, bytes) else value,
)
def test_an_envelope_that_cannot_be_read_is_named_by_field(
    bare: Flask, first: bytes, field: str
) -> None:
    with pytest.raises(Problem) as caught:
        read(bare, first + b"\n" + line())
    assert (caught.value.entry.status, caught.value.code) == (400, "envelope_invalid")
    assert list(caught.value.errors) == [field]


def test_what_the_envelope_says_is_understood(bare: Flask) -> None:
    said = {
        "epoch": "e",
        "mono": 918233,
        "boot": "b",
        "app": "2.3.1",
        "cursor": 8812,
        "want": {"bytes": 0, "odd": 1},
        "outbox": {"items": 57, "media": 12, "oldest": "…"},
        "receipt": 310,
        "odd": [],
    }
    given, _ = read(bare, envelope(PHONE, **said))
    expected = said | {"install": PHONE.install, "sent_at": None, "want": {"bytes": 0}}
    del expected["odd"]
    assert given == expected
