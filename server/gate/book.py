"""What the gate knows of each device, in memory that all web processes share. Pure.

A table without locks: two devices of one place push each other out, and a record that two processes
write at once may be either's. Who is forgotten is a newcomer, and loses a turn at most.
"""

import struct
from collections.abc import MutableSequence
from typing import NamedTuple, Protocol

_RECORD = struct.Struct("=QddL")
PLACES = 1 << 17
BYTES = PLACES * _RECORD.size


class Known(NamedTuple):
    """A device: its appointment (0: none), until when it is inside, how often it was sent away.

    Both moments in seconds of the machine's monotonic clock.
    """

    due: float = 0.0
    inside_until: float = 0.0
    times: int = 0


class Memory(Protocol):
    """A writable buffer of `BYTES`: a bytearray, or a mapping that processes share."""

    def __buffer__(self, flags: int, /) -> memoryview: ...


STRANGER = Known()


class Book:
    """Devices by a number of 64 bits."""

    def __init__(self, memory: Memory | MutableSequence[int]) -> None:
        self._memory = memory

    def __getitem__(self, device: int) -> Known:
        """What is known of it; `STRANGER` if nothing."""
        of, *known = _RECORD.unpack_from(self._memory, self._place(device))  # type: ignore[arg-type]
        return Known(*known) if of == device else STRANGER

    def __setitem__(self, device: int, known: Known) -> None:
        _RECORD.pack_into(self._memory, self._place(device), device, *known)  # type: ignore[arg-type]

    def _place(self, device: int) -> int:
        return device % PLACES * _RECORD.size
