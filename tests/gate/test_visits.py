import pytest

from server.gate.visits import GUESSED_REQUESTS, MEMORY_S, Visits


def served(visits: Visits, at: float, until: float, each: int, gap: float) -> None:
    """One device after the other makes `each` requests, `gap` seconds apart."""
    number = 0
    while at < until:
        visits.add(at, begins=number % each == 0)
        number += 1
        at += gap


def test_before_anything_is_measured_it_is_a_guess() -> None:
    assert Visits(0.0).requests(0) == GUESSED_REQUESTS


@pytest.mark.parametrize("each", [1, 3, 12])
def test_it_becomes_what_it_is(each: int) -> None:
    visits = Visits(0.0)
    served(visits, 0.0, 10 * MEMORY_S, each, 0.01)
    assert visits.requests(0) == pytest.approx(each, rel=0.1)


def test_who_has_only_begun_does_not_look_like_one_who_leaves_soon() -> None:
    visits = Visits(0.0)
    for _ in range(200):
        visits.add(1.0, begins=True)
    assert visits.requests(200) > 1.5 * visits.requests(0)


def test_however_many_are_inside_it_stays_within_twice() -> None:
    visits = Visits(0.0)
    served(visits, 0.0, 10 * MEMORY_S, 4, 0.01)
    assert visits.requests(1_000_000) == pytest.approx(2 * visits.requests(0))
