from hypothesis import given
from hypothesis import strategies as st

from server.gate.book import BYTES, PLACES, SHELF, SLOTS, STRANGER, Book, Known, Line

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


def of_one_shelf(count: int) -> list[int]:
    return [5 + number * PLACES for number in range(1, count + 1)]


def test_devices_of_one_shelf_leave_each_other_in_peace() -> None:
    book, devices = Book(bytearray(BYTES)), of_one_shelf(SHELF)
    for device in devices:
        book[device] = Known(due=float(device))
    for device in reversed(devices):
        book[device] = book[device]._replace(times=3)
    assert [book[device] for device in devices] == [
        Known(due=float(device), times=3) for device in devices
    ]


def test_on_a_full_shelf_who_left_the_longest_ago_is_forgotten() -> None:
    book, (new, *devices) = Book(bytearray(BYTES)), of_one_shelf(SHELF + 1)
    for number, device in enumerate(devices):
        book[device] = Known(due=float(number != 3), inside_until=10.0 * (number == 5))
    book[new] = Known(due=2.0)
    assert book[new].due == 2.0
    assert [device for device in devices if book[device] == STRANGER] == [devices[3]]


def test_neighbours_do_not_touch() -> None:
    book = Book(bytearray(BYTES))
    shelves = PLACES // SHELF
    for device in (shelves - 1, shelves, shelves + 1):
        book[device] = Known(due=float(device))
    for device in (shelves - 1, shelves, shelves + 1):
        assert book[device].due == device


def test_the_line_is_shared_and_no_device_lies_on_it() -> None:
    memory = bytearray(BYTES)
    Book(memory).line = Line(given=3, taken=2, at=5.0)
    for device in (PLACES, PLACES + 1, 2 * PLACES - 1, PLACES // SHELF - 1):
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
