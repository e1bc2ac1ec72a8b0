import pytest

from server.gate.pace import FIRST_GUESS_S, MEMORY_S, Pace


def run(pace: Pace, at: float, count: int, gap: float, waiting: int = 1) -> float:
    """So many answers, one each `gap` seconds; the moment after."""
    for _ in range(count):
        at += gap
        pace.finished(at, waiting)
    return at


def test_before_anything_is_measured_it_is_a_guess() -> None:
    assert Pace().seconds == pytest.approx(FIRST_GUESS_S)


@pytest.mark.parametrize("gap", [0.001, 0.05, 2.0])
def test_it_becomes_what_it_is_under_load(gap: float) -> None:
    pace = Pace()
    run(pace, 0.0, int(20 * MEMORY_S / gap), gap)
    assert pace.seconds == pytest.approx(gap, rel=0.01)


def test_a_gap_in_which_nobody_waited_says_nothing() -> None:
    pace = Pace()
    at = run(pace, 0.0, 10_000, 0.01)
    pace.finished(at + 0.01, 0)
    pace.finished(at + 3600, 1)
    assert pace.seconds == pytest.approx(0.01, rel=0.01)


def test_it_follows_a_server_that_became_slower() -> None:
    pace = Pace()
    at = run(pace, 0.0, 10_000, 0.01)
    run(pace, at, 300, 0.1)
    assert pace.seconds == pytest.approx(0.1, rel=0.1)
