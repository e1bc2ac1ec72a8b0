"""What the gate knows of each device, in memory that all web processes share. Pure.

A table without locks: a device has one of the few places of its shelf, and takes that of whoever is
awaited or inside the shortest if all are taken. A record that two processes write at once may be
either's. Who is forgotten is a newcomer, and loses its precedence.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple, Protocol

_RECORD = struct.Struct("=QQdddL")
_LINE = struct.Struct("=QQd")
_SLOT = struct.Struct("=QL")
PLACES = 1 << 17
SHELF = 8
"""Places that a device may have. Of 10,000 devices with one each, 380 pairs would share theirs; of
eight, all are taken for somebody in one crowd of 3,000.
"""
SLOTS = 1 << 7
"""So many slots of the calendar are kept, those that come next."""
_FIRST_PLACE = _LINE.size + SLOTS * _SLOT.size
BYTES = _FIRST_PLACE + PLACES * _RECORD.size


class Known(NamedTuple):
    """A device: its ticket (票号; 0: none), when its turn will be, when it was told to come.

    `inside_until`: its sync goes on till then at least; `times`: how often it was sent away with
    this ticket. Moments in seconds of one monotonic clock.
    """

    ticket: int = 0
    turn: float = 0.0
    due: float = 0.0
    inside_until: float = 0.0
    times: int = 0


class Line(NamedTuple):
    """Those who wait outside: tickets given, places taken since; when the last one was given."""

    given: int = 0
    taken: int = 0
    at: float = 0.0


class Memory(Protocol):
    """A writable buffer of `BYTES`: a bytearray, or a mapping that processes share."""

    def __buffer__(self, flags: int, /) -> memoryview: ...


STRANGER = Known()


class Book:
    """Devices by a number of 64 bits, and the one line and calendar of all processes."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def __getitem__(self, device: int) -> Known:
        """What is known of it; `STRANGER` if nothing."""
        return next((known for of, known in self._shelf(device) if of == device), STRANGER)

    def __setitem__(self, device: int, known: Known) -> None:
        shelf = [*self._shelf(device)]
        place = min(range(SHELF), key=lambda place: _worth(device, *shelf[place]))
        _RECORD.pack_into(self._memory, _shelf(device) + place * _RECORD.size, device, *known)

    def _shelf(self, device: int) -> Iterator[tuple[int, Known]]:
        """The devices and what is known of them on the places that this one may have."""
        begin = _shelf(device)
        records = memoryview(self._memory)[begin : begin + SHELF * _RECORD.size]
        return ((of, Known(*known)) for of, *known in _RECORD.iter_unpack(records))

    @property
    def line(self) -> Line:
        """The line as it is."""
        return Line(*_LINE.unpack_from(self._memory))

    @line.setter
    def line(self, line: Line) -> None:
        _LINE.pack_into(self._memory, 0, *line)

    def booked(self, slot: int) -> int:
        """How many are told to come in this slot; slots are numbered from the clock's begin."""
        of, count = _SLOT.unpack_from(self._memory, _page(slot))
        return int(count) if of == slot else 0

    def add(self, slot: int) -> None:
        """One more is told to come then."""
        _SLOT.pack_into(self._memory, _page(slot), slot, self.booked(slot) + 1)


def _page(slot: int) -> int:
    return _LINE.size + slot % SLOTS * _SLOT.size


def _shelf(device: int) -> int:
    return _FIRST_PLACE + device * SHELF % PLACES * _RECORD.size


def _worth(device: int, of: int, known: Known) -> float:
    """What would be lost if `device` got this place: its own first, then free or long left ones."""
    return -1.0 if of == device else max(known.due, known.inside_until)
