"""Lines that cannot be used, over HTTP: each gets its verdict, none of them costs its neighbours.

Promised (docs/protocol.md, section 0): what cannot be used is kept byte for byte, with a reason,
where a person can see it; a bad line never becomes a 4xx.
"""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from server.kernel.ids import uuid7
from tests.journeys.web import Wire
from tests.journeys.world import World, sha256
from tests.wire import REPORT, line

LATEST, EARLIEST = "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"


def with_text(escaped: bytes) -> bytes:
    """A report whose text is these bytes of JSON."""
    return line(body=REPORT | {"text": "@"}).replace(b'"@"', b'"' + escaped + b'"')


def with_value(number: bytes) -> bytes:
    """A sign-out whose result is this JSON value."""
    body = {"shift": uuid7(), "results": [{"what": "次数", "done": "@"}]}
    return line("shift_end", body).replace(b'"@"', number)


def track(*point: Any) -> bytes:
    return line("track", {"points": [[0, 30.005, 120.005, 5], list(point)]})


def photo(**entry: Any) -> bytes:
    return line(media=[{"size": 10, "type": "image/jpeg", "role": "near"} | entry])


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "no JSON": (lambda: b"hello", "bad_json"),
    "cut off": (lambda: line()[:-20], "bad_json"),
    "a list": (lambda: b"[1, 2]", "bad_json"),
    "a text": (lambda: b'"hello"', "bad_json"),
    "null": (lambda: b"null", "bad_json"),
    "two objects": (lambda: line() + line(), "bad_json"),
    "NaN": (lambda: with_value(b"NaN"), "bad_json"),
    "minus infinity": (lambda: with_value(b"-Infinity"), "bad_json"),
    "a number beyond all": (lambda: with_value(b"1e999"), "bad_json"),
    "a number of 5000 digits": (lambda: with_value(b"9" * 5000), "bad_json"),
    "nested 100 deep": (lambda: with_value(b"[" * 100 + b"]" * 100), "bad_json"),
    "nested 30000 deep": (lambda: with_value(b"[" * 30_000 + b"]" * 30_000), "bad_json"),
    "nested and never closed": (lambda: b'{"a":' * 10_000, "bad_json"),
    "a NUL byte": (lambda: with_text(b"\0"), "bad_json"),
    "a NUL escaped": (lambda: with_text(b"\\u0000"), "schema_invalid"),
    "a lone surrogate": (lambda: with_text(b"\\ud83d"), "schema_invalid"),
    "a surrogate reversed": (lambda: with_text(b"\\ude00\\ud83d"), "schema_invalid"),
    "a surrogate in UTF-8": (lambda: with_text(b"\xed\xa0\xbd"), "bad_json"),
    "Latin-1": (lambda: with_text("é".encode("latin-1")), "bad_json"),
    "GBK": (lambda: with_text("垃圾".encode("gbk")), "bad_json"),
    "UTF-16": (lambda: json.dumps(REPORT).encode("utf-16-le").replace(b"\n", b""), "bad_json"),
    "no id": (lambda: line(id=None), "schema_invalid"),
    "an id that is none": (lambda: line(id="42"), "schema_invalid"),
    "seq 0": (lambda: line(seq=0), "schema_invalid"),
    "seq as text": (lambda: line(seq="7"), "schema_invalid"),
    "seq beyond 64 bits": (lambda: line(seq=2**70), "schema_invalid"),
    "no time": (lambda: line(at=None), "schema_invalid"),
    "a time without zone": (lambda: line(at="2026-11-22T14:05:12"), "schema_invalid"),
    "the 30th of February": (lambda: line(at="2026-02-30T14:05:12Z"), "schema_invalid"),
    "unknown kind": (lambda: line("dance", {}), "kind_unknown"),
    "kind is a list": (lambda: line(["report"]), "schema_invalid"),  # type: ignore[arg-type]
    "unknown schema": (lambda: line(schema=2), "schema_unknown"),
    "body is a list": (lambda: line(body=[]), "schema_invalid"),
    "body without its field": (lambda: line(body={"text": "没有类别"}), "schema_invalid"),
    "body with a wrong type": (lambda: line(body=REPORT | {"text": 7}), "schema_invalid"),
    "an action that is none": (
        lambda: line("task_action", {"task": uuid7(), "assignment": 1, "action": "eat"}),
        "schema_invalid",
    ),
    "lat 999": (lambda: line(loc={"lat": 999, "lon": 120}), "schema_invalid"),
    "lon 999": (lambda: line(loc={"lat": 30, "lon": -999}), "schema_invalid"),
    "a point at 999": (lambda: track(60, 999, 120, 5), "schema_invalid"),
    "a point of words": (lambda: track(60, "北", "东", 5), "schema_invalid"),
    "a datum that is none": (
        lambda: line(loc={"lat": 30, "lon": 120, "datum": "mars"}),
        "schema_invalid",
    ),
    "a media hash that is none": (lambda: photo(sha256="../../etc/passwd"), "schema_invalid"),
    "a media hash in capitals": (lambda: photo(sha256="A" * 64), "schema_invalid"),
    "a media size below 0": (lambda: photo(sha256="0" * 64, size=-1), "schema_invalid"),
    "70 kB": (lambda: line(body=REPORT | {"text": "长" * 24_000}), "too_large"),
}


def set_aside(world: World) -> dict[str, dict[str, Any]]:
    """The quarantine with the bytes, as the supervisor reads it, by hash."""
    supervisor = world.supervisor
    rows = supervisor.get("/quarantine?limit=200")["results"]
    return {row["sha256"]: supervisor.get(f"/quarantine/{row['id']}") for row in rows}


@pytest.fixture
def bad() -> list[tuple[str, bytes, str]]:
    return [(name, make(), code) for name, (make, code) in BAD.items()]


def test_each_gets_its_verdict_and_its_neighbours_are_accepted(
    world: World, wire: Wire, bad: list[tuple[str, bytes, str]]
) -> None:
    """All of them in one batch, a good line after each."""
    good = [line(seq=number) for number, _ in enumerate(bad, 1)]
    mixed = [raw for (_, raw, _), fine in zip(bad, good, strict=True) for raw in (raw, fine)]

    results = wire.exchange(*mixed)["results"]

    assert [result["sha256"] for result in results] == [sha256(raw) for raw in mixed]
    assert [r["status"] for r in results[1::2]] == ["accepted"] * len(good)
    got = {name: (r["status"], r["code"]) for (name, *_), r in zip(bad, results[::2], strict=True)}
    assert got == {name: ("quarantined", code) for name, _, code in bad}
    assert all(result["message"] for result in results[::2])


def test_the_bytes_are_kept_and_shown_to_the_supervisor(
    world: World, wire: Wire, bad: list[tuple[str, bytes, str]]
) -> None:
    wire.exchange(*(raw for _, raw, _ in bad))

    kept = set_aside(world)

    assert len(kept) == len(bad)
    for name, raw, code in bad:
        shown = kept[sha256(raw)]
        assert base64.b64decode(shown["raw_base64"]) == raw, name
        assert (shown["code"], shown["state"], shown["status"]) == (code, "open", "quarantined")
        assert shown["detail"], name


def test_alone_and_again_they_get_the_same_answer(
    world: World, wire: Wire, bad: list[tuple[str, bytes, str]]
) -> None:
    for name, raw, code in bad:
        (first,) = wire.exchange(raw)["results"]
        (again,) = wire.exchange(raw)["results"]
        assert (first["status"], first["code"], first["replay"]) == ("quarantined", code, False)
        assert again == first | {"replay": True}, name
    assert len(set_aside(world)) == len(bad)


def test_a_line_of_ten_megabytes_costs_its_neighbours_nothing(world: World, wire: Wire) -> None:
    huge = line(body=REPORT | {"text": "x" * 10_000_000})

    results = wire.exchange(line(seq=1), huge, line(seq=2))["results"]

    assert [(r["status"], r["code"]) for r in results] == [
        ("accepted", None),
        ("quarantined", "too_large"),
        ("accepted", None),
    ]
    (kept,) = set_aside(world).values()
    assert base64.b64decode(kept["raw_base64"]) == huge


def test_a_task_of_another_area_is_forbidden(world: World, wire: Wire) -> None:
    task = world.push(worker=3)
    raw = line("task_action", {"task": task, "assignment": 1, "action": "accept"})

    (result, fine) = wire.exchange(raw, line(seq=2))["results"]

    assert (result["status"], result["code"]) == ("quarantined", "forbidden")
    assert fine["status"] == "accepted"
    assert world.supervisor.get(f"/tasks/{task}")["state"] == "assigned"
    assert base64.b64decode(set_aside(world)[sha256(raw)]["raw_base64"]) == raw


@pytest.mark.parametrize("at", ["1970-01-01T00:00:01Z", "2099-12-31T12:00:00+08:00"])
def test_an_impossible_date_is_accepted_and_flagged(world: World, wire: Wire, at: str) -> None:
    raw = line(at=at)

    (result,) = wire.exchange(raw)["results"]

    assert result["status"] == "accepted"
    assert "clock" in result["flags"]
    assert world.supervisor.get(f"/items/{result['id']}")["raw"].encode() == raw


@pytest.mark.parametrize("at", [LATEST, EARLIEST])
def test_a_date_at_the_edge_of_time_harms_nobody(world: World, wire: Wire, at: str) -> None:
    (result, fine) = wire.exchange(line(at=at), line(seq=2))["results"]

    assert result["status"] in ("accepted", "quarantined")
    assert fine["status"] == "accepted"
    assert world.supervisor.items()


def test_a_number_that_goes_back_is_taken_and_only_reported(world: World, wire: Wire) -> None:
    first = wire.exchange(line(seq=5), line(seq=9))
    assert (first["gaps"], first["reenrol"]) == ([[1, 4], [6, 8]], False)

    back = wire.exchange(line(seq=2))

    assert back["results"][0]["status"] == "accepted"
    assert (back["gaps"], back["reenrol"]) == ([[1, 1], [3, 4], [6, 8]], False)


def test_what_nobody_knows_yet_is_kept_in_the_line(world: World, wire: Wire) -> None:
    raw = line(body=REPORT | {"weather": "雨"}, mood="好")

    (result,) = wire.exchange(raw)["results"]

    assert result["status"] == "accepted"
    assert world.supervisor.get(f"/items/{result['id']}")["raw"].encode() == raw
