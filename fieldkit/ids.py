"""Identifiers made on the device (docs/protocol.md, section 2)."""

import secrets
import threading
import time
import uuid

_lock = threading.Lock()
_last = 0

_COUNTER_BITS = 12


def uuid7() -> str:
    """A new UUIDv7 (RFC 9562), greater than every one made before in this process.

    The 12 bits after the millisecond are a counter; when it overflows, or when the clock
    goes back, the id borrows from the next millisecond.
    """
    global _last
    with _lock:
        _last = max(_last + 1, (time.time_ns() // 1_000_000) << _COUNTER_BITS)
        tick = _last
    millis, counter = tick >> _COUNTER_BITS, tick & 0xFFF
    value = millis << 80 | 0x7 << 76 | counter << 64 | 0b10 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=value))


def random_uuid() -> str:
    """A new random UUID: for an install (one per installation, wipe or restore), for a shift."""
    return str(uuid.uuid4())
