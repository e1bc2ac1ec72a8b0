"""What the first bytes of a request say, as far as the gate must know. Pure."""

import hashlib
import re
from dataclasses import dataclass

MOST = 16 * 1024
"""Bytes that are looked at; a longer head is answered and its connection closed."""
VITAL = frozenset({b"/healthz", b"/readyz", b"/metrics"})
_END = b"\r\n\r\n"
_FIRST = re.compile(rb"([A-Z]+) ([^ ?\r\n]*)[^ \r\n]*( HTTP/1\.1\r)?")
_DEVICE = re.compile(rb"(?i)\r\nauthorization:[ \t]*bearer[ \t]+(gwd_[^\s]+)")
_LENGTH = re.compile(rb"(?i)\r\ncontent-length:[ \t]*([0-9]{1,18})[ \t]*\r\n")
_LAST = re.compile(rb"(?i)\r\n(transfer-encoding:|expect:|upgrade:|connection:[ \t]*close)")
_ENGLISH = re.compile(rb"(?i)\r\naccept-language:[ \t]*en")


@dataclass(frozen=True, slots=True)
class Head:
    """`device`: a number for the device's token, None for anybody else.

    `size`: bytes of the whole request, None where its end is not known or nothing may follow it.
    `bodiless`: nor has its answer a body.
    """

    is_vital: bool
    device: int | None
    size: int | None
    english: bool
    bodiless: bool


UNKNOWN = Head(is_vital=False, device=None, size=None, english=False, bodiless=False)


def read(first: bytes) -> Head:
    """The head of the request that begins with these bytes, whole or not; never fails."""
    end = first.find(_END)
    head = first if end < 0 else first[: end + len(_END)]
    said = _FIRST.match(head)
    method, path, current = said.groups() if said else (b"", b"", None)
    open_end = end < 0 or current is None or _LAST.search(head)
    token = _DEVICE.search(head)
    return Head(
        is_vital=path in VITAL,
        device=_number(token[1]) if token else None,
        size=None if open_end else len(head) + _length(head),
        english=_ENGLISH.search(head) is not None,
        bodiless=method == b"HEAD",
    )


def _length(head: bytes) -> int:
    found = _LENGTH.search(head)
    return int(found[1]) if found else 0


def _number(token: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(token, digest_size=8).digest())
