"""Identifiers: UUIDv7 (RFC 9562, section 5.7), written in the canonical lower-case form."""

import os
import re
import threading
import time
import uuid

_RANDOM_BITS = 74
_STEP_BYTES = 4


class _Sequence:
    """The 122 free bits of every id made here, each above the one before it (method 2 of 6.2)."""

    def __init__(self) -> None:
        self._last = 0
        self._lock = threading.Lock()

    def next(self) -> int:
        now = time.time_ns() // 1_000_000 << _RANDOM_BITS
        fresh = now | int.from_bytes(os.urandom(10)) & (1 << _RANDOM_BITS) - 1
        with self._lock:
            # A clock set back, or a second id in one millisecond, goes on from the last.
            if fresh <= self._last:
                fresh = self._last + 1 + int.from_bytes(os.urandom(_STEP_BYTES))
            self._last = fresh
        return fresh


_sequence = _Sequence()


def uuid7() -> str:
    """A new UUIDv7, above every earlier one of this process: 48 bits of Unix milliseconds and 74
    bits that are random, or a random step above those of the id before."""
    bits = _sequence.next()
    moment, high, low = bits >> _RANDOM_BITS, bits >> 62 & 0xFFF, bits & (1 << 62) - 1
    return str(uuid.UUID(int=moment << 80 | 0x7 << 76 | high << 64 | 0x2 << 62 | low))


_CANONICAL = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def canonical(text: str) -> str:
    """`text` as a canonical lower-case UUID; ValueError if it is none."""
    if _CANONICAL.fullmatch(text):
        return text
    value = str(uuid.UUID(text))
    if value != text.lower():
        raise ValueError(f"not a UUID in its usual form: {text!r}")
    return value
