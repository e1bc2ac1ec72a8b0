"""Pure decisions of intake: what time it was, which flags an item gets, what a batch collides with.

Times follow docs/protocol.md, section 9.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

CLOCK_TOLERANCE = timedelta(seconds=120)
EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)
"""Nobody captured anything before: a phone that says so lost its clock (1970 after a reset)."""
OFFSETS_KEPT = 5


@dataclass(frozen=True, slots=True)
class ExchangeClock:
    """What an exchange says of the device's clock.

    `offset_ms` is server minus device (add it to device time), the median of the last exchanges;
    `mono` is milliseconds since boot `boot` at the moment of sending.
    """

    received_at: datetime
    mono: int | None = None
    boot: str | None = None
    offset_ms: int | None = None


def offset_ms(received_at: datetime, sent_at: datetime | None) -> int | None:
    """Milliseconds to add to device time to get server time; None if the device did not say."""
    if sent_at is None:
        return None
    return round((received_at - sent_at) / timedelta(milliseconds=1))


def with_offset(offsets: Sequence[int], newest: int | None) -> list[int]:
    """The last five offsets, the newest last."""
    if newest is None:
        return list(offsets)
    return [*offsets, newest][-OFFSETS_KEPT:]


def median_offset(offsets: Sequence[int]) -> int | None:
    """The median of the offsets, in milliseconds."""
    return round(median(offsets)) if offsets else None


def estimate(
    at: datetime, mono: int | None, boot: str | None, clock: ExchangeClock
) -> tuple[datetime, str]:
    """(the server's estimate in UTC, how: `mono`, `offset` or `raw`) of when an item was captured.

    Same boot: received minus what elapsed since. Else the device's time plus the median offset.
    Never later than the moment of receipt by `mono`.
    """
    if _same_boot(mono, boot, clock):
        elapsed = timedelta(milliseconds=clock.mono - mono)  # type: ignore[operator]
        return clock.received_at - elapsed, "mono"
    try:
        if clock.offset_ms is not None:
            return (at + timedelta(milliseconds=clock.offset_ms)).astimezone(UTC), "offset"
        return at.astimezone(UTC), "raw"
    except OverflowError:
        return clock.received_at, "raw"


def _same_boot(mono: int | None, boot: str | None, clock: ExchangeClock) -> bool:
    if mono is None or clock.mono is None or boot is None or boot != clock.boot:
        return False
    return 0 <= clock.mono - mono <= CENTURY_MS


CENTURY_MS = 100 * 366 * 86_400_000


def flags_of(
    at: datetime,
    estimated: datetime,
    received_at: datetime,
    late_after: timedelta,
    loc: dict[str, Any] | None,
    outside: bool,
) -> list[str]:
    """The flags that need no look at other items."""
    flags = []
    off = abs(estimated - at.astimezone(UTC)) > CLOCK_TOLERANCE
    if off or not EARLIEST < estimated < received_at + CLOCK_TOLERANCE:
        flags.append("clock")
    if received_at - estimated > late_after:
        flags.append("late")
    if loc and loc.get("mock"):
        flags.append("mock_location")
    if outside:
        flags.append("outside_area")
    return flags


Ranges = list[list[int]]


def add_to_ranges(ranges: Iterable[Sequence[int]], seqs: Iterable[int]) -> Ranges:
    """Inclusive, sorted, joined ranges of the numbers in `ranges` and `seqs`."""
    spans = sorted([*((first, last) for first, last in ranges), *((seq, seq) for seq in seqs)])
    merged: Ranges = []
    for first, last in spans:
        if merged and first <= merged[-1][1] + 1:
            merged[-1][1] = max(merged[-1][1], last)
        else:
            merged.append([first, last])
    return merged


def gaps(ranges: Sequence[Sequence[int]]) -> Ranges:
    """What is missing from 1 up to the highest number seen, as inclusive ranges."""
    missing: Ranges = []
    expected = 1
    for first, last in ranges:
        if first > expected:
            missing.append([expected, first - 1])
        expected = last + 1
    return missing


def in_ranges(ranges: Sequence[Sequence[int]], seq: int) -> bool:
    """Whether `seq` was seen."""
    return any(first <= seq <= last for first, last in ranges)
