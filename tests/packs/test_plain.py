"""Plain data out of YAML, and nothing but plain data."""

import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.packs.plain import MOST_BYTES, Document, plain

SCALARS: list[tuple[str, Any]] = [
    ("07:15", "07:15"),
    ("7:15", "7:15"),
    ("20:15", "20:15"),
    ("no", "no"),
    ("on", "on"),
    ("Yes", "Yes"),
    ("True", "True"),
    ("true", True),
    ("false", False),
    ("null", None),
    ("~", None),
    ("2014-01-01", "2014-01-01"),
    ("01", "01"),
    ("010", "010"),
    ("0x1F", "0x1F"),
    ("1_000", "1_000"),
    ("1e3", "1e3"),
    (".5", ".5"),
    (".inf", ".inf"),
    ("+1", "+1"),
    ("-0", "-0"),
    ("0", 0),
    ("12", 12),
    ("-3", -3),
    ("0.7", 0.7),
    ("'12'", "12"),
    ('"true"', "true"),
    ("9" * 5000, "9" * 5000),
    ("P1M", "P1M"),
    ("GB/T 30428.2-2013", "GB/T 30428.2-2013"),
]


@pytest.mark.parametrize(("written", "read"), SCALARS, ids=[one[:20] for one, _ in SCALARS])
def test_a_scalar_is_what_it_looks_like(written: str, read: Any) -> None:
    document = plain(f"a: {written}\n")
    assert document.mistakes == {}
    assert document.data == {"a": read}
    assert type(document.data["a"]) is type(read)


def test_keys_are_texts() -> None:
    assert plain("{on: 1, 12: 2, null: 3, 07:15: 4, <<: 5}").data == {
        "on": 1,
        "12": 2,
        "null": 3,
        "07:15": 4,
        "<<": 5,
    }


def test_every_path_has_its_line() -> None:
    document = plain("a:\n  - b: 1\n    c:\n      d: 2\n  -\n    e: 3\n")
    assert document.line(("a", 0, "c", "d")) == 4
    assert document.line(("a", 1, "e")) == 6
    assert document.line(("a", 1, "e", "not there")) == 6
    assert document.line(("nowhere",)) == 1


def test_a_bomb_of_aliases_is_refused_and_stays_small() -> None:
    lines = ['a0: &a0 ["boom", "boom", "boom"]']
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 60)]
    tracemalloc.start()
    document = plain("\n".join(lines))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert {one.code for one in document.mistakes.values()} == {"anchor"}
    assert most < 8 << 20


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_a_deep_hole_is_refused_without_going_down(opening: str) -> None:
    document = plain(opening * 100_000)
    assert document.data is None
    assert {one.code for one in document.mistakes.values()} <= {"too_deep", "syntax"}


def test_what_is_too_large_is_not_parsed() -> None:
    just = "a: " + "x" * (MOST_BYTES - 3)
    assert plain(just).mistakes == {}
    assert [one.code for one in plain(just + "x").mistakes.values()] == ["too_large"]
    assert [one.code for one in plain("街" * (MOST_BYTES // 2)).mistakes.values()] == ["too_large"]


PLAIN = (str, int, float, bool, type(None))


def is_plain(value: Any) -> bool:
    if type(value) is list:
        return all(is_plain(one) for one in value)
    if type(value) is dict:
        return all(type(key) is str and is_plain(one) for key, one in value.items())
    return type(value) in PLAIN


@given(st.text(alphabet="ab:-[]{}!&*|>'\"%@#?,\\ \n\t~0179.éUx街", max_size=200))
def test_any_text_gives_plain_data_or_mistakes(text: str) -> None:
    document: Document = plain(text)
    assert is_plain(document.data)
    assert document.data is not None or document.mistakes or text.strip() in ("~", "null")


@given(st.text(max_size=200))
def test_any_characters_give_plain_data_or_mistakes(text: str) -> None:
    assert is_plain(plain(text).data)
