from hypothesis import given
from hypothesis import strategies as st

from fieldkit.backoff import BASE_S, CAP_S, delay

attempts = st.integers(1, 10_000)
draws = st.floats(0, 1)


@given(attempts, draws, st.one_of(st.none(), st.integers(0, 100_000)))
def test_never_shorter_than_the_server_asked_never_longer_than_both_caps(attempt, draw, asked):
    wait = delay(attempt, draw, asked)
    assert (asked or 0) <= wait <= max(CAP_S, asked or 0)


@given(attempts)
def test_the_whole_range_is_used(attempt):
    assert delay(attempt, 0) == 0
    assert delay(attempt, 1) == min(CAP_S, BASE_S * 2 ** min(attempt, 20))


@given(attempts, draws)
def test_a_later_failure_never_waits_less_for_the_same_draw(attempt, draw):
    assert delay(attempt + 1, draw) >= delay(attempt, draw)
