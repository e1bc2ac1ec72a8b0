"""Which of two captures is the one that was seen before, and when that is said."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.photos.likeness.rules import Naming, Seen, found, is_again

NINE = datetime(2026, 11, 2, 1, tzinfo=UTC)
APART = timedelta(minutes=30)


def naming(item: str, minutes: int = 0, **given: Any) -> Naming:
    named: dict[str, Any] = {"sha256": item, "member": "wang"}
    return Naming(item=item, at=NINE + timedelta(minutes=minutes), **named | given)


@pytest.mark.parametrize(
    ("earlier", "later", "again"),
    [
        ({}, {"minutes": 29}, False),
        ({}, {"minutes": 30}, True),
        ({}, {"minutes": 60 * 24 * 400}, True),
        ({"role": "near"}, {"role": "far", "minutes": 1}, False),
        ({}, {"member": "li", "minutes": 1}, True),
        ({}, {"member": "li"}, True),
        ({"role": "before"}, {"role": "after", "minutes": 1}, True),
        ({}, {"role": "after", "minutes": 1}, True),
        ({"role": "after"}, {"role": "after", "minutes": 1}, False),
        ({"role": "after"}, {"role": "near", "minutes": 1}, False),
        ({}, {"duplicate_of": "a", "minutes": 900, "member": "li"}, False),
        ({}, {"replaces": "a", "minutes": 900}, False),
        ({"replaces": "x"}, {"replaces": "x", "minutes": 900}, False),
        ({"replaces": "x"}, {"replaces": "y", "minutes": 900}, True),
    ],
)
def test_when_it_is_again(earlier: Any, later: Any, again: bool) -> None:
    assert is_again(naming("b", **later), naming("a", **earlier), APART) is again


def test_the_later_capture_is_told_of_whichever_came_in_first() -> None:
    old, new = naming("a"), naming("b", 60)
    assert found(new, [old], {"a": 4}, APART) == [Seen("b", "b", 4)]
    assert found(old, [new], {"b": 4}, APART) == [Seen("b", "b", 4)]


def test_the_least_distance_is_told() -> None:
    others = [naming("a"), naming("b", 60), naming("c", 90)]
    seen = found(naming("d", 200), others, {"a": 5, "b": 2, "c": 3}, APART)
    assert seen == [Seen("d", "d", 2)]


def test_one_in_the_middle() -> None:
    others = [naming("a"), naming("c", 200, member="li")]
    seen = found(naming("b", 100), others, {"a": 5, "c": 1}, APART)
    assert seen == [Seen("b", "b", 5), Seen("c", "c", 1)]


namings = st.builds(
    naming,
    st.sampled_from("abc"),
    st.integers(0, 90),
    member=st.sampled_from(["wang", "li"]),
    role=st.sampled_from([None, "near", "after"]),
)


@given(namings, namings)
def test_it_makes_no_difference_which_is_asked_about(one: Naming, two: Naming) -> None:
    distances = {one.sha256: 3, two.sha256: 3}
    assert found(one, [two], distances, APART) == found(two, [one], distances, APART)
