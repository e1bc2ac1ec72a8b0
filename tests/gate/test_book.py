from hypothesis import given
from hypothesis import strategies as st

from server.gate.book import BYTES, PLACES, SLOTS, STRANGER, Book, Known, Line

NUMBERS = st.integers(0, (1 << 64) - 1)
KNOWN = st.builds(
    Known,
    ticket=st.integers(0, (1 << 64) - 1),
    turn=st.floats(0, 1e9),
    due=st.floats(0, 1e9),
    inside_until=st.floats(0, 1e9),
    times=st.integers(0, (1 << 32) - 1),
)


def test_who_never_came_is_a_stranger() -> None:
    assert Book(bytearray(BYTES))[5] == STRANGER


@given(NUMBERS.filter(bool), KNOWN)
def test_what_was_written_is_read_by_whoever_shares_the_memory(device: int, known: Known) -> None:
    memory = bytearray(BYTES)
    Book(memory)[device] = known
    assert Book(memory)[device] == known


def test_two_of_one_place_push_each_other_out() -> None:
    book = Book(bytearray(BYTES))
    book[1] = Known(due=3.0)
    book[1 + PLACES] = Known(due=4.0)
    assert book[1] == STRANGER
    assert book[1 + PLACES].due == 4.0


def test_neighbours_do_not_touch() -> None:
    book = Book(bytearray(BYTES))
    for device in (PLACES - 1, PLACES, PLACES + 1):
        book[device] = Known(due=float(device))
    for device in (PLACES - 1, PLACES, PLACES + 1):
        assert book[device].due == device


def test_the_line_is_shared_and_no_device_lies_on_it() -> None:
    memory = bytearray(BYTES)
    Book(memory).line = Line(given=3, taken=2, at=5.0)
    for device in (PLACES, PLACES + 1, 2 * PLACES - 1):
        Book(memory)[device] = Known(ticket=9, due=9.0)
    assert Book(memory).line == Line(given=3, taken=2, at=5.0)


def test_the_calendar_is_shared_and_a_slot_that_comes_again_is_empty() -> None:
    memory = bytearray(BYTES)
    Book(memory).add(7)
    Book(memory).add(7)
    assert Book(memory).booked(7) == 2
    assert Book(memory).booked(8) == 0
    assert Book(memory).booked(7 + SLOTS) == 0
    Book(memory).add(7 + SLOTS)
    assert Book(memory).booked(7 + SLOTS) == 1


@given(st.integers(0, 1 << 40), NUMBERS.filter(bool), KNOWN)
def test_no_device_and_no_line_lies_on_the_calendar(slot: int, device: int, known: Known) -> None:
    book = Book(bytearray(BYTES))
    book.add(slot)
    book[device] = known
    book.line = Line(given=3, taken=2, at=5.0)
    assert book.booked(slot) == 1
    assert book[device] == known
