"""Identifiers: UUIDv7 (RFC 9562, section 5.7), written in the canonical lower-case form."""

import os
import re
import time
import uuid


def uuid7() -> str:
    """A new UUIDv7: 48 bits of Unix milliseconds, then 74 random bits."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10))
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))


_CANONICAL = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def canonical(text: str) -> str:
    """`text` as a canonical lower-case UUID; ValueError if it is none."""
    if _CANONICAL.fullmatch(text):
        return text
    value = str(uuid.UUID(text))
    if value != text.lower():
        raise ValueError(f"not a UUID in its usual form: {text!r}")
    return value
