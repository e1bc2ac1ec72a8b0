"""From bytes to an item or to the reason why not; nothing that is sent makes it raise."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.items import lines
from server.items.lines import content_hash, read_line
from tests.wire import line, sha

LIMIT = 65_536
DEEP = b'{"id":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


def code_of(raw: bytes) -> str | None:
    return read_line(2, raw, LIMIT).code


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"not json", "bad_json"),
        (b"", "bad_json"),
        (b"[1]", "bad_json"),
        (b'"text"', "bad_json"),
        (b"null", "bad_json"),
        (b"\xff\xfe{}", "bad_json"),
        (b'{"id":"a"', "bad_json"),
        (b'{"seq": NaN}', "bad_json"),
        (b'{"seq": -Infinity}', "bad_json"),
        (b'{"seq": ' + b"9" * 5000 + b"}", "bad_json"),
        (b'{"a\x00b": 1}', "bad_json"),
        (DEEP[:LIMIT], "bad_json"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "bad_json"),
        (b"x" * (LIMIT + 1), "too_large"),
        (b"{}", "schema_invalid"),
        (line(body={"category": "a\x00b"}), "schema_invalid"),
        (line().replace("解放路2号".encode(), b"\xed\xa0\x80"), "bad_json"),
        (line(kind="dance"), "kind_unknown"),
        (line(kind=""), "kind_unknown"),
        (line(kind=7), "schema_invalid"),
        (line(schema=99), "schema_unknown"),
        (line(schema="1"), "schema_invalid"),
        (line(schema=True), "schema_invalid"),
        (line(id="no-uuid"), "schema_invalid"),
        (line(seq=0), "schema_invalid"),
        (line(seq=-3), "schema_invalid"),
        (line(seq=1.5), "schema_invalid"),
        (line(seq=2**80), "schema_invalid"),
        (line(at="yesterday"), "schema_invalid"),
        (line(at="2026-11-22T14:05:12"), "schema_invalid"),
        (line(at="0001-01-01T00:00:00+08:00"), "schema_invalid"),
        (line(at=1700000000), "schema_invalid"),
        (line(body=[]), "schema_invalid"),
        (line(body={}), "schema_invalid"),
        (line(body={"category": 5}), "schema_invalid"),
        (line(body={"category": "x" * 65}), "schema_invalid"),
        (line(loc={"lat": 999, "lon": 120}), "schema_invalid"),
        (line(loc={"lat": 30}), "schema_invalid"),
        (line(loc={"lat": 30, "lon": 120, "datum": "mars"}), "schema_invalid"),
        (line(loc={"lat": 1e999, "lon": 120}).replace(b"Infinity", b"1e999"), "bad_json"),
        (line(media=[{"sha256": "xyz"}]), "schema_invalid"),
        (line(media=[{"sha256": "A" * 64}]), "schema_invalid"),
        (line(media=[{"sha256": "a" * 64 + "\n"}]), "schema_invalid"),
        (line("track", {"points": [[0, 99, 120]]}), "schema_invalid"),
        (line("track", {"points": [[0, 30, 120, 5]]}), None),
        (line("task_action", {"task": "x", "assignment": 1, "action": "accept"}), "schema_invalid"),
        (line(), None),
        (line(unknown_field={"kept": True}), None),
        (line(at="1970-01-01T00:00:00+08:00"), None),
        (line(at="2099-12-31T23:59:59Z"), None),
        (line(body={"category": "😀", "text": "𠀀"}), None),
    ],
    ids=lambda value: "line" if isinstance(value, bytes) else str(value),
)
def test_verdict_of_a_line(raw: bytes, code: str | None) -> None:
    assert code_of(raw) == code


def test_escaped_nul_and_lone_surrogates_are_refused_but_the_text_backslash_u0000_is_not() -> None:
    for escape in (r"\u0000", r"\ud800", r"\udfff"):
        raw = line().replace("解放路2号".encode(), escape.encode())
        assert code_of(raw) == "schema_invalid"
    assert code_of(line().replace("解放路2号".encode(), rb"\\u0000")) is None
    assert code_of(line().replace("解放路2号".encode(), rb"\ud83d\ude00")) is None


def test_names_are_read_as_far_as_they_can_be() -> None:
    raw = line(kind="dance", seq=7)
    read = read_line(5, raw, LIMIT)
    assert (read.no, read.id, read.seq, read.kind) == (5, json.loads(raw)["id"], 7, "dance")
    assert read.sha256 == sha(raw)


def test_the_detail_names_the_field() -> None:
    assert "lat" in read_line(2, line(loc={"lat": 999, "lon": 0}), LIMIT).detail


@given(st.binary(max_size=300))
def test_no_bytes_make_it_raise(raw: bytes) -> None:
    assert read_line(2, raw, LIMIT).code is not None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.sampled_from(list(json.loads(line()))), JSON)
def test_any_value_in_any_field_gets_a_verdict(field: str, value: Any) -> None:
    raw = json.dumps(json.loads(line()) | {field: value}).encode()
    read = read_line(2, raw, LIMIT)
    assert (read.item is None) == (read.code is not None)


def test_content_is_what_was_captured_not_how_it_was_numbered() -> None:
    item = json.loads(line())
    again = item | {"id": "other", "seq": 9, "prev": "x", "mono": 4, "boot": "b"}
    assert content_hash(item) == content_hash(again)
    assert content_hash(item) != content_hash(item | {"at": "2026-01-01T00:00:00Z"})


@given(
    st.sampled_from((line(), line(kind="track", body={"points": [[0, 30.2, 120.1]]}))),
    st.data(),
)
def test_the_short_way_takes_only_what_the_long_way_takes_the_same(
    raw: bytes, data: st.DataObject
) -> None:
    """Bytes changed anywhere: what is plainly right is right."""
    for _ in range(data.draw(st.integers(0, 3))):
        place = data.draw(st.integers(0, len(raw) - 1))
        raw = raw[:place] + data.draw(st.binary(max_size=4)) + raw[place + 1 :]
    short, long = lines.Line(2, raw, sha(raw)), lines.Line(2, raw, sha(raw))
    if lines._read_plain(short, LIMIT):
        long.item = lines._load(long, lines.parse(raw))
        assert short == long


def test_a_good_line_goes_the_short_way() -> None:
    assert lines._read_plain(lines.Line(2, line(), ""), LIMIT)
