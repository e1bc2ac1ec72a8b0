"""The one place that tells the time."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from server.kernel import clock

NOON = datetime(2026, 11, 22, 12, 0, 0, 120_999, UTC)


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (NOON, "2026-11-22T12:00:00.120Z"),
        (NOON.astimezone(timezone(timedelta(hours=8))), "2026-11-22T12:00:00.120Z"),
        (datetime(2026, 1, 1, 3, tzinfo=timezone(timedelta(hours=8))), "2025-12-31T19:00:00.000Z"),
    ],
    ids=["utc", "shanghai", "year"],
)
def test_the_wire_writes_utc_with_milliseconds(instant: datetime, text: str) -> None:
    assert clock.iso(instant) == text


def test_now_is_aware() -> None:
    before = datetime.now(UTC)
    assert before <= clock.now() <= datetime.now(UTC)
    assert clock.now().tzinfo is UTC


def test_it_stands_still_for_a_test_and_goes_on_after_it() -> None:
    with clock.standing_at(NOON):
        assert clock.now() == NOON
        with clock.standing_at(NOON + timedelta(1)):
            assert clock.now() == NOON + timedelta(1)
        assert clock.now() == NOON
    assert clock.now() != NOON


def test_it_goes_on_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), clock.standing_at(NOON):
        raise ZeroDivisionError
    assert clock.now() != NOON
