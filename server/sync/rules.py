"""Pure decisions of the exchange: what a receipt says, when to start over, how far a page goes."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

DEFAULT_WANT_BYTES = 65_536
PAGE_OBJECTS = 500
SMALL_CHANGE = 200
"""Bytes of a small change; where smaller ones come, a page stays below what was wanted."""
SPREAD = 0.2
SEEN_EVERY = timedelta(minutes=30)
NEWS_EVERY = timedelta(minutes=1)
"""Pages that look at devices are told no more often that one was seen again."""


@dataclass(slots=True)
class Install:
    """The counters of an install; see `Device`. `seqs` are the numbers seen, as ranges."""

    install: str
    member: str
    state: str
    app: str | None
    outbox: dict[str, Any] | None
    seen_at: datetime | None
    offsets: list[int]
    cursor: int
    began: int
    forked: bool
    seqs: list[list[int]]
    receipt: int
    receipt_hash: str


def is_news(seen_at: datetime | None, now: datetime) -> bool:
    """Whether pages are told that the device was seen."""
    return seen_at is None or now - seen_at >= NEWS_EVERY


def root_of(lines: Iterable[Sequence[str]]) -> str:
    """Hex SHA-256 of the lines `<sha256> <status>` joined by a newline."""
    text = "\n".join(f"{sha256} {status}" for sha256, status in lines)
    return hashlib.sha256(text.encode()).hexdigest()


def signed_text(
    epoch: str, install: str, no: int, at: str, items: int, root: str, prev: str
) -> str:
    """What the server signs (docs/protocol.md, section 10)."""
    return "\n".join(("gewu-receipt-1", epoch, install, str(no), at, str(items), root, prev))


def text_hash(text: str) -> str:
    """Hex SHA-256 of a signed text: the `prev` of the next receipt."""
    return hashlib.sha256(text.encode()).hexdigest()


def must_reset(
    seen_epoch: str | None, epoch: str, cursor: int, last: int, swept: int, began: int
) -> bool:
    """Whether the device starts its feed over: another epoch, an impossible cursor, or too old.

    `last` is the newest number of the inbox, `swept` the newest tombstone that was removed, `began`
    the newest removed one when the device last began at 0: what went before it cannot have missed.
    """
    if seen_epoch is not None and seen_epoch != epoch:
        return True
    return cursor > last or (0 < cursor < swept and began < swept)


def tells_nothing(install: Install, envelope: Mapping[str, Any], swept: int, now: datetime) -> bool:
    """Whether an exchange without lines leaves nothing to write down about the install.

    That it was seen, and its clock, are written once in `SEEN_EVERY`, which is longer than the
    time between two exchanges of an idle device.
    """
    cursor, app, outbox = envelope["cursor"], envelope["app"], envelope["outbox"]
    return (
        install.seen_at is not None
        and timedelta(0) <= now - install.seen_at < SEEN_EVERY
        and cursor == install.cursor
        and (cursor > 0 or install.began == swept)
        and (not app or app == install.app)
        and (not outbox or outbox == install.outbox)
    )


def page_objects(want_bytes: int) -> int:
    """How many changes are looked at for a page: not many more than can fit are rendered."""
    return max(1, min(PAGE_OBJECTS, want_bytes // SMALL_CHANGE))


def cut(changes: list[dict[str, Any]], want_bytes: int) -> tuple[list[dict[str, Any]], bool]:
    """(the changes that fit into `want_bytes` of JSON, at least one; whether some were left)."""
    used = 0
    for index, change in enumerate(changes):
        used += len(msgspec.json.encode(change)) + 1
        if used > want_bytes and index:
            return changes[:index], True
    return changes, False


def spread(base_s: int, chance: float) -> int:
    """Seconds until the next exchange: `base_s` ± 20 %, so that a fleet does not come at once."""
    return max(1, round(base_s * (1 - SPREAD + 2 * SPREAD * chance)))
