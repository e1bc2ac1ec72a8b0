"""What is told, and how it is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kernel.marks import NOWHERE
from server.live import rules
from server.live.rules import Hint, Position, Reach, Touched

EVERYTHING = Reach(None)
numbers = st.integers(0, 10**18 - 1)


@given(since=numbers, inbox=numbers)
def test_a_position_is_read_as_it_was_written(since: int, inbox: int) -> None:
    position = Position(rules.digest("e", "m", EVERYTHING), since, inbox)
    assert rules.position_in(str(position)) == position


@pytest.mark.parametrize(
    "text",
    ["", "1", "0123456789abcdef.1", "0123456789abcdef.1.2.3", "0123456789ABCDEF.1.2", "x" * 9000]
    + ["0123456789abcdef.-1.2", "0123456789abcdef.1.٢", "0123456789abcdef.1.2\n", "a.1.2"]
    + ["0123456789abcdef.1.1111111111111111111"],
)
def test_anything_else_is_no_position(text: str) -> None:
    assert rules.position_in(text) is None


@given(st.text())
def test_reading_a_position_never_fails(text: str) -> None:
    rules.position_in(text)


def test_a_digest_tells_lives_members_and_reaches_apart() -> None:
    some, more = Reach(frozenset("a")), Reach(frozenset("ab"))
    given = [("e", "m", some), ("f", "m", some), ("e", "n", some), ("e", "m", more)]
    given += [("e", "m", EVERYTHING), ("e", "m", Reach(frozenset()))]
    assert len({rules.digest(*each) for each in given}) == len(given)


ABOVE = {"grid": {"grid", "street"}, "street": {"street"}, "far": {"far"}}


@pytest.mark.parametrize(
    ("roots", "seen"),
    [
        (None, ["grid", "street", "far", NOWHERE]),
        ({"street"}, ["grid", "street"]),
        ({"grid"}, ["grid"]),
        ({"grid", "far"}, ["grid", "far"]),
        (set(), []),
    ],
)
def test_reach_is_the_areas_of_posts_and_all_below(roots: set[str] | None, seen: list[str]) -> None:
    reach = Reach(None if roots is None else frozenset(roots))
    assert [area for area in [*ABOVE, NOWHERE] if reach.sees(area, ABOVE)] == seen


def test_each_kind_and_area_is_told_once() -> None:
    touched = [Touched(2, "grid", "item"), Touched(1, "grid", "item"), Touched(1, "far", "task")]
    assert rules.hints(touched, EVERYTHING, {}) == [Hint("item", "grid"), Hint("task", "far")]


def test_many_areas_of_a_kind_are_one_change_somewhere() -> None:
    areas = [f"a{number:02}" for number in range(rules.MOST_AREAS + 1)]
    touched = [Touched(1, area, "item") for area in areas]
    assert rules.hints(touched, EVERYTHING, {}) == [Hint("item")]
    assert len(rules.hints(touched[1:], EVERYTHING, {})) == rules.MOST_AREAS


def test_what_lies_nowhere_is_told_without_an_area() -> None:
    assert rules.hints([Touched(1, NOWHERE, "item")], EVERYTHING, {}) == [Hint("item")]


def test_how_events_are_written() -> None:
    position = Position("0" * 16, 7, 2)
    assert rules.hello(position) == f"event: hello\ndata: {{}}\nid: {position}\n\n"
    assert rules.changed([Hint("task", "a"), Hint("inbox")], position) == (
        'event: changed\ndata: {"kind": "task", "area": "a"}\n\n'
        f'event: changed\ndata: {{"kind": "inbox", "area": null}}\nid: {position}\n\n'
    )
    assert rules.still_here(position) == f": \nid: {position}\n\n"
