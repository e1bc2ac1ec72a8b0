"""Requests that are wrong as a whole: the status speaks of the transport, the queue stays.

Promised (docs/protocol.md, section 1): a stable code in each answer, `Gewu-Epoch` on all of them,
and nothing of a refused request is stored.
"""

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from server.kernel.ids import uuid7
from tests import factories
from tests.factories import Phone
from tests.journeys.web import Answer, Wire, call
from tests.journeys.world import World, opened
from tests.wire import envelope, line

MIB = 1 << 20


def check_refused(world: World, answer: Answer, status: int, code: str) -> None:
    """The answer is a problem of ours, and nothing was stored."""
    assert (answer.status, answer.code) == (status, code)
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.headers["gewu-epoch"]
    assert answer.headers["gewu-protocol"] == "1"
    assert answer.json["title"]
    assert world.supervisor.items() == []
    assert world.supervisor.get("/quarantine")["results"] == []


@pytest.mark.parametrize(
    "first",
    [
        b"",
        b"hello",
        b"[]",
        b"null",
        b"{}",
        b'{"install": "42"}',
        b'{"install": "INSTALL", "cursor": -1}',
        b'{"install": "INSTALL", "cursor": "8812"}',
        b'{"install": "INSTALL", "cursor": NaN}',
        b'{"install": "INSTALL", "mono": 1e999}',
        b'{"install": "INSTALL", "sent_at": "yesterday"}',
        b'{"install": "INSTALL", "want": []}',
        b'{"install": "INSTALL", "app": "\\u0000"}',
        b'{"install": "INSTALL", "x": ' + b"[" * 50_000,
        b"\xff\xfe",
    ],
    ids=lambda first: first[:40].decode("latin-1"),
)
def test_an_envelope_that_cannot_be_read_is_400(world: World, wire: Wire, first: bytes) -> None:
    first = first.replace(b"INSTALL", wire.phone.install.encode())
    check_refused(world, wire.send(first + b"\n" + line() + b"\n"), 400, "envelope_invalid")


def test_an_item_in_the_place_of_the_envelope_is_400(world: World, wire: Wire) -> None:
    check_refused(world, wire.send(line() + b"\n"), 400, "envelope_invalid")


def test_an_unknown_field_of_the_envelope_is_none_of_our_business(wire: Wire) -> None:
    assert wire.exchange(line(), weather="雨")["results"][0]["status"] == "accepted"


def test_an_envelope_without_its_newline_is_an_idle_exchange(wire: Wire) -> None:
    answer = wire.send(envelope(wire.phone))
    assert (answer.status, answer.json["results"], answer.json["receipt"]) == (200, [], None)


def test_a_foreign_install_is_401(world: World, wire: Wire) -> None:
    other = Wire(wire.url, Phone(uuid7(), wire.phone.token))
    check_refused(world, other.post([line()]), 401, "wrong_install")


@pytest.mark.parametrize(
    "token", ["", "nonsense", "gwd_unknown", "令牌".encode().decode("latin-1")]
)
def test_without_a_live_token_it_is_401(world: World, wire: Wire, token: str) -> None:
    stranger = Wire(wire.url, Phone(wire.phone.install, token))
    check_refused(world, stranger.post([line()]), 401, "unauthorized")


def test_a_persons_token_is_no_device(world: World, wire: Wire) -> None:
    with world.inside():
        token = factories.token_for(world.street.admin)
    person = Wire(wire.url, Phone(wire.phone.install, token))
    check_refused(world, person.post([line()]), 401, "unauthorized")


@pytest.mark.parametrize("version", ["2", "0", "1.1", "one"])
def test_another_protocol_version_is_426(world: World, wire: Wire, version: str) -> None:
    body = envelope(wire.phone) + b"\n" + line() + b"\n"
    check_refused(world, wire.send(body, gewu_protocol=version), 426, "protocol_version")


def test_a_cursor_that_was_never_given_starts_the_feed_over(world: World, wire: Wire) -> None:
    """The server went back in time without telling: the phone learns all it has, from 0."""
    task = world.push()

    answer = wire.exchange(cursor=1_000_000)

    assert answer["reset"] is True
    assert [change["id"] for change in answer["changes"]] == [task]
    assert wire.exchange(cursor=answer["cursor"])["reset"] is False


def test_101_items_are_413_and_100_are_not(world: World, wire: Wire) -> None:
    lines = [line(seq=number) for number in range(1, 102)]
    refused = wire.post(lines)
    check_refused(world, refused, 413, "batch_too_large")
    assert refused.json["limits"] == {"batch_items": 100, "batch_bytes": MIB}

    assert len(wire.exchange(*lines[:100])["results"]) == 100


def test_more_than_a_mebibyte_is_413_and_half_of_it_is_not(world: World, wire: Wire) -> None:
    lines = [line(seq=number, body={"category": "1", "x": "x" * 60_000}) for number in range(1, 21)]
    check_refused(world, wire.post(lines), 413, "batch_too_large")

    results = wire.exchange(*lines[:10])["results"]
    assert {result["status"] for result in results} == {"accepted"}


def test_more_than_a_thousand_blank_lines_are_413(world: World, wire: Wire) -> None:
    check_refused(world, wire.post([line(), *[b""] * 1001]), 413, "batch_too_large")


def test_the_phone_halves_its_batch_by_itself(world: World) -> None:
    """Limits were lowered since the phone enrolled: its 300 items still come in, in more trips."""
    device = world.device()
    device.store.set("limits", {"batch_items": 1000, "batch_bytes": MIB})
    with device.store.write():
        for number in range(300):
            device.acts.report("01-10", f"第{number}处")

    report = device.sync()

    assert (report.sent, report.tray) == (300, 0)
    assert len(world.supervisor.items()) == 300


class TestGzip:
    """`Content-Encoding: gzip` on requests."""

    @pytest.fixture
    def body(self, wire: Wire) -> bytes:
        return b"\n".join([envelope(wire.phone), line(seq=1), line(seq=2), b""])

    def test_it_is_accepted(self, wire: Wire, body: bytes) -> None:
        answer = wire.send(gzip.compress(body), content_encoding="gzip")
        assert [result["status"] for result in answer.json["results"]] == ["accepted"] * 2

    def test_on_every_door_that_takes_json(self, world: World, wire: Wire) -> None:
        ids = [uuid7() for _ in range(500)]
        packed = gzip.compress(json.dumps({"ids": ids}).encode())
        given = {"content_type": "application/json", "content_encoding": "gzip"}
        answer = call(world.url, "POST", "/sync/have", wire.phone.token, packed, **given)
        assert (answer.status, answer.json) == (200, {"unknown": ids})

    def test_cut_off_is_400(self, world: World, wire: Wire, body: bytes) -> None:
        for length in (0, 5, 12, 100, len(gzip.compress(body)) - 1):
            answer = wire.send(gzip.compress(body)[:length], content_encoding="gzip")
            check_refused(world, answer, 400, "body_truncated")

    def test_rubbish_is_400(self, world: World, wire: Wire, body: bytes) -> None:
        zipped = bytearray(gzip.compress(body))
        zipped[-6] ^= 0xFF
        for rubbish in (body, zlib.compress(body), bytes(zipped), gzip.compress(body) + b"x"):
            answer = wire.send(rubbish, content_encoding="gzip")
            check_refused(world, answer, 400, "body_encoding")

    def test_another_encoding_is_415(self, world: World, wire: Wire, body: bytes) -> None:
        for encoding in ("br", "deflate", "gzip, gzip"):
            answer = wire.send(body, content_encoding=encoding)
            check_refused(world, answer, 415, "media_type")


@pytest.fixture
def strict(tmp_path: Path, database_url: str) -> Iterator[World]:
    """A deployment with the default of 60 exchanges a minute."""
    with opened(tmp_path, database_url, exchanges_per_minute=60) as world:
        yield world


def test_the_61st_exchange_in_a_minute_is_429(strict: World) -> None:
    wire, other = strict.wire(0), strict.wire(1)
    answers = [wire.post([]) for _ in range(61)]

    assert {answer.status for answer in answers[:60]} == {200}
    check_refused(strict, answers[60], 429, "too_many_requests")
    assert 1 <= int(answers[60].headers["retry-after"]) <= 61
    assert other.post([line()]).status == 200


def test_every_answer_in_the_callers_language(wire: Wire) -> None:
    titles: list[Any] = [
        wire.send(b"{}", accept_language=language).json["title"]
        for language in ("zh-CN", "en", "fr", "en;q=0.1, zh;q=0.9")
    ]
    assert titles[0] == titles[2] == titles[3] == "第一行（信封）无法读取"
    assert titles[1] == "Line 1, the envelope, cannot be read"
