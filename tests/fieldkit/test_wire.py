import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldkit import wire
from fieldkit.errors import BadAnswer, InputError

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text("ab中\n\r\u2028\U0001f600", max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("xy中"), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text("xyz"), json_values, max_size=3))
def test_a_line_is_one_line_and_reads_back_the_same(value: dict) -> None:
    line = wire.encode(value)
    assert b"\n" not in line and b"\r" not in line
    assert json.loads(line) == value


@pytest.mark.parametrize("value", [{"x": math.nan}, {"x": math.inf}, {"x": "\udcff"}, {"x": {1}}])
def test_what_json_cannot_hold_is_refused(value: dict) -> None:
    with pytest.raises(InputError) as caught:
        wire.encode(value)
    assert caught.value.key == "not_json"


def test_chinese_travels_as_itself() -> None:
    assert wire.encode({"text": "井盖"}) == '{"text":"井盖"}'.encode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b'{"epoch":"e"}',
        b'{"cursor":1}',
        b'{"epoch":1,"cursor":1}',
        b'{"epoch":"e","cursor":"1"}',
        b'{"epoch":"e","cursor":1,"results":{}}',
        b'{"epoch":"e","cursor":1,"results":[1]}',
        b'{"epoch":"e","cursor":1,"changes":[{"kind":"task","id":"t","op":"put"}]}',
        b'{"epoch":"e","cursor":1,"changes":[{"seq":1,"id":"t","op":"put"}]}',
        b'{"epoch":"e","cursor":1',
        b"\xff\xfe",
    ],
)
def test_an_answer_in_another_shape_is_no_answer(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        wire.read_answer(body)


def test_the_smallest_answer() -> None:
    answer = wire.read_answer(b'{"epoch":"e","cursor":4,"future":"field"}')
    assert (answer.epoch, answer.cursor, answer.results, answer.changes) == ("e", 4, [], [])
    assert (answer.more, answer.reset, answer.reenrol) == (False, False, False)


@pytest.mark.parametrize(("text", "expected"), [("aGk=", b"hi"), ("", b""), ("*", b""), ("é", b"")])
def test_base64_of_strangers(text: str, expected: bytes) -> None:
    assert wire.decode_base64(text) == expected
