import time
from datetime import UTC, datetime, timedelta

from fieldkit.simulator.clock import ShiftClock

START = datetime(2026, 11, 21, 7, 15, tzinfo=UTC)


def test_it_goes_where_it_is_told_and_never_back() -> None:
    clock = ShiftClock(START, scale=1)
    before = clock.mono()
    clock.go_to(START + timedelta(hours=1))
    clock.go_to(START)
    assert clock.now() == START + timedelta(hours=1)
    assert clock.mono() - before == 3_600_000


def test_back_from_the_shift_it_runs_with_the_machine() -> None:
    clock = ShiftClock(START, scale=1)
    boot, before = clock.boot(), clock.mono()
    clock.come_back()
    present = datetime.now(UTC)
    assert abs(clock.now() - present) < timedelta(seconds=60)
    passed = (clock.now() - START) / timedelta(milliseconds=1)
    assert abs(clock.mono() - before - passed) < 1000
    assert clock.boot() == boot
    earlier = clock.now()
    while clock.now() == earlier:
        time.sleep(0.001)
    assert clock.now() > earlier


def test_waits_are_shortened_but_do_not_move_the_clock_by_themselves() -> None:
    clock = ShiftClock(START, scale=0)
    clock.sleep(900)
    assert clock.now() == START
