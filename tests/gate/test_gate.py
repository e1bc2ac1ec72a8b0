import random
from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from server.gate.book import BYTES, Book
from server.gate.gate import (
    FIRST_S,
    LATE_S,
    LONGEST_S,
    MOST_PATIENCE_S,
    PAUSE_S,
    SLOT_S,
    Gate,
)
from tests.gate.crowd import Crowd, Server

PATIENCE, THREADS = 3.0, 2
NOW = 1000.0
PHONE, OTHER = 7, 8


@pytest.fixture
def book() -> Book:
    return Book(bytearray(BYTES))


@pytest.fixture
def gate(book: Book) -> Gate:
    return Gate(book, PATIENCE, THREADS, 1, NOW)


def fill(gate: Gate, seconds: float) -> None:
    """So many seconds of work wait."""
    while gate.wait <= seconds:
        gate.came_in()


def empty(gate: Gate) -> None:
    """Everybody inside is answered at once; the pace stays what it was."""
    while gate.wait:
        gate._inside -= 1


def test_while_threads_are_free_everybody_comes_in(gate: Gate) -> None:
    for device in (None, PHONE, OTHER):
        assert gate.ask(device, NOW) is None
    gate.came_in()
    assert gate.wait == 0


def test_a_newcomer_to_a_long_queue_is_told_when_to_come(gate: Gate) -> None:
    fill(gate, PATIENCE)
    assert gate.ask(PHONE, NOW) >= 1


def test_turns_are_one_after_the_other(gate: Gate) -> None:
    fill(gate, PATIENCE)
    times = [gate.ask(device, NOW) for device in range(1, 100)]
    assert times == sorted(times)
    assert times[-1] > times[0]


def test_who_comes_too_early_is_told_the_same_moment(gate: Gate) -> None:
    fill(gate, PATIENCE)
    for device in range(100, 150):
        gate.ask(device, NOW)
    told = gate.ask(PHONE, NOW)
    assert told > 10
    assert gate.ask(PHONE, NOW + 4) == told - 4
    assert gate.ask(PHONE, NOW + 8) == told - 8


def test_an_estimate_is_trusted_for_two_minutes_the_next_one_for_longer(gate: Gate) -> None:
    fill(gate, PATIENCE)
    for device in range(100, 5000):
        gate.ask(device, NOW)
    told = gate.ask(PHONE, NOW)
    assert told == FIRST_S
    assert gate.ask(PHONE, NOW + told) == 3 * FIRST_S


def test_the_same_ticket_is_worth_less_time_when_others_got_in(gate: Gate) -> None:
    fill(gate, PATIENCE)
    crowd = range(100, 150)
    for device in crowd:
        gate.ask(device, NOW)
    told = gate.ask(PHONE, NOW)
    empty(gate)
    for device in crowd:
        assert gate.ask(device, NOW + told) is None
    fill(gate, 3 * PATIENCE)
    assert gate.ask(PHONE, NOW + told) < told


def test_the_line_is_one_for_all_processes(gate: Gate, book: Book) -> None:
    fill(gate, PATIENCE)
    for device in range(100, 150):
        gate.ask(device, NOW)
    other = Gate(book, PATIENCE, THREADS, 1, NOW)
    fill(other, PATIENCE)
    assert other.ask(PHONE, NOW) == pytest.approx(gate.ask(OTHER, NOW), abs=3)


def test_two_processes_are_twice_as_quick(book: Book) -> None:
    told = []
    for processes in (1, 2):
        gate = Gate(book, PATIENCE, THREADS, processes, NOW)
        fill(gate, PATIENCE)
        for device in range(100, 150):
            gate.ask(device, NOW)
        told.append(gate.ask(PHONE + processes, NOW))
    assert told[1] == pytest.approx(told[0] / 2, abs=SLOT_S / 2)


def sent_away(gate: Gate, times: int) -> float:
    """A phone that came so often when it was told to; the moment that it was told last."""
    now = NOW
    for _ in range(times):
        fill(gate, 3 * PATIENCE)
        now += gate.ask(PHONE, now) or 0
    empty(gate)
    return now


@pytest.mark.parametrize(
    ("times", "limit"),
    [(1, PATIENCE / 4), (2, PATIENCE / 2), (3, PATIENCE / 2), (4, PATIENCE), (5, 6), (7, 6)],
)
@pytest.mark.parametrize(("part", "comes_in"), [(0.8, True), (1, False)])
def test_each_time_that_it_was_sent_away_the_queue_may_be_longer(
    gate: Gate, times: int, limit: float, part: float, comes_in: bool
) -> None:
    turn = sent_away(gate, times)
    fill(gate, part * limit)
    assert (gate.ask(PHONE, turn) is None) == comes_in


def test_who_comes_in_its_turn_goes_before_newcomers_and_who_comes_early(gate: Gate) -> None:
    turn = sent_away(gate, 2)
    fill(gate, PATIENCE / 4)
    assert gate.ask(PHONE, turn - 2) is not None
    assert gate.ask(OTHER, turn) is not None
    assert gate.ask(PHONE, turn) is None


def test_devices_queue_no_longer_however_patient_people_are(book: Book) -> None:
    gate = Gate(book, 10.0, THREADS, 1, NOW)
    fill(gate, MOST_PATIENCE_S)
    assert gate.ask(PHONE, NOW) is not None
    assert gate.ask(None, NOW) is None


def test_no_more_are_told_to_come_at_one_time_than_can_be_taken_then(gate: Gate) -> None:
    fill(gate, PATIENCE)
    told = [gate.ask(device, NOW) for device in range(1, 100)]
    # A tenth of a second a request, eight requests a device: before anything is measured.
    most = SLOT_S / 0.8 + 1
    slots = Counter((NOW + wait) // SLOT_S for wait in told if wait < FIRST_S)
    assert len(slots) > 5
    assert max(slots.values()) <= 1.5 * most


def test_a_line_that_nobody_comes_to_any_more_is_none(gate: Gate) -> None:
    fill(gate, PATIENCE)
    for device in range(100, 500):
        gate.ask(device, NOW)
    empty(gate)
    fill(gate, 0.8 * PATIENCE)
    assert gate.ask(PHONE, NOW + LONGEST_S) is not None
    assert gate.ask(OTHER, NOW + 2 * LONGEST_S + 1) is None


def test_a_sync_that_began_is_finished_however_long_the_queue_is(gate: Gate) -> None:
    assert gate.ask(PHONE, NOW) is None
    fill(gate, 5 * PATIENCE)
    assert gate.ask(PHONE, NOW + PAUSE_S - 1) is None
    assert gate.ask(PHONE, NOW + 2 * PAUSE_S - 2) is None


def test_it_is_finished_in_the_other_process_too(gate: Gate, book: Book) -> None:
    assert gate.ask(PHONE, NOW) is None
    other = Gate(book, PATIENCE, THREADS, 1, NOW)
    fill(other, 5 * PATIENCE)
    assert other.ask(PHONE, NOW + 1) is None
    assert other.ask(OTHER, NOW + 1) is not None


def test_a_device_that_was_quiet_has_left(gate: Gate) -> None:
    assert gate.ask(PHONE, NOW) is None
    fill(gate, 5 * PATIENCE)
    assert gate.ask(PHONE, NOW + PAUSE_S + 1) is not None


def test_people_do_not_stand_in_the_line(gate: Gate) -> None:
    fill(gate, PATIENCE)
    for device in range(100, 500):
        gate.ask(device, NOW)
    empty(gate)
    fill(gate, 0.8 * PATIENCE)
    assert gate.ask(None, NOW) is None
    fill(gate, PATIENCE)
    assert 1 <= gate.ask(None, NOW) <= PATIENCE + 1


def test_who_waited_too_long_inside_may_come_again_soon(gate: Gate) -> None:
    assert gate.ask(PHONE, NOW) is None
    fill(gate, LATE_S)
    assert gate.is_late(LATE_S + 1)
    assert not gate.is_late(LATE_S - 1)
    told = gate.send_away(PHONE, NOW + PAUSE_S - 1)
    assert LATE_S <= told <= LATE_S + 2
    assert gate.ask(PHONE, NOW + PAUSE_S - 1 + told) is None
    assert gate.send_away(None, NOW) >= LATE_S


def test_nobody_is_told_to_come_after_the_longest_back_off(gate: Gate) -> None:
    fill(gate, 9 * PATIENCE)
    for device in range(100, 20_000):
        gate.ask(device, NOW)
    now, told = NOW, []
    for _ in range(6):
        told.append(gate.ask(PHONE, now))
        now += told[-1]
    assert told == [120, 360, LONGEST_S, LONGEST_S, LONGEST_S, LONGEST_S]


@settings(deadline=None, max_examples=20)
@given(
    devices=st.integers(500, 10_000),
    most=st.integers(1, 12),
    within=st.floats(0, 60),
    work_s=st.floats(30, LONGEST_S),
    patience=st.integers(1, 10),
    processes=st.integers(2, 4),
    factor=st.floats(1 / 3, 3),
    part=st.floats(0.1, 0.9),
    seed=st.integers(0, 1 << 32),
)
@example(2194, 3, 1.0, 523.0, 1, 2, 3.0, 0.5, 0).via("a moment that was 901 s away")
def test_nobody_of_a_crowd_is_sent_away_more_than_five_times_or_waits_in_vain(
    devices: int,
    most: int,
    within: float,
    work_s: float,
    patience: float,
    processes: int,
    factor: float,
    part: float,
    seed: int,
) -> None:
    """What ADR 10 promises, and for which crowds: work of a quarter of an hour at most, change and
    all; a request takes 60 ms at most, and up to three times as long or as short after the change.
    """
    rng = random.Random(seed)
    wants = [rng.randint(1, most) for _ in range(devices)]
    before = work_s / (part + (1 - part) * factor)
    service_s = min(0.06, before / sum(wants))
    changes = part * service_s * sum(wants)
    crowd = Crowd(Server(processes, service_s, patience, factor, changes), seed)
    for one in wants:
        crowd.come(rng.uniform(0, within), one)
    crowd.run()
    assert not any(device.wants for device in crowd.devices)
    assert max(device.away for device in crowd.devices) <= 5
    assert max(crowd.waits) < LATE_S
    assert all(1 <= told <= LONGEST_S for device in crowd.devices for told in device.told)


@pytest.mark.parametrize("seed", range(3))
def test_the_queue_does_not_run_dry_while_devices_wait(seed: int) -> None:
    crowd, requests = Crowd(Server(2, 0.02, PATIENCE), seed), 8
    rng = random.Random(seed)
    for _ in range(3000):
        crowd.come(rng.uniform(0, 20), requests)
    crowd.run()
    assert crowd.now < 1.2 * 3000 * requests * 0.02
